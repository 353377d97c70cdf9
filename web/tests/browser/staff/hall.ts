// A hall in the middle of its morning as the desk's feed tells it, empty or busy, with somebody at window 1 or nobody.
import type { DeskState, DeskWindow, Ticket } from '../../../src/shared/contract';
import type { Filler, Schemas } from '../contract';
import { ago, lines, matters, people, places } from '../words';

/** Who sits at window 1: the person whose pages are looked at. */
export const ME = 'p0';
type DeskTicket = Schemas['DeskTicket'];
/** How far the visit at window 1 is; `away` is nobody's window yet. */
export type Visit = 'away' | 'free' | 'called' | 'serving';

const actions: Partial<Record<Ticket['state'], readonly string[]>> = {
  waiting: ['top', 'transfer', 'abandon'],
  called: ['start', 'recall', 'miss', 'put-back', 'transfer', 'abandon'],
  serving: ['finish', 'park', 'transfer', 'put-back', 'abandon', 'add-item'],
  parked: ['resume', 'transfer', 'abandon'],
  missed: ['requeue', 'abandon'],
};

function ticketAt(filler: Filler, at: number, state: Ticket['state'], minutes: number, more: Partial<DeskTicket> = {}): DeskTicket {
  return {
    ...filler.one('DeskTicket', at),
    id: `t${at}`,
    number: `A${String(17 + at).padStart(3, '0')}`,
    line_id: 'l0',
    line_name: lines[0] as string,
    state,
    priority: at % 4 === 3 ? 'green' : 'ordinary',
    issued_at: ago(minutes),
    waited_since: ago(minutes),
    called_at: state === 'waiting' ? null : ago(3),
    started_at: state === 'serving' ? ago(2) : null,
    window_id: null,
    window_number: null,
    for_window_id: null,
    matter_ids: [`m${at % matters.length}`],
    matter_names: [matters[at % matters.length] as string],
    items: [{ line_id: 'l0', matter_id: `m${at % matters.length}`, outcome: null }],
    miss_count: state === 'missed' ? 1 : 0,
    recall_count: 0,
    set_aside: null,
    carried: false,
    topped: false,
    walk_in: false,
    outcome: null,
    expired_cause: null,
    actions: [...(actions[state] ?? [])],
    ...more,
  };
}

function windowAt(at: number, more: Partial<DeskWindow> = {}): DeskWindow {
  return {
    id: `w${at}`,
    number: at + 1,
    purpose: (['general', 'issue', 'general', 'bundle', 'assist', 'green'] as const)[at % 6] ?? 'general',
    state: 'closed',
    line_ids: ['l0', 'l2'],
    serving: null,
    since: null,
    staff_id: null,
    staff_name: null,
    help: null,
    help_by_name: null,
    text: null,
    ...more,
  };
}

export function hallOf(filler: Filler, visit: Visit, bare: boolean): DeskState {
  const mine = visit === 'called' || visit === 'serving';
  const reason = {
    code: 'longest_waiting',
    figures: {},
    text: '等得最久：普通号里他等了 41 分钟；绿色通道前 3 个号里已经有 1 个。',
  } as DeskTicket['reason'];
  const own = mine ? [ticketAt(filler, 0, visit, 41, { window_id: 'w0', window_number: 1, reason })] : [];
  const others = [
    ...[52, 38, 31, 24, 17, 12, 8, 5, 2].map((minutes, at) => ticketAt(filler, at + 1, 'waiting', minutes)),
    ticketAt(filler, 10, 'serving', 70, { window_id: 'w2', window_number: 3, started_at: ago(44) }),
    ticketAt(filler, 11, 'parked', 80, {
      set_aside: { reason: '去对面银行取流水单，还要回来补一张户口簿复印件', since: ago(26), reminded_at: ago(2), remind_at: ago(2) },
    }),
    ticketAt(filler, 12, 'missed', 66, { set_aside: { reason: '没人应', since: ago(9), reminded_at: null, remind_at: null } }),
  ];
  const busy = (at: number, more: Partial<DeskWindow>) =>
    windowAt(at, { state: 'open', staff_id: `p${at}`, staff_name: people[at % people.length] ?? null, since: ago(50), ...more });
  return {
    site: { id: 's0', name: places[0] as string },
    lines: lines.map((name, at) => ({
      ...filler.one('LineView', at),
      id: `l${at}`,
      name,
      prefix: ['A', 'B', 'C', 'Z'][at] as string,
      waiting: bare ? 0 : ([9, 2, 0, 14][at] as number),
      open: at !== 2,
      stopped_text: !bare && at === 2 ? '医保系统升级，下午两点恢复取号；急用的请到 3 号窗口先登记' : null,
    })),
    windows: [
      visit === 'away' ? windowAt(0) : busy(0, { serving: mine ? 't0' : null }),
      windowAt(1),
      ...(bare
        ? [windowAt(2), windowAt(3)]
        : [
            busy(2, {
              serving: 't10',
              help: {
                staff_id: 'p2',
                since: ago(4),
                reason: '群众情绪激动，请来一下；他要的是去年已经停办的老政策',
                acknowledged_at: null,
                acknowledged_by: null,
              },
            }),
            busy(3, { state: 'paused', text: '去档案室取底册，10:55 回' }),
            windowAt(4),
            busy(5, {}),
          ]),
    ],
    tickets: bare ? own : [...own, ...others],
    serving: {
      recall_max: 3,
      recall_cooldown_s: 0,
      miss_reasons: ['没人应', '人走开了'],
      park_reasons: [
        { text: '去复印', remind_after_s: 600 },
        { text: '去银行取流水', remind_after_s: 1200 },
      ],
      help_reasons: ['群众情绪激动', '系统用不了'],
      park_reminder_s: 900,
      goals: { average_wait_s: 1200, longest_wait_s: 1800, service_s: 1500, satisfaction_percent: 95 },
    },
  };
}

