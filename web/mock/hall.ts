// Development only: an invented hall with enough behaviour to look at the pages. Not the rules.
import type { CallReason, DeskState, DeskWindow, Ticket, TicketState } from '../src/shared/api-types.ts';

const minute = 60_000;
export const ago = (minutes: number) => new Date(Date.now() - minutes * minute).toISOString();

const actionsOf: Record<TicketState, string[]> = {
  waiting: ['call', 'transfer', 'top', 'abandon'],
  called: ['recall', 'start', 'miss', 'park', 'transfer'],
  serving: ['recall', 'finish', 'park', 'transfer'],
  parked: ['resume', 'abandon'],
  missed: ['requeue', 'abandon'],
  done: [],
  abandoned: [],
  expired: [],
};

function ticket(number: string, line: string, state: TicketState, waited: number, matter: string | undefined, more: Partial<Ticket> = {}): Ticket {
  return {
    id: `t_dc_${number}`,
    number,
    line_id: `l_dc_${line}`,
    state,
    priority: 'ordinary',
    matter_names: matter ? [matter] : [],
    window_id: null,
    issued_at: ago(waited),
    waited_since: ago(waited),
    recall_count: 0,
    miss_count: 0,
    reason: null,
    actions: actionsOf[state],
    ...more,
  };
}

const windowOf = (number: number, purpose: DeskWindow['purpose'], lines: string[], more: Partial<DeskWindow> = {}): DeskWindow => ({
  id: `w_dc_${number}`,
  number,
  purpose,
  state: 'closed',
  text: null,
  line_ids: lines.map((line) => `l_dc_${line}`),
  staff_id: null,
  staff_name: null,
  serving: null,
  ...more,
});

const green: CallReason = { code: 'green', text: '绿色通道（残疾人）优先；前 2 次叫的都是普通号，没有超过 3 次里 1 次的限额' };

export const state: DeskState = {
  site: { id: 'demo-center', name: '白桦镇便民服务中心' },
  lines: [
    { id: 'l_dc_demo-line', name: '综合受理', prefix: 'A', waiting: 7, open: true, estimated_wait_s: 1500 },
    { id: 'l_dc_land', name: '建房土地', prefix: 'B', waiting: 2, open: true, estimated_wait_s: 900 },
    { id: 'l_dc_issue', name: '领取证照', prefix: 'C', waiting: 0, open: true, estimated_wait_s: 0 },
    { id: 'l_dc_bundle', name: '一件事', prefix: 'D', waiting: 0, open: true, estimated_wait_s: 0 },
    { id: 'l_dc_help', name: '帮办代办', prefix: 'E', waiting: 0, open: true, estimated_wait_s: 0 },
  ],
  windows: [
    windowOf(1, 'general', ['demo-line', 'land'], { state: 'open', staff_id: 's2', staff_name: '萨仁', serving: 't_dc_A016' }),
    windowOf(2, 'general', ['land'], { state: 'open', staff_id: 's3', staff_name: '张*宇', serving: 't_dc_B006' }),
    windowOf(3, 'general', ['demo-line', 'land']),
    windowOf(4, 'general', ['demo-line'], { state: 'open', staff_id: 's4', staff_name: '李*', serving: 't_dc_A015' }),
    windowOf(5, 'bundle', ['bundle', 'help'], { state: 'open', staff_id: 's5', staff_name: '包*兰', serving: 't_dc_E003' }),
    windowOf(6, 'issue', ['issue'], { state: 'open', staff_id: 's6', staff_name: '韩*英' }),
    windowOf(7, 'general', ['demo-line'], { state: 'paused', text: '10:55 回', staff_id: 's7', staff_name: '刘*' }),
    windowOf(8, 'general', ['demo-line']),
  ],
  tickets: [
    ticket('A015', 'demo-line', 'serving', 52, '特困人员供养认定', { window_id: 'w_dc_4', called_at: ago(39), started_at: ago(38) }),
    ticket('A016', 'demo-line', 'serving', 25, '社会保障卡申领', { window_id: 'w_dc_1', called_at: ago(12), started_at: ago(11) }),
    ticket('B006', 'land', 'serving', 22, '宅基地申请', { window_id: 'w_dc_2', called_at: ago(9), started_at: ago(8) }),
    ticket('E003', 'help', 'serving', 25, '帮办', { window_id: 'w_dc_5', called_at: ago(16), started_at: ago(14) }),
    ticket('A017', 'demo-line', 'waiting', 9, '困难残疾人生活补贴和重度残疾人护理补贴', { priority: 'green' }),
    ticket('A014', 'demo-line', 'waiting', 34, '城乡居民医保参保', { miss_count: 1 }),
    ticket('A018', 'demo-line', 'waiting', 12, '高龄津贴申领'),
    ticket('A019', 'demo-line', 'waiting', 11, '临时救助申请'),
    ticket('A020', 'demo-line', 'waiting', 8, undefined),
    ticket('A021', 'demo-line', 'waiting', 6, '灵活就业人员参保登记'),
    ticket('A022', 'demo-line', 'waiting', 3, '养老保险待遇资格认证', { priority: 'green' }),
    ticket('B007', 'land', 'waiting', 5, '乡村建设规划许可证核发（村民住宅）'),
    ticket('B008', 'land', 'waiting', 2, '土地承包经营权确权登记'),
    ticket('A009', 'demo-line', 'parked', 61, '最低生活保障对象认定'),
    ticket('A011', 'demo-line', 'missed', 48, '生育登记', { miss_count: 1 }),
    ticket('A012', 'demo-line', 'missed', 45, undefined, { miss_count: 1 }),
  ],
};

type Push = (event: Record<string, unknown>) => void;
let push: Push = () => undefined;
export const onPush = (to: Push) => (push = to);

export const findTicket = (id: string) => state.tickets.find((one) => one.id === id);
export const findWindow = (id: string) => state.windows.find((one) => one.id === id);

export function changeTicket(id: string, type: string, change: Partial<Ticket>): Ticket | undefined {
  const before = findTicket(id);
  if (!before) return undefined;
  const after = { ...before, ...change };
  after.actions = actionsOf[after.state];
  state.tickets = state.tickets.map((one) => (one.id === id ? after : one));
  const at = after.window_id ? findWindow(after.window_id) : undefined;
  const window = at && { ...at, serving: after.state === 'called' || after.state === 'serving' ? id : null };
  if (window) state.windows = state.windows.map((one) => (one.id === window.id ? window : one));
  state.lines = state.lines.map((line) => ({ ...line, waiting: state.tickets.filter((one) => one.line_id === line.id && one.state === 'waiting').length }));
  push({ type, ticket: after, window, lines: state.lines });
  return after;
}

export function changeWindow(id: string, type: string, change: Partial<DeskWindow>): DeskWindow | undefined {
  const before = findWindow(id);
  if (!before) return undefined;
  const after = { ...before, ...change };
  state.windows = state.windows.map((one) => (one.id === id ? after : one));
  push({ type, window: after });
  return after;
}

export function callNext(windowId: string): { ticket: Ticket | null; reason: CallReason | null } {
  const window = findWindow(windowId);
  const waiting = state.tickets.filter((one) => one.state === 'waiting' && window?.line_ids.includes(one.line_id));
  const chosen = waiting[0];
  if (!chosen) return { ticket: null, reason: null };
  const reason = chosen.priority === 'green' ? green : { code: 'oldest', text: '等得最久的普通号' };
  const ticket = changeTicket(chosen.id, 'ticket_called', { state: 'called', called_at: ago(0), window_id: windowId, reason }) ?? null;
  return { ticket, reason };
}
