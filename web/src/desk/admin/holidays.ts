// The days on which a hall differs from its week because of the legal calendar: closed on a holiday, open on a Saturday
// or Sunday on which work is made up. Days that somebody has set already stay as they are.
import type { CalendarYear } from '../../shared/contract';
import { weekday } from './calendar';
import type { Hours } from './policy';
import type { Span } from './spans';

type Weekly = Extract<Hours, { kind: 'weekly' }>;
type Day = CalendarYear['days'][number];

const isHoliday = (day: Day) => !day.working && day.why !== '周末';
const isMakeUp = (day: Day) => day.working && day.why !== '工作日';

/** The special days with those of the calendar from a date on added, in order; a made-up day is open as on `like`. */
export function withHolidays(hours: Weekly, days: readonly Day[], from: string, like = 0): Weekly['special_days'] {
  const known = new Set(hours.special_days.map(({ date }) => date));
  const added = days.flatMap((day) => {
    const usual: Span[] = hours.week[weekday(day.date)] ?? [];
    if (day.date < from || known.has(day.date)) return [];
    if (isHoliday(day)) return usual.length ? [{ date: day.date, spans: [] }] : [];
    return isMakeUp(day) && !usual.length ? [{ date: day.date, spans: (hours.week[like] ?? []).map((span) => ({ ...span })) }] : [];
  });
  return [...hours.special_days, ...added].sort((one, other) => one.date.localeCompare(other.date));
}
