// What a clerk does with tickets and the window, one call each; says what went wrong and keeps going.
import { ref } from 'vue';
import { take } from '../../shared/api';
import type { Outcome, Ticket } from '../../shared/api-types';
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
  const of = (ticket: string) => ({ params: { path: { ticket } } });

  async function shown(call: Promise<Ticket>): Promise<Ticket> {
    const ticket = await call;
    hall.show(ticket);
    return ticket;
  }

  return {
    busy,
    run,
    open: (window: string, lineIds?: string[]) =>
      run('open', () => take(api.POST('/api/v1/windows/{window}/open', { ...at(window), body: lineIds ? { line_ids: lineIds } : {} }))),
    pause: (window: string, text: string) =>
      run('pause', () => take(api.POST('/api/v1/windows/{window}/pause', { ...at(window), body: text ? { text } : {} }))),
    close: (window: string) => run('close', () => take(api.POST('/api/v1/windows/{window}/close', { ...at(window), body: {} }))),
    callNext: (window: string) => run('next', () => take(api.POST('/api/v1/windows/{window}/call-next', { ...at(window), body: {} }))),
    call: (window: string, ticketId: string, reason: string) =>
      run('call', () => take(api.POST('/api/v1/windows/{window}/call', { ...at(window), body: { ticket_id: ticketId, reason } }))),
    walkIn: (window: string, lineId: string) =>
      run('walk-in', () => take(api.POST('/api/v1/windows/{window}/walk-in', { ...at(window), body: { line_id: lineId } }))),
    recall: (ticket: string) => run('recall', () => shown(take(api.POST('/api/v1/tickets/{ticket}/recall', { ...of(ticket), body: {} })))),
    start: (ticket: string) => run('start', () => shown(take(api.POST('/api/v1/tickets/{ticket}/start', { ...of(ticket), body: {} })))),
    miss: (ticket: string) => run('miss', () => shown(take(api.POST('/api/v1/tickets/{ticket}/miss', { ...of(ticket), body: {} })))),
    park: (ticket: string) => run('park', () => shown(take(api.POST('/api/v1/tickets/{ticket}/park', { ...of(ticket), body: {} })))),
    resume: (ticket: string) => run('resume', () => shown(take(api.POST('/api/v1/tickets/{ticket}/resume', { ...of(ticket), body: {} })))),
    requeue: (ticket: string) =>
      run('requeue', () => shown(take(api.POST('/api/v1/tickets/{ticket}/requeue', { ...of(ticket), body: {} })))),
    transfer: (ticket: string, to: TransferTo) =>
      run('transfer', () => shown(take(api.POST('/api/v1/tickets/{ticket}/transfer', { ...of(ticket), body: to })))),
    finish: (ticket: string, outcome: Outcome) =>
      run('finish', () => shown(take(api.POST('/api/v1/tickets/{ticket}/finish', { ...of(ticket), body: { outcome } })))),
    top: (ticket: string, reason: string) =>
      run('top', () => shown(take(api.POST('/api/v1/tickets/{ticket}/top', { ...of(ticket), body: { reason } })))),
    untop: (ticket: string) => run('untop', () => shown(take(api.POST('/api/v1/tickets/{ticket}/untop', { ...of(ticket), body: {} })))),
    abandon: (ticket: string) =>
      run('abandon', () => shown(take(api.POST('/api/v1/tickets/{ticket}/abandon', { ...of(ticket), body: {} })))),
  };
}

export type WindowWork = ReturnType<typeof useWindowWork>;
