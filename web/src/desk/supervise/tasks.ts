// What needs the supervisor now, from the live hall, the alerts and the devices. Gone when it is done.
import type { Alert, DeskState, DeskWindow, Device, Ticket } from '../../shared/contract';
import { levelName } from '../../shared/badges';
import { clockTime, minutes } from '../../shared/format';
import { purposeOf, waitsSince } from '../../shared/tickets';
import type { IconName } from '../../shared/icons';

export interface Task {
  key: string;
  tone: 'd' | 'w' | 'n';
  icon: IconName;
  title: string;
  note: string;
  ticket?: Ticket;
  /** A window that calls for somebody. */
  help?: DeskWindow;
  /** A window to look after. */
  window?: DeskWindow;
  /** A case to look at. */
  caseId?: string;
  /** The page on which it is done. */
  to?: string;
}

/** Whether minutes have reached a limit in seconds; without a limit nothing has. */
export const isOver = (value: number, limitS: number | undefined) => limitS !== undefined && value * 60 >= limitS;
export const waitedMinutes = (ticket: Ticket, now: number) => minutes(now - waitsSince(ticket));

interface Trouble {
  word: string;
  tone: Task['tone'];
  icon: IconName;
}

/** What is wrong with a device, in words; `undefined` while all is well. A pad is a page: it has no session of its own. */
export function deviceTrouble({ kind, online, printer, revoked_at: revoked }: Device): Trouble | undefined {
  if (revoked || kind === 'pad') return undefined;
  if (!online) return { word: '断开', tone: 'd', icon: 'nowifi' };
  if (!printer) return undefined;
  if (!printer.online) return { word: '打印机不通', tone: 'd', icon: 'printer' };
  if (printer.cover_open) return { word: '盖子开着', tone: 'd', icon: 'printer' };
  if (printer.paper === 'out') return { word: '缺纸', tone: 'd', icon: 'printer' };
  if (printer.error) return { word: '出错', tone: 'd', icon: 'printer' };
  return printer.paper === 'near_end' ? { word: '纸快没了', tone: 'w', icon: 'printer' } : undefined;
}

export function tasksOf(state: DeskState | undefined, alerts: Alert[], devices: Device[], now: number): Task[] {
  const tasks: Task[] = [];
  const goals = state?.serving.goals;
  for (const ticket of state?.tickets ?? []) {
    const waited = waitedMinutes(ticket, now);
    if (ticket.state === 'waiting' && isOver(waited, goals?.longest_wait_s)) {
      tasks.push({
        key: ticket.id,
        tone: 'd',
        icon: 'alert',
        title: `${ticket.number} 等了 ${waited} 分钟`,
        note: ticket.miss_count ? '过号后归队' : purposeOf(ticket),
        ticket,
      });
    }
    const called = ticket.state === 'called' && ticket.called_at ? minutes(now - Date.parse(ticket.called_at)) : 0;
    if (isOver(called, goals?.service_s)) {
      const at = state?.windows.find((one) => one.id === ticket.window_id);
      tasks.push({
        key: `c-${ticket.id}`,
        tone: 'w',
        icon: 'clock',
        window: at,
        title: `${at?.number ?? ''} 号窗口叫了 ${ticket.number}，${called} 分钟没开始`,
        note: '没来的按过号，忘了按的替他开始',
      });
    }
    const served = ticket.started_at ? minutes(now - Date.parse(ticket.started_at)) : 0;
    if (ticket.state === 'serving' && isOver(served, goals?.service_s)) {
      const at = state?.windows.find((one) => one.id === ticket.window_id);
      tasks.push({
        key: `s-${ticket.id}`,
        tone: 'w',
        icon: 'clock',
        window: at,
        title: `${at?.number ?? ''} 号窗口一件办了 ${served} 分钟`,
        note: `${ticket.number} · ${ticket.matter_names?.join('、') ?? ''}`,
      });
    }
  }
  for (const ticket of state?.tickets ?? []) {
    if (ticket.state !== 'parked' || !ticket.set_aside?.reminded_at) continue;
    tasks.push({
      key: `p-${ticket.id}`,
      tone: 'w',
      icon: 'bell',
      title: `${ticket.number} 挂起 ${minutes(now - Date.parse(ticket.set_aside.since))} 分钟了`,
      note: ticket.set_aside.reason || '没写原因',
    });
  }
  for (const window of state?.windows ?? []) {
    if (window.help) {
      const coming = window.help.acknowledged_at;
      tasks.push({
        key: `h-${window.id}`,
        tone: coming ? 'w' : 'd',
        icon: 'bell',
        title: coming ? `${window.number} 号窗口，${window.help_by_name ?? '主管'} 正过去` : `${window.number} 号窗口叫主管`,
        note: window.help.reason || `${window.staff_name ?? ''} · ${clockTime(window.help.since)}`,
        help: window,
      });
    }
    if (window.state === 'paused')
      tasks.push({
        key: window.id,
        tone: 'w',
        icon: 'pause',
        window,
        title: `${window.number} 号窗口停着`,
        note: window.text ? `写的是「${window.text}」` : (window.staff_name ?? ''),
      });
  }
  for (const device of devices) {
    const trouble = deviceTrouble(device);
    if (trouble)
      tasks.push({
        key: device.id,
        tone: trouble.tone,
        icon: trouble.icon,
        title: `${device.name}${trouble.word}`,
        note: device.seen_at ? `最后在线 ${clockTime(device.seen_at)}` : '',
      });
  }
  for (const alert of alerts) {
    const tone = { notice: 'n', yellow: 'w', red: 'd' }[levelName(alert.level) ?? 'yellow'] as Task['tone'];
    const about = alert.evaluation_id ?? alert.complaint_id;
    const task: Task = { key: alert.id, tone, icon: tone === 'n' ? 'bell' : 'card', title: alert.text, note: clockTime(alert.at) };
    const to = about
      ? `/evaluations?id=${about}`
      : alert.appointment_id
        ? `/guide-desk?appointment=${alert.appointment_id}`
        : alert.staff_id
          ? '/people?tab=people'
          : undefined;
    const at = state?.windows.find((one) => one.serving !== null && one.serving === alert.ticket_id);
    const caseId = alert.case_id ?? undefined;
    tasks.push(to ? { ...task, to } : at ? { ...task, window: at } : caseId ? { ...task, caseId } : task);
  }
  const rank = { d: 0, w: 1, n: 2 };
  return tasks.sort((a, b) => rank[a.tone] - rank[b.tone] || Number(Boolean(b.help)) - Number(Boolean(a.help)));
}
