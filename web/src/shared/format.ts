// Times, waits and numbers as people read them. Local time is always UTC+08:00.

const zone = 'Asia/Shanghai';
const partsOf = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

export type Instant = string | number | Date;

function parts(at: Instant): Record<string, string> {
  return Object.fromEntries(partsOf.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
}

/** `10:26` */
export function clockTime(at: Instant): string {
  const p = parts(at);
  return `${p.hour}:${p.minute}`;
}

/** `10:26:07` */
export function clockSeconds(at: Instant): string {
  const p = parts(at);
  return `${p.hour}:${p.minute}:${p.second}`;
}

/** `11月24日` */
export function day(at: Instant): string {
  const p = parts(at);
  return `${p.month}月${p.day}日`;
}

/** `2026年11月24日` */
export function longDay(at: Instant): string {
  const p = parts(at);
  return `${p.year}年${p.month}月${p.day}日`;
}

/** `11月24日 10:26` */
export function dayTime(at: Instant): string {
  return `${day(at)} ${clockTime(at)}`;
}

const weekdays = ['日', '一', '二', '三', '四', '五', '六'];

/** `二` for a Tuesday; takes `2026-11-24` or an instant. */
export function weekday(at: Instant): string {
  const date = isoDate(at);
  return weekdays[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
}

/** `2026-11-24` in local time. */
export function isoDate(at: Instant): string {
  if (typeof at === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(at)) return at;
  const p = parts(at);
  return `${p.year}-${p.month?.padStart(2, '0')}-${p.day?.padStart(2, '0')}`;
}

/** `11月24日（星期二）` */
export function dayWithWeekday(at: Instant): string {
  return `${day(dateInstant(at))}（星期${weekday(at)}）`;
}

function dateInstant(at: Instant): Instant {
  return typeof at === 'string' && at.length === 10 ? `${at}T12:00:00+08:00` : at;
}

/** A plain date `2026-11-24` or an instant as `11月24日`. */
export function dateDay(at: Instant): string {
  return day(dateInstant(at));
}

/** `约 25 分钟`, `不用等` for nothing, `约 1 小时 10 分钟` from an hour on. */
export function waitText(seconds: number): string {
  if (seconds <= 0) return '不用等';
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `约 ${minutes} 分钟`;
  const rest = minutes % 60;
  return rest ? `约 ${Math.floor(minutes / 60)} 小时 ${rest} 分钟` : `约 ${minutes / 60} 小时`;
}

/** `06:32`, with hours from an hour on. Never negative. */
export function stopwatch(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(total / 3600);
  const rest = `${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** Whole minutes of a wait, `70` for 70 minutes. Never negative. */
export function minutes(milliseconds: number): number {
  return Math.max(0, Math.floor(milliseconds / 60_000));
}

/** `A 零一七 号`: a number as it is said, for screen readers; one that was carried over has a 续 before it. */
export function spokenNumber(number: string): string {
  const digits = '零一二三四五六七八九';
  const letters = /^续?[A-Za-z]*/.exec(number)?.[0] ?? '';
  const rest = [...number.slice(letters.length)].map((digit) => digits[Number(digit)] ?? digit).join('');
  return `${letters} ${rest} 号`.trim();
}
