// What a clerk does with tickets and the window, one call each; says what went wrong and keeps going.
import { ref } from 'vue';
import { take } from '../../shared/client';
import type { ItemOutcome, Outcome, TicketAction, TicketActionBody } from '../../shared/contract';
import type { Hall } from '../hall-state';
import { sayProblem } from '../say';
import { api } from '../session';
import type { TransferTo } from './TransferDialog.vue';

export function useWindowWork(hall: Hall) {
  const busy = ref<string>();

  /** Runs one action at a time; answers whether it was done. */
  async function run<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined;
    busy.value = name;
    try {
      return await work();
    } catch (error) {
      sayProblem(error);
      return undefined;
    } finally {
      busy.value = undefined;
    }
  }

  const at = (window: string) => ({ params: { path: { window } } });

  /** Does something with a ticket and shows what came of it at once. */
  const act = (action: TicketAction, ticket: string, body: TicketActionBody = {}) =>
    run(action, async () => {
      const answer = await take(api.POST('/api/v1/tickets/{ticket}/{action}', { params: { path: { ticket, action } }, body }));
      hall.show(answer);
      return answer;
    });

  return {
    busy,
    run,
    open: (window: string, lineIds?: string[]) =>
      run('open', () => take(api.POST('/api/v1/windows/{window}/open', { ...at(window), body: lineIds ? { line_ids: lineIds } : {} }))),
    pause: (window: string, text: string, reason?: string) =>
      run('pause', () => take(api.POST('/api/v1/windows/{window}/pause', { ...at(window), body: { ...(text && { text }), reason } }))),
    close: (window: string, reason?: string) =>
      run('close', () => take(api.POST('/api/v1/windows/{window}/close', { ...at(window), body: { reason } }))),
    takeOver: (window: string, reason: string) =>
      run('open', () => take(api.POST('/api/v1/windows/{window}/take-over', { ...at(window), body: { reason } }))),
    help: (window: string, reason?: string) =>
      run('help', () => take(api.POST('/api/v1/windows/{window}/help', { ...at(window), body: { reason } }))),
    acknowledgeHelp: (window: string) =>
      run('help', () => take(api.POST('/api/v1/windows/{window}/acknowledge-help', { ...at(window), body: {} }))),
    resolveHelp: (window: string) =>
      run('help', () => take(api.POST('/api/v1/windows/{window}/resolve-help', { ...at(window), body: {} }))),
    callNext: (window: string) => run('next', () => take(api.POST('/api/v1/windows/{window}/call-next', { ...at(window), body: {} }))),
    call: (window: string, ticketId: string, reason: string) =>
      run('call', () => take(api.POST('/api/v1/windows/{window}/call', { ...at(window), body: { ticket_id: ticketId, reason } }))),
    walkIn: (window: string, lineId: string) =>
      run('walk-in', () => take(api.POST('/api/v1/windows/{window}/walk-in', { ...at(window), body: { line_id: lineId } }))),
    recall: (ticket: string, reason?: string) => act('recall', ticket, { reason }),
    start: (ticket: string, reason?: string) => act('start', ticket, { reason }),
    miss: (ticket: string, reason?: string) => act('miss', ticket, { reason }),
    park: (ticket: string, reason?: string) => act('park', ticket, { reason }),
    putBack: (ticket: string, reason: string) => act('put-back', ticket, { reason }),
    addMatter: (ticket: string, matterId: string) => act('add-item', ticket, { matter_id: matterId }),
    settle: (ticket: string, item: number, outcome: Outcome) => act('settle-item', ticket, { item, outcome }),
    resume: (ticket: string) => act('resume', ticket),
    requeue: (ticket: string) => act('requeue', ticket),
    transfer: (ticket: string, to: TransferTo, reason?: string) => act('transfer', ticket, { ...to, reason: reason ?? to.reason }),
    finish: (ticket: string, outcomes: ItemOutcome[], reason?: string) => act('finish', ticket, { outcomes, reason }),
    /** A visit about one thing. */
    finishAs: (ticket: string, outcome: Outcome) => act('finish', ticket, { outcome }),
    top: (ticket: string, reason: string) => act('top', ticket, { reason }),
    untop: (ticket: string) => act('untop', ticket),
    abandon: (ticket: string, reason?: string) => act('abandon', ticket, { reason }),
  };
}

export type WindowWork = ReturnType<typeof useWindowWork>;
