// How states look: colour, icon and word, always all three.
import type { CaseState, ClosedAs, Custody, Decision, Level, SubmissionStatus, TicketState, Upload } from './contract';
import type { IconName } from './icons';

/** `x` outline, `p` soft primary, `P` solid primary, `n` blue, `w` amber, `W` solid yellow, `d` soft red, `D` solid red, `ok` green, `k` solid dark, `g` grey. */
export type Tone = 'x' | 'p' | 'P' | 'n' | 'w' | 'W' | 'd' | 'D' | 'ok' | 'k' | 'g';

export interface Mark {
  tone: Tone;
  icon: IconName;
  word: string;
}

export const ticketMarks: Record<TicketState, Mark> = {
  waiting: { tone: 'x', icon: 'clock', word: '等候' },
  called: { tone: 'P', icon: 'mega', word: '请过来' },
  serving: { tone: 'p', icon: 'play', word: '办理中' },
  parked: { tone: 'g', icon: 'pause', word: '挂起' },
  missed: { tone: 'w', icon: 'undo', word: '过号' },
  done: { tone: 'x', icon: 'check', word: '办完' },
  abandoned: { tone: 'x', icon: 'x', word: '弃号' },
  expired: { tone: 'x', icon: 'minus', word: '当日作废' },
};

export const greenChannel: Mark = { tone: 'w', icon: 'priority', word: '绿色通道' };

const caseMarks: Record<Exclude<CaseState, 'decided' | 'closed'>, Mark> = {
  draft: { tone: 'x', icon: 'pen', word: '草稿' },
  received: { tone: 'p', icon: 'folder', word: '已接件' },
  correcting: { tone: 'w', icon: 'half', word: '待补正' },
  refusal_proposed: { tone: 'w', icon: 'gavel', word: '部门审定' },
  accepted: { tone: 'p', icon: 'stamp', word: '已受理' },
  in_review: { tone: 'p', icon: 'pen', word: '审核中' },
  suspended: { tone: 'g', icon: 'pause', word: '停钟' },
  issued: { tone: 'ok', icon: 'hand', word: '已发放' },
};

const decisionMarks: Record<Decision, Mark> = {
  approved: { tone: 'ok', icon: 'check', word: '准予' },
  approved_tolerant: { tone: 'ok', icon: 'hourglass', word: '容缺准予' },
  denied: { tone: 'k', icon: 'x', word: '不予' },
};

const closedMarks: Record<ClosedAs, Mark> = {
  finished: { tone: 'ok', icon: 'hand', word: '已办结' },
  refused: { tone: 'x', icon: 'minus', word: '不予受理' },
  lapsed: { tone: 'x', icon: 'minus', word: '已失效' },
  withdrawn: { tone: 'x', icon: 'undo', word: '已撤件' },
  revoked: { tone: 'k', icon: 'minus', word: '已撤销' },
};

export function caseMark(of: { state: CaseState; decision?: Decision | null; closed_as?: ClosedAs | null }): Mark {
  if (of.state === 'decided') return decisionMarks[of.decision ?? 'approved'];
  if (of.state === 'closed') return closedMarks[of.closed_as ?? 'finished'];
  return caseMarks[of.state];
}

export type LevelName = Exclude<Level, 'none'>;

export const levelMarks: Record<LevelName, Mark> = {
  notice: { tone: 'n', icon: 'bell', word: '预警' },
  yellow: { tone: 'W', icon: 'card', word: '黄牌' },
  red: { tone: 'D', icon: 'card', word: '红牌' },
};

/** Levels come as names or as 0–3; `undefined` when there is nothing to warn of. */
export function levelName(level: string | number | null | undefined): LevelName | undefined {
  if (level === 1 || level === 'notice' || level === 'blue' || level === 'warning') return 'notice';
  if (level === 2 || level === 'yellow') return 'yellow';
  if (level === 3 || level === 'red') return 'red';
  return undefined;
}

export const submissionMarks: Record<SubmissionStatus, Mark> = {
  collected: { tone: 'ok', icon: 'check', word: '齐全' },
  verified: { tone: 'ok', icon: 'shield', word: '已核验' },
  reused: { tone: 'ok', icon: 'check', word: '用以前的' },
  promised: { tone: 'w', icon: 'hourglass', word: '没带，可后补' },
  missing: { tone: 'd', icon: 'alert', word: '缺，必须补' },
};

export const uploadMarks: Record<Upload, Mark> = {
  not_required: { tone: 'x', icon: 'minus', word: '不用上传' },
  pending: { tone: 'x', icon: 'upload', word: '上传中' },
  confirmed: { tone: 'p', icon: 'upload', word: '已上传' },
  failed: { tone: 'd', icon: 'alert', word: '没传上' },
  waived: { tone: 'g', icon: 'minus', word: '免上传' },
};

export const custodyMarks: Record<Custody, Mark> = {
  made: { tone: 'x', icon: 'doc', word: '已制证' },
  in_transit: { tone: 'x', icon: 'truck', word: '在路上' },
  in_cabinet: { tone: 'g', icon: 'box', word: '在柜' },
  handed_over: { tone: 'ok', icon: 'hand', word: '已领' },
  shipped: { tone: 'p', icon: 'truck', word: '已寄出' },
  delivered: { tone: 'ok', icon: 'hand', word: '已签收' },
  returned: { tone: 'w', icon: 'undo', word: '退回' },
};

/** Whether the server's list of allowed actions has one; `accept-tolerant` and `accept_tolerant` are the same. */
export function allows(actions: readonly string[] | undefined, action: string): boolean {
  const name = action.replaceAll('_', '-');
  return actions?.some((one) => one.replaceAll('_', '-') === name) ?? false;
}
