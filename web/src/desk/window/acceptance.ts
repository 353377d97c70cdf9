// The steps of taking a case at the window. The case is registered by the first step that needs it;
// a step that failed can be tried again on the same case.
import { ref } from 'vue';
import { take } from '../../shared/client';
import type { Case, Ticket } from '../../shared/contract';
import { allows } from '../../shared/badges';
import { asProblem } from '../../shared/problem';
import { actOnCase, readCase } from '../acts';
import { sayProblem } from '../say';
import { api } from '../session';
import { ownOf, type Joint } from '../../shared/joint';
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
      // What came with an online application, or was put together in a draft, is taken in before the receipt is given.
      const body = { materials: visit.submissions(isTolerant), ...(!application && visit.form()) };
      await take(api.PATCH('/api/v1/cases/{case}', { params: { path: { case: id } }, body }));
      visit.record = await actOnCase(id, 'submit', application ? { ticket_id: visit.ticketId } : {});
    }
    return visit.record;
  }

  /** The cases of a bundle, opened as one; a step that failed half way goes on with those that are left. */
  async function registerJoint(visit: Visit, isTolerant: boolean): Promise<void> {
    visit.jointRecord ??= await take(api.POST('/api/v1/bundle-cases', { body: visit.bundleInput(siteId, isTolerant) }));
    visit.records = await Promise.all(visit.jointRecord.cases.map(({ case_id: id }) => readCase(id)));
    const taken = new Set<string>();
    for (const [index, one] of visit.records.entries()) {
      // Also of those that are through: what is shared was counted with the first.
      const materials = visit.ownSubmissions(one, isTolerant, taken);
      if (one.state !== 'draft') continue;
      const body = { materials, ...visit.ownForm(one) };
      await take(api.PATCH('/api/v1/cases/{case}', { params: { path: { case: one.id } }, body }));
      visit.records[index] = await actOnCase(one.id, 'submit', {});
    }
  }

  async function stepJoint(
    visit: Visit,
    isTolerant: boolean,
    each: (record: Case, joint: Joint) => Promise<Case>,
  ): Promise<Case | undefined> {
    const { joint } = visit;
    if (!joint) return undefined;
    await registerJoint(visit, isTolerant);
    for (const [index, one] of visit.records.entries()) {
      if (one.state === 'received') visit.records[index] = await each(one, joint);
    }
    const id = visit.jointRecord?.id ?? '';
    visit.jointRecord = await take(api.GET('/api/v1/bundle-cases/{bundle_case}', { params: { path: { bundle_case: id } } }));
    // While some of them still wait for a step, the visit goes on with those.
    return visit.records.find(({ state }) => state === 'received') ?? visit.records[0];
  }

  /** Somebody else moved it on: the case as it is now, beside what was typed. What cannot be read stays as it was. */
  async function renew(visit: Visit): Promise<void> {
    try {
      if (visit.jointRecord) visit.records = await Promise.all(visit.records.map(({ id }) => readCase(id)));
      else if (visit.record) visit.record = await readCase(visit.record.id);
    } catch {
      // The refusal has been said; the next step asks again.
    }
  }

  async function step(
    name: string,
    visit: Visit,
    ticket: Ticket,
    isTolerant: boolean,
    then: (record: Case) => Promise<Case>,
    each: (record: Case, joint: Joint) => Promise<Case> = then,
  ): Promise<Case | undefined> {
    if (busy.value) return undefined;
    busy.value = name;
    problem.value = '';
    try {
      await ensureServing(ticket);
      if (visit.joint) visit.record = await stepJoint(visit, isTolerant, each);
      else visit.record = await then(await register(visit, isTolerant));
      visit.refusal = undefined;
      return visit.record;
    } catch (error) {
      const refusal = asProblem(error);
      visit.refusal = refusal;
      visit.leaveAll();
      problem.value = refusal.fields.length && !visit.record ? `有 ${refusal.fields.length} 处要改` : refusal.message;
      sayProblem(refusal);
      if (refusal.status === 409) await renew(visit);
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
      step(
        'tolerant',
        visit,
        ticket,
        true,
        ({ id }) => actOnCase(id, 'accept-tolerant', { promised }),
        (one, joint) => {
          const own = ownOf(joint, one, promised);
          return own.length ? actOnCase(one.id, 'accept-tolerant', { promised: own }) : actOnCase(one.id, 'accept');
        },
      ),
    giveNotice: (visit: Visit, ticket: Ticket, items: NoticeItem[]) =>
      step(
        'notice',
        visit,
        ticket,
        false,
        ({ id }) => actOnCase(id, 'request-correction', { items }),
        (one, joint) => {
          // What concerns no material stands with the first.
          const others = one === visit.records[0] ? items.filter(({ material_id: id }) => !id) : [];
          const own = [...ownOf(joint, one, items), ...others];
          return own.length ? actOnCase(one.id, 'request-correction', { items: own }) : actOnCase(one.id, 'accept');
        },
      ),
    /** Of several matters taken as one, only those named are proposed; the others wait for their own step. */
    proposeRefusal: (visit: Visit, ticket: Ticket, reasonCode: string, text: string, matters: readonly string[]) => {
      const propose = ({ id }: Case) => actOnCase(id, 'propose-refusal', { reason_code: reasonCode, text });
      return step('refusal', visit, ticket, false, propose, (one) =>
        matters.includes(one.matter_id) ? propose(one) : Promise.resolve(one),
      );
    },
    decide: (visit: Visit, ticket: Ticket) =>
      step('decide', visit, ticket, false, ({ id }) => actOnCase(id, 'decide-instant', { opinion: '材料齐全，符合条件，当场办结' })),
  };
}
