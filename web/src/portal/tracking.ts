// What a tracking code shows, and the words for it. Knows no page; holds no personal data because
// the answer has none.
import { dayText, instant, momentText, waitRangeText, weekdayText } from '../shared/public-clock';
import type { TimelineEntry, TrackedCase, TrackedTicket, Tracking } from '../shared/contract';

export type { TrackedEvaluation, Tracking } from '../shared/contract';

/** The large part at the top of the page. */
export interface Hero {
  readonly title: string;
  readonly before: string;
  readonly large: string;
  readonly after: string;
  readonly strong: string;
  /** The call: number → window. */
  readonly window: number | null;
  /** Spoken out loud by screen readers at once. */
  readonly urgent: boolean;
}

const CASE_WORDS: Readonly<Record<string, string>> = {
  draft: '正在登记',
  received: '已接件',
  correcting: '待补正',
  refusal_proposed: '部门审定',
  accepted: '已受理',
  in_review: '审核中',
  suspended: '停钟',
  decided: '有结果了',
  issued: '已发放',
  closed: '办结',
};

const TICKET_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  serving: ['正在办理', ''],
  parked: ['先等一下', '窗口会再叫您，不用重新取号'],
  missed: ['过号了', '到窗口或导办台说一声，不用重新取号'],
  done: ['办完了', '谢谢您来'],
  abandoned: ['这个号不用了', '还要办，请重新取号'],
  expired: ['这个号过期了', '只当天有效，还要办请重新取号'],
};

const BLANK: Hero = { title: '', before: '', large: '', after: '', strong: '', window: null, urgent: false };

function ticketHero(ticket: TrackedTicket): Hero {
  const title = ticket.line_name ?? '您的号';
  if (ticket.state === 'called') {
    return {
      ...BLANK,
      title: '正在叫您，请过来',
      large: ticket.number,
      window: ticket.window_number ?? null,
      strong: '号窗口',
      urgent: true,
    };
  }
  if (ticket.state === 'waiting') {
    const ahead = ticket.ahead ?? 0;
    const wait = ahead === 0 || !ticket.estimated_wait_s ? '' : waitRangeText(ticket.estimated_wait_optimistic_s, ticket.estimated_wait_s);
    return {
      ...BLANK,
      title: `${title} · 您的号`,
      large: ticket.number,
      after: ahead === 0 ? '马上到您' : `前面还有 ${ahead} 人`,
      strong: wait || '请听叫号',
      urgent: ahead <= 3 && ahead !== 2,
    };
  }
  const [word, text] = TICKET_WORDS[ticket.state] ?? ['', ''];
  return {
    ...BLANK,
    title,
    large: ticket.number,
    after: text,
    strong: ticket.state === 'serving' && ticket.window_number ? `正在 ${ticket.window_number} 号窗口办理` : word,
  };
}

function decidedWords(one: TrackedCase): string {
  if (one.decision === 'denied') return '不予';
  return one.decision === 'approved_tolerant' ? '容缺准予' : '准予';
}

function closedWords(one: TrackedCase): string {
  const words: Readonly<Record<string, string>> = {
    finished: '办好了',
    refused: '不予受理',
    withdrawn: '已撤件',
    revoked: '已撤销',
    lapsed: '已失效',
  };
  return words[one.closed_as ?? ''] ?? '办结';
}

const APPLICATION_WORDS: Readonly<Record<string, string>> = { submitted: '等预审', supplement: '要补一补', ready: '预审过了' };

function caseHero(one: TrackedCase): Hero {
  const title = one.matter_name;
  const application = APPLICATION_WORDS[one.application ?? ''];
  if (application !== undefined) return { ...BLANK, title, large: application, strong: one.next_step ?? '' };
  const due = instant(one.due_at);
  const running = ['received', 'accepted', 'in_review', 'refusal_proposed'].includes(one.state);
  if (running && due !== null) {
    const day = `${dayText(due)}（${weekdayText(due)}）`;
    const left = one.working_days_left;
    if (left !== undefined && left !== null && left >= 0)
      return { ...BLANK, title, before: '还剩', large: String(left), after: '个工作日，最晚', strong: `${day}办好` };
    return { ...BLANK, title, large: CASE_WORDS[one.state] ?? '', after: '最晚', strong: `${day}办好` };
  }
  if (running && one.missing_year && one.state !== 'received') {
    return { ...BLANK, title, large: CASE_WORDS[one.state] ?? '', after: '哪天办好', strong: `等待 ${one.missing_year} 年节假日安排` };
  }
  if (one.state === 'decided') return { ...BLANK, title, large: decidedWords(one), strong: one.next_step ?? '' };
  if (one.state === 'closed') return { ...BLANK, title, large: closedWords(one), strong: one.next_step ?? '' };
  return { ...BLANK, title, large: CASE_WORDS[one.state] ?? '', strong: one.next_step ?? '' };
}

/** A live number first, then the case that is still open, then what came last. */
export function heroOf(tracking: Tracking): Hero {
  const { ticket, cases } = tracking;
  if (ticket && ['waiting', 'called', 'parked', 'missed'].includes(ticket.state)) return ticketHero(ticket);
  const open = cases.find((one) => one.state !== 'closed') ?? cases[cases.length - 1];
  if (open !== undefined) return caseHero(open);
  return !ticket ? { ...BLANK, title: tracking.site.name, large: '在办' } : ticketHero(ticket);
}

export function caseWords(one: TrackedCase): string {
  if (one.state === 'decided') return decidedWords(one);
  return one.state === 'closed' ? closedWords(one) : (APPLICATION_WORDS[one.application ?? ''] ?? CASE_WORDS[one.state] ?? '');
}

/** Times of the timeline: the date once, then only the clock. */
export function entryTime(entries: readonly TimelineEntry[], index: number): string {
  const at = instant(entries[index]?.at);
  if (at === null) return '';
  const before = index === 0 ? null : instant(entries[index - 1]?.at);
  return before === null ? `${dayText(at)} ${momentText(at, at)}` : momentText(at, before);
}

/** A title in parts, so that numbers and windows keep their marks. */
export function titleParts(title: string): readonly { readonly kind: 'text' | 'no' | 'win'; readonly text: string }[] {
  return title
    .split(/(\b[A-Z]{1,3}\d{3,5}\b|\b\d{1,3}(?= ?号窗口))/)
    .filter((part) => part !== '')
    .map((part) => ({ kind: /^[A-Z]{1,3}\d{3,5}$/.test(part) ? 'no' : /^\d{1,3}$/.test(part) ? 'win' : 'text', text: part }));
}
