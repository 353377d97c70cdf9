// Which business days a report is about. Dates are local, `2026-11-24`, both ends included.

export interface Period {
  from: string;
  to: string;
}

const dayMs = 86_400_000;
const asUtc = (date: string) => Date.parse(`${date}T00:00:00Z`);
const asDate = (at: number) => new Date(at).toISOString().slice(0, 10);

/** The date so many days after another; negative for before. */
export const daysAfter = (date: string, days: number) => asDate(asUtc(date) + days * dayMs);
/** How many days a period has; none when it ends before it begins or a date is missing. */
export const daysIn = ({ from, to }: Period) => Math.max(0, Math.round((asUtc(to) - asUtc(from)) / dayMs) + 1) || 0;
/** The first day of the month of a date. */
const monthStart = (date: string) => `${date.slice(0, 8)}01`;

/** The service takes no longer report. */
export const daysMax = 366;

/** What the digits choose, in their order; made anew from today, so that a page left open over night is right. */
export const presets: { word: string; of: (today: string) => Period }[] = [
  { word: '今天', of: (today) => ({ from: today, to: today }) },
  { word: '昨天', of: (today) => ({ from: daysAfter(today, -1), to: daysAfter(today, -1) }) },
  { word: '近 7 天', of: (today) => ({ from: daysAfter(today, -6), to: today }) },
  { word: '近 30 天', of: (today) => ({ from: daysAfter(today, -29), to: today }) },
  { word: '本月', of: (today) => ({ from: monthStart(today), to: today }) },
  {
    word: '上月',
    of: (today) => {
      const to = daysAfter(monthStart(today), -1);
      return { from: monthStart(to), to };
    },
  },
];

/** Why a period cannot be asked for; empty when it can. */
export function wrongWith(period: Period): string {
  if (!period.from || !period.to) return '两个日子都要选';
  const days = daysIn(period);
  if (!days) return '结束不能早于开始';
  return days > daysMax ? `最多 ${daysMax} 天` : '';
}

/** A key for each of the usual periods. */
export const periodKeys = (choose: (of: (today: string) => Period) => void) =>
  presets.map(({ word, of }, at) => ({ key: String(at + 1), label: word, run: () => choose(of) }));