type Summary = Schemas['CaseSummary'];
/** What an approver has: own work, the group's, refusals to confirm, clocks that stand. */
export function worklist(filler: Filler): Summary[] {
  const row = (at: number, more: Partial<Summary>): Summary => ({
    ...filler.one('CaseSummary', at),
    id: `c${at}`,
    number: `152301-2026-000${123 + at}`,
    matter_name: matters[at % matters.length] as string,
    applicant_name: '欧阳㐂𠮷·买***力',
    state: 'in_review',
    level: 'none',
    claimed_by: ME,
    mine: true,
    acting_for: null,
    step_name: null,
    missing_year: null,
    due_at: `2026-11-${25 + at}T18:00:00+08:00`,
    days_left: at + 1,
    actions: ['approve', 'deny'],
    ...more,
  });
  return [
    row(0, { level: 'red', days_left: -2, due_at: '2026-11-20T18:00:00+08:00', acting_for: '孟克巴特尔' }),
    row(1, { level: 'notice', days_left: 0, due_at: '2026-11-24T18:00:00+08:00' }),
    row(2, { step_name: '现场核查（林草局和综合执法局一起）' }),
    row(3, { due_at: null, days_left: null, missing_year: 2027 }),
    ...[4, 5].map((at) => row(at, { state: 'accepted', claimed_by: null, mine: false, actions: ['claim'] })),
    row(6, { state: 'refusal_proposed', mine: false, actions: ['confirm-refusal', 'overturn-refusal'] }),
    row(7, { state: 'suspended', actions: ['resume'] }),
  ];
}

/** Decisions whose document is still to be made. */
export function decided(filler: Filler): Summary[] {
  return [0, 1, 2, 3].map((at) => ({
    ...filler.one('CaseSummary', at),
    id: `c${at}`,
    number: `152301-2026-000${123 + at}`,
    matter_name: matters[at % matters.length] as string,
    applicant_name: people[at % people.length] as string,
    state: 'decided',
    actions: [at === 2 ? 'decision-notice' : 'certificate'],
  }));
}

/** One case of the worklist in full. */
export function caseOf(filler: Filler, id: string): Schemas['CaseView'] {
  const at = Number(id.slice(1)) || 0;
  const summary = worklist(filler)[at];
  const made = filler.one('CaseView', at);
  const days = Array.from({ length: 14 }, (_, day) => {
    const date = new Date(Date.UTC(2026, 10, 12 + day)).toISOString().slice(0, 10);
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
    const counts = day > 0 && weekday > 0 && weekday < 6;
    const off = day === 0 ? '受理当日不计，自次日起算（民法典第二百零一条）' : '周末，不计（行政许可法第八十二条）';
    return { date, counts, why: counts ? `第 ${day} 个工作日` : off };
  });
  const clock = summary?.due_at
    ? {
        ...(made.clock as NonNullable<typeof made.clock>),
        kind: 'decision',
        name: '办结',
        article: '行政许可法第四十二条',
        ended_at: null,
        budget: 10,
        spent: 8,
        overdue: 0,
        level: summary.level,
        due_at: summary.due_at,
        missing_year: null,
        statutory_missing_year: null,
        stopped: false,
        suspensions: [],
        days,
      }
    : null;
  return {
    ...made,
    id,
    number: summary?.number ?? made.number,
    state: summary?.state ?? 'in_review',
    matter_name: summary?.matter_name ?? made.matter_name,
    actions: [
      ...(summary?.actions ?? []),
      ...(summary?.mine && summary.state === 'in_review' ? ['suspend', 'extend', 'return', 'delegate', 'release'] : []),
    ],
    acting_for: summary?.acting_for ?? null,
    decision: null,
    closed_as: null,
    application: null,
    bundle_case_id: at === 1 ? 'b0' : null,
    new_term: null,
    reuse: null,
    refusal:
      summary?.state === 'refusal_proposed'
        ? { reason_code: 'not_required', text: '依法不用办：他要的是村集体自己定的事。', proposed_by_name: '李红' }
        : null,
    step_returned_text: null,
    approval: summary?.step_name
      ? made.approval.map((stage, place) => ({ ...stage, standing: ['done', 'now', 'later'][place] ?? 'later' }))
      : [],
    clock,
    clocks: clock ? [clock] : [],
  };
}
