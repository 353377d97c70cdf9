// What a tracking code shows, and the words for it. Knows no page; holds no personal data because
// the answer has none.
import { dayText, instant, momentText, waitRangeText, weekdayText } from './public-clock';
import type { TimelineEntry, TrackedCase, TrackedTicket, Tracking } from './contract';
import type { PlainKey } from './words';
import { inChinese, t } from './words/track';
import { said } from './words/said';

export type { TrackedEvaluation, Tracking } from './contract';

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

const CASE_WORDS: Readonly<Record<string, PlainKey>> = {
  draft: 'track.case.draft',
  received: 'track.case.received',
  correcting: 'track.case.correcting',
  refusal_proposed: 'track.case.refusal_proposed',
  accepted: 'track.case.accepted',
  in_review: 'track.case.in_review',
  suspended: 'track.case.suspended',
  decided: 'track.case.decided',
  issued: 'track.case.issued',
  closed: 'track.case.closed',
};

const TICKET_WORDS: Readonly<Record<string, readonly [PlainKey, PlainKey | null]>> = {
  serving: ['track.serving', null],
  parked: ['track.parked', 'track.parkedText'],
  missed: ['track.missed', 'track.missedText'],
  done: ['track.done', 'track.doneText'],
  abandoned: ['track.abandoned', 'track.abandonedText'],
  expired: ['track.expired', 'track.expiredText'],
};

const wordOf = (key: PlainKey | null | undefined): string => (key ? t(key) : '');

const BLANK: Hero = { title: '', before: '', large: '', after: '', strong: '', window: null, urgent: false };

function ticketHero(ticket: TrackedTicket): Hero {
  const title = ticket.line_name ?? t('track.yours');
  if (ticket.state === 'called') {
    return {
      ...BLANK,
      title: t('track.called'),
      large: ticket.number,
      window: ticket.window_number ?? null,
      strong: t('track.counter'),
      urgent: true,
    };
  }
  if (ticket.state === 'waiting') {
    const ahead = ticket.ahead ?? 0;
    const wait = ahead === 0 || !ticket.estimated_wait_s ? '' : waitRangeText(ticket.estimated_wait_optimistic_s, ticket.estimated_wait_s);
    return {
      ...BLANK,
      title: t('track.yoursIn', { line: title }),
      large: ticket.number,
      after: ahead === 0 ? t('track.next') : t('track.ahead', { n: ahead }),
      strong: wait || t('track.listen'),
      urgent: ahead <= 3 && ahead !== 2,
    };
  }
  const [word, text] = TICKET_WORDS[ticket.state] ?? [null, null];
  return {
    ...BLANK,
    title,
    large: ticket.number,
    after: wordOf(text),
    strong: ticket.state === 'serving' && ticket.window_number ? t('track.servingAt', { n: ticket.window_number }) : wordOf(word),
  };
}

function decidedWords(one: TrackedCase): string {
  if (one.decision === 'denied') return t('track.denied');
  return one.decision === 'approved_tolerant' ? t('track.tolerant') : t('track.approved');
}

function closedWords(one: TrackedCase): string {
  const words: Readonly<Record<string, string>> = {
    finished: t('track.finished'),
    refused: t('track.refused'),
    withdrawn: t('track.withdrawn'),
    revoked: t('track.revoked'),
    lapsed: t('track.lapsed'),
  };
  return words[one.closed_as ?? ''] ?? t('track.case.closed');
}

const APPLICATION_WORDS: Readonly<Record<string, PlainKey>> = {
  submitted: 'track.submitted',
  supplement: 'track.supplement',
  ready: 'track.ready',
};

function caseHero(one: TrackedCase): Hero {
  const title = one.matter_name;
  const application = wordOf(APPLICATION_WORDS[one.application ?? '']);
  if (application !== '') return { ...BLANK, title, large: application, strong: said(one.next_step ?? '') };
  const due = instant(one.due_at);
  const running = ['received', 'accepted', 'in_review', 'refusal_proposed'].includes(one.state);
  if (running && due !== null) {
    const day = t('track.dueDay', { day: dayText(due), weekday: weekdayText(due) });
    const left = one.working_days_left;
    if (left !== undefined && left !== null && left >= 0)
      return {
        ...BLANK,
        title,
        before: t('track.left'),
        large: String(left),
        after: t('track.daysLatest'),
        strong: t('track.doneBy', { day }),
      };
    return { ...BLANK, title, large: wordOf(CASE_WORDS[one.state]), after: t('track.latest'), strong: t('track.doneBy', { day }) };
  }
  if (running && one.missing_year && one.state !== 'received') {
    return {
      ...BLANK,
      title,
      large: wordOf(CASE_WORDS[one.state]),
      after: t('track.whichDay'),
      strong: t('track.calendar', { year: one.missing_year }),
    };
  }
  if (one.state === 'decided') return { ...BLANK, title, large: decidedWords(one), strong: said(one.next_step ?? '') };
  if (one.state === 'closed') return { ...BLANK, title, large: closedWords(one), strong: said(one.next_step ?? '') };
  return { ...BLANK, title, large: wordOf(CASE_WORDS[one.state]), strong: said(one.next_step ?? '') };
}

/** A live number first, then the case that is still open, then what came last. */
export function heroOf(tracking: Tracking): Hero {
  const { ticket, cases } = tracking;
  if (ticket && ['waiting', 'called', 'parked', 'missed'].includes(ticket.state)) return ticketHero(ticket);
  const open = cases.find((one) => one.state !== 'closed') ?? cases[cases.length - 1];
  if (open !== undefined) return caseHero(open);
  return !ticket ? { ...BLANK, title: tracking.site.name, large: t('track.open') } : ticketHero(ticket);
}

export function caseWords(one: TrackedCase): string {
  if (one.state === 'decided') return decidedWords(one);
  return one.state === 'closed' ? closedWords(one) : wordOf(APPLICATION_WORDS[one.application ?? ''] ?? CASE_WORDS[one.state]);
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
    .split(new RegExp(`(\\b[A-Z]{1,3}\\d{3,5}\\b|\\b\\d{1,3}(?= ?${inChinese('track.counter')}))`))
    .filter((part) => part !== '')
    .map((part) => ({ kind: /^[A-Z]{1,3}\d{3,5}$/.test(part) ? 'no' : /^\d{1,3}$/.test(part) ? 'win' : 'text', text: part }));
}
