// What the keeper's page asks for: the hall as its clerks see it while the line is cut. Knows no page.
import { call, freshKey, problemOf, type Problem } from '../shared/public-http';

/** How the keeper is; told to everybody in the hall. */
export interface KeeperState {
  readonly is_keeper: boolean;
  readonly is_deciding: boolean;
  readonly online: boolean;
  readonly unsent: number;
  readonly series: string;
  readonly trouble: 'clock_wrong' | 'disk_full' | 'journal_damaged' | null;
  readonly site_id: string;
  readonly site_name: string;
}

export interface Clerk {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly site_id: string;
  readonly operates: boolean;
  readonly supervises: boolean;
  readonly issues: boolean;
}

export interface HallLine {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly waiting: number;
  readonly open: boolean;
  readonly stopped_text: string | null;
}

export interface HallWindow {
  readonly id: string;
  readonly number: number;
  readonly state: 'closed' | 'open' | 'paused';
  readonly text: string | null;
  readonly line_ids: readonly string[];
  readonly staff_id: string | null;
  readonly serving: string | null;
}

export type TicketAction = 'recall' | 'start' | 'finish' | 'miss' | 'park' | 'resume' | 'requeue' | 'transfer' | 'abandon';

export interface HallTicket {
  readonly id: string;
  readonly number: string;
  readonly line_id: string;
  readonly line_name: string;
  readonly state: 'waiting' | 'called' | 'serving' | 'parked' | 'missed' | 'done' | 'abandoned' | 'expired';
  readonly priority: 'ordinary' | 'green';
  readonly issued_at: string;
  readonly waited_since: string | null;
  readonly window_id: string | null;
  readonly called_at: string | null;
  readonly started_at: string | null;
  readonly recall_count: number;
  readonly actions: readonly string[];
  /** Left to the keeper before: nobody calls it here. */
  readonly left: boolean;
}

export interface Hall {
  readonly lines: readonly HallLine[];
  readonly windows: readonly HallWindow[];
  readonly tickets: readonly HallTicket[];
}

export const outcomes = [
  { value: 'accepted', word: '受理' },
  { value: 'collected', word: '领证' },
  { value: 'consulted', word: '咨询' },
  { value: 'wrong_line', word: '取错事项' },
  { value: 'other', word: '其他' },
] as const;

export type VisitOutcome = (typeof outcomes)[number]['value'];

interface List<T> {
  readonly items: readonly T[];
}

const API = '/api/v1';

export function readState(): Promise<KeeperState> {
  return call<KeeperState>('/keeper/state', { asDevice: false });
}

export async function whoIsHere(): Promise<Clerk | null> {
  try {
    return (await call<{ staff: Clerk }>(`${API}/sessions/current`, { asDevice: false })).staff;
  } catch (error) {
    if (problemOf(error).status === 401) return null;
    throw error;
  }
}

export async function signIn(username: string, pin: string): Promise<Clerk> {
  const body = { username, pin };
  return (await call<{ staff: Clerk }>(`${API}/sessions`, { method: 'POST', body, asDevice: false })).staff;
}

export async function signOut(): Promise<void> {
  await call(`${API}/sessions/current`, { method: 'DELETE', asDevice: false });
}

export async function readHall(site: string): Promise<Hall> {
  const list = <T>(path: string): Promise<List<T>> => call<List<T>>(`${API}/sites/${site}/${path}`, { asDevice: false });
  const [lines, windows, tickets] = await Promise.all([list<HallLine>('lines'), list<HallWindow>('windows'), list<HallTicket>('tickets')]);
  return { lines: lines.items, windows: windows.items, tickets: tickets.items };
}

/** One wish; the same key for every try, so that a try whose answer was lost is not done twice. */
export async function wish<T>(path: string, body: unknown): Promise<T> {
  const key = freshKey();
  try {
    return await call<T>(`${API}${path}`, { method: 'POST', body, key, asDevice: false });
  } catch (error) {
    if (problemOf(error).code !== 'no_answer') throw error;
    return call<T>(`${API}${path}`, { method: 'POST', body, key, asDevice: false });
  }
}

export function onTicket(ticket: HallTicket, action: TicketAction, body: Record<string, unknown> = {}): Promise<HallTicket> {
  return wish<HallTicket>(`/tickets/${ticket.id}/${action}`, body);
}

export function onWindow(window: HallWindow, action: 'open' | 'pause' | 'close'): Promise<HallWindow> {
  return wish<HallWindow>(`/windows/${window.id}/${action}`, {});
}

export function callNext(window: HallWindow): Promise<{ ticket: HallTicket | null }> {
  return wish<{ ticket: HallTicket | null }>(`/windows/${window.id}/call-next`, {});
}

/** A new number here for whoever holds one that is left to the keeper before. */
export function exchange(ticket: HallTicket): Promise<HallTicket> {
  return wish<HallTicket>(`/tickets/${ticket.id}/exchange`, {});
}

export function takeNumber(site: string, line: HallLine, priority: 'ordinary' | 'green'): Promise<HallTicket> {
  return wish<HallTicket>(`/sites/${site}/tickets`, { line_id: line.id, priority });
}

/** Why something was not done, in one sentence. */
export function sentence(problem: Problem): string {
  const first = problem.errors?.[0]?.message;
  if (first !== undefined) return first;
  if (problem.code === 'no_answer') return '守门机没有回答，请再试一次';
  return problem.detail ?? problem.title ?? '没有办成，请再试一次';
}

export const troubleWords: Record<NonNullable<KeeperState['trouble']>, string> = {
  clock_wrong: '守门机的时钟不对，请叫管理员校准；已经发出去的号还有效',
  disk_full: '守门机的磁盘写不进去，不能再叫号取号，请叫管理员；已经发出去的号还有效',
  journal_damaged: '守门机的存档坏过，旧的已另存，请叫管理员；已经发出去的号还有效',
};

/** Who waits for a window, in order of issue: the order of calls is the keeper's, this list is only to look at. */
export function queueOf(hall: Hall, window: HallWindow): readonly HallTicket[] {
  const here = (ticket: HallTicket): boolean => !ticket.left && ticket.state === 'waiting' && window.line_ids.includes(ticket.line_id);
  return hall.tickets.filter(here).sort((one, other) => one.issued_at.localeCompare(other.issued_at));
}

/** Tickets that were set aside and come back by hand. */
export function asideOf(hall: Hall, window: HallWindow): readonly HallTicket[] {
  return hall.tickets.filter(
    (ticket) => !ticket.left && (ticket.state === 'parked' || ticket.state === 'missed') && window.line_ids.includes(ticket.line_id),
  );
}

/** Numbers that are left to the keeper before, in order of issue. */
export function leftOf(hall: Hall): readonly HallTicket[] {
  const idle = (ticket: HallTicket): boolean => ticket.left && ['waiting', 'parked', 'missed'].includes(ticket.state);
  return hall.tickets.filter(idle).sort((one, other) => one.issued_at.localeCompare(other.issued_at));
}

export function clock(at: string | null): string {
  return at === null ? '' : at.slice(11, 16);
}
