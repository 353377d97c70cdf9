// How negative ratings and complaints are told: levels, steps, what is due, findings. Words only.
import type { Mark } from '../../shared/badges';
import type { Complaint, NegativeEvaluation, OwnEvaluation } from '../../shared/contract';
import { dateDay, day, isoDate } from '../../shared/format';

export const levelWords: Record<string, string> = {
  very_satisfied: '非常满意',
  satisfied: '满意',
  basically_satisfied: '基本满意',
  dissatisfied: '不满意',
  very_dissatisfied: '非常不满意',
};

export const stepWords: Record<NonNullable<NegativeEvaluation['step']>, string> = {
  verify: '核实',
  rectify: '整改',
  reply: '答复',
  call_back: '回访',
  finish_rectification: '整改销号',
  decide_appeal: '申诉复核',
};

export const channelWords: Record<string, string> = {
  pad: '窗口平板',
  qr: '扫码',
  web: '网页',
  mobile: '手机',
  sms: '短信',
  phone: '电话',
  kiosk: '自助机',
};

export const closedWords: Record<NonNullable<NegativeEvaluation['closed_as']>, string> = {
  satisfied: '回访满意',
  still_dissatisfied: '回访仍不满意',
  not_reached: '多次没打通',
  anonymous: '没留电话，答复后了结',
};

export const verdictMarks: Record<NegativeEvaluation['evidence'][number]['verdict'], Mark> = {
  confirmed: { tone: 'w', icon: 'alert', word: '记录证实' },
  refuted: { tone: 'ok', icon: 'check', word: '记录不支持' },
  open: { tone: 'g', icon: 'help', word: '记录看不出' },
};

export const measureWords: Record<NonNullable<NegativeEvaluation['rectification']>['kind'], string> = {
  at_once: '立行立改',
  within_limit: '限期整改',
  explain: '解释说明',
};

const DAY_MS = 86_400_000;

interface Owed {
  due_at?: string | null;
  overdue: boolean;
  missing_year?: number | null;
}

/** When something is due: red once it is late, amber on its last day, plain before. */
export function dueMark(owed: Owed, now: number): Mark | undefined {
  if (owed.missing_year) return { tone: 'w', icon: 'cal', word: `缺 ${owed.missing_year} 年日历` };
  if (!owed.due_at) return undefined;
  if (owed.overdue) {
    const late = Math.max(1, Math.ceil((now - Date.parse(owed.due_at)) / DAY_MS));
    return { tone: 'D', icon: 'alert', word: `过期 ${late} 天` };
  }
  if (isoDate(owed.due_at) === isoDate(now)) return { tone: 'W', icon: 'card', word: '今天到期' };
  return { tone: 'x', icon: 'clock', word: `${day(owed.due_at)}前` };
}

export function levelMark(level: string): Mark {
  const word = levelWords[level] ?? level;
  return level === 'very_dissatisfied' ? { tone: 'd', icon: 'chat', word } : { tone: 'w', icon: 'chat', word };
}

/** What a column of the board holds. */
export type Column = 'verify' | 'rectify' | 'reply' | 'call_back' | 'tail' | 'closed';

export const columns: { key: Column; word: string; empty: string }[] = [
  { key: 'verify', word: '待核实', empty: '没有等核实的' },
  { key: 'rectify', word: '待整改', empty: '没有等整改的' },
  { key: 'reply', word: '待答复', empty: '没有等答复的' },
  { key: 'call_back', word: '待回访', empty: '没有等回访的' },
  { key: 'tail', word: '收尾', empty: '没有要销号、复核的' },
];

export function columnOf(one: NegativeEvaluation): Column {
  if (one.state === 'opened') return 'verify';
  if (one.state === 'verified') return one.verification?.finding === 'invalid' ? 'reply' : 'rectify';
  if (one.state === 'rectified') return 'reply';
  if (one.state === 'replied') return 'call_back';
  return one.step ? 'tail' : 'closed';
}

/** The most urgent first: what is late, then by day, then the newest. */
export function byUrgency(a: NegativeEvaluation, b: NegativeEvaluation): number {
  const place = (one: NegativeEvaluation) => (one.due_at ? Date.parse(one.due_at) : Number.MAX_SAFE_INTEGER);
  return place(a) - place(b) || Date.parse(b.at) - Date.parse(a.at);
}

export function appealMark(appeal: NegativeEvaluation['appeal'] | OwnEvaluation['appeal']): Mark | undefined {
  if (!appeal) return undefined;
  if (appeal.upheld === null || appeal.upheld === undefined) return { tone: 'n', icon: 'gavel', word: '申诉待复核' };
  return appeal.upheld ? { tone: 'ok', icon: 'check', word: '申诉成立' } : { tone: 'x', icon: 'x', word: '申诉不成立' };
}

/** Where a rating was given and served: `11月24日 · 3 号窗口`. */
export function placeText(one: NegativeEvaluation): string {
  const where = one.window_number ? `${one.window_number} 号窗口` : one.subject === 'case' ? '办件' : '窗口';
  return `${dateDay(one.at)} · ${where}`;
}

export const complaintMarks: Record<Complaint['state'], Mark> = {
  filed: { tone: 'w', icon: 'chat', word: '待答复' },
  answered: { tone: 'p', icon: 'check', word: '已答复' },
  closed: { tone: 'x', icon: 'check', word: '办结' },
};

/** What of the signs of a rating is worth a look, in words. */
export function signalTexts(signals: NegativeEvaluation['signals']): { text: string; notable: boolean }[] {
  if (!signals) return [];
  const texts: { text: string; notable: boolean }[] = [];
  if (signals.after_s !== null && signals.after_s !== undefined)
    texts.push({ text: `办完 ${spanText(signals.after_s)}后评的`, notable: signals.quick });
  if (signals.same_source && signals.same_source > 1)
    texts.push({ text: `同一设备或网络 ${signals.window_min} 分钟里评了 ${signals.same_source} 次`, notable: signals.burst });
  if (signals.clerk_ratings)
    texts.push({ text: `这位 30 天里被评 ${signals.clerk_ratings} 次，算差评 ${signals.clerk_negative ?? 0} 次`, notable: false });
  return texts;
}

function spanText(seconds: number): string {
  if (seconds < 60) return `${seconds} 秒`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} 分钟`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} 小时` : `${Math.floor(seconds / 86_400)} 天`;
}
