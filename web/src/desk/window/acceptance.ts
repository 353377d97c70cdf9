// The steps of taking a case at the window. The case is registered by the first step that needs it;
// a step that failed can be tried again on the same case.
import { ref } from 'vue';
import { take } from '../../shared/client';
import type { Case, Ticket } from '../../shared/contract';
import { allows } from '../../shared/badges';
import { asProblem } from '../../shared/problem';
import { actOnCase } from '../acts';
import { sayProblem } from '../say';
import { api } from '../session';
import type { NoticeItem } from './NoticeDialog.vue';
import type { Visit } from './visit';
import type { WindowWork } from './work';

export function useAcceptance(siteId: string, work: WindowWork) {
  const busy = ref<string>();
  const problem = ref('');

  /** A called person whose case is taken is being served. */
  async function ensureServing(ticket: Ticket): Promise<void> {
    if (ticket.state === 'called' && allows(ticket.actions, 'start')) await work.start(ticket.id);
  }

  async function register(visit: Visit, isTolerant: boolean): Promise<Case> {
    visit.record ??= await take(api.POST('/api/v1/cases', { body: visit.input(siteId, isTolerant) }));
    if (visit.record.state === 'draft' && allows(visit.record.actions, 'submit')) {
      const { id, application } = visit.record;
      if (application) {
        // What came with an online application is taken in before its receipt is given.
        const materials = visit.submissions(isTolerant);
        await take(api.PATCH('/api/v1/cases/{case}', { params: { path: { case: id } }, body: { materials } }));
      }
      visit.record = await actOnCase(id, 'submit', application ? { ticket_id: visit.ticketId } : {});
    }
    return visit.record;
  }

  async function step(
    name: string,
    visit: Visit,
    ticket: Ticket,
    isTolerant: boolean,
    then: (record: Case) => Promise<Case>,
  ): Promise<Case | undefined> {
    if (busy.value) return undefined;
    busy.value = name;
    problem.value = '';
    try {
      await ensureServing(ticket);
      const registered = await register(visit, isTolerant);
      visit.record = await then(registered);
      visit.refusal = undefined;
      return visit.record;
    } catch (error) {
      const refusal = asProblem(error);
      visit.refusal = refusal;
      visit.leaveAll();
      problem.value = refusal.fields.length && !visit.record ? `有 ${refusal.fields.length} 处要改` : refusal.message;
      sayProblem(refusal);
      return undefined;
    } finally {
      busy.value = undefined;
    }
  }

  return {
    busy,
    problem,
    accept: (visit: Visit, ticket: Ticket) => step('accept', visit, ticket, false, ({ id }) => actOnCase(id, 'accept')),
    acceptTolerant: (visit: Visit, ticket: Ticket, promised: { material_id: string; due: string }[]) =>
      step('tolerant', visit, ticket, true, ({ id }) => actOnCase(id, 'accept-tolerant', { promised })),
    giveNotice: (visit: Visit, ticket: Ticket, items: NoticeItem[]) =>
      step('notice', visit, ticket, false, ({ id }) => actOnCase(id, 'request-correction', { items })),
    proposeRefusal: (visit: Visit, ticket: Ticket, reasonCode: string, text: string) =>
      step('refusal', visit, ticket, false, ({ id }) => actOnCase(id, 'propose-refusal', { reason_code: reasonCode, text })),
    decide: (visit: Visit, ticket: Ticket) =>
      step('decide', visit, ticket, false, ({ id }) => actOnCase(id, 'decide-instant', { opinion: '材料齐全，符合条件，当场办结' })),
  };
}
