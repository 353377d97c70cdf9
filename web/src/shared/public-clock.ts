// Times as people read them, always in UTC+08:00 whatever the machine's zone is.
// Knows nothing of pages, halls or tickets.
import { onScopeDispose, ref, type Ref } from 'vue';
import { t } from './words/common';

const ZONE_MS = 8 * 3_600_000;
const MINUTE_MS = 60_000;

function local(at: number): Date {
  return new Date(at + ZONE_MS);
}

/** Milliseconds of an RFC 3339 instant or a number; `null` when there is none or it cannot be read. */
export function instant(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const at = typeof value === 'number' ? value : Date.parse(value);
  return Number.isFinite(at) ? at : null;
}

/** `10:42` */
export function clockText(at: number): string {
  const time = local(at);
  return `${time.getUTCHours()}:${String(time.getUTCMinutes()).padStart(2, '0')}`;
}

function monthText(time: Date): string {
  return t('clock.months').split('|')[time.getUTCMonth()] ?? '';
}

/** `11月24日`, `24 Nov` */
export function dayText(at: number): string {
  const time = local(at);
  return t('clock.day', { month: monthText(time), day: time.getUTCDate() });
}

/** `2026年11月24日`, `24 Nov 2026` */
export function longDayText(at: number): string {
  const time = local(at);
  return t('clock.year', { year: time.getUTCFullYear(), month: monthText(time), day: time.getUTCDate() });
}

/** `星期二` */
export function weekdayText(at: number): string {
  return t('clock.weekdays').split('|')[local(at).getUTCDay()] ?? '';
}

/** Same local date. */
export function sameDay(one: number, other: number): boolean {
  return Math.floor((one + ZONE_MS) / 86_400_000) === Math.floor((other + ZONE_MS) / 86_400_000);
}

/** `10:42` today, `11月25日 10:42` on another day. */
export function momentText(at: number, now: number): string {
  return sameDay(at, now) ? clockText(at) : `${dayText(at)} ${clockText(at)}`;
}

/** `刚刚`, `3 分钟前`, then the clock time; `say` may be another language's. */
export function agoText(at: number, now: number, say: typeof t = t): string {
  const minutes = Math.floor((now - at) / MINUTE_MS);
  if (minutes < 1) return say('clock.now');
  return minutes < 60 ? say('clock.ago', { n: minutes }) : clockText(at);
}

/** Length of a time: `7 分钟`, `2 小时 5 分钟`; under a minute `不到 1 分钟`. */
export function lengthText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / MINUTE_MS);
  if (minutes < 1) return t('clock.underMinute');
  if (minutes < 60) return t('clock.minutes', { n: minutes });
  const rest = minutes % 60;
  const hours = t('clock.hours', { n: Math.floor(minutes / 60) });
  return rest === 0 ? hours : t('clock.both', { hours, minutes: t('clock.minutes', { n: rest }) });
}

/** Whole minutes of an estimated wait, never 0 for a wait that exists. */
export function waitMinutes(seconds: number): number {
  return Math.max(1, Math.round(seconds / 60));
}

/** `约 25 分钟`, `约 1 小时 20 分钟`. */
export function waitText(seconds: number): string {
  return t('clock.about', { length: lengthText(waitMinutes(seconds) * MINUTE_MS) });
}

/** A wait from going well to normal, in minutes: `18–25`, or one figure where both ends are about the same. */
export function waitRange(optimisticS: number | null | undefined, normalS: number): string {
  const [least, most] = [Math.floor((optimisticS ?? 0) / 60), Math.max(1, Math.ceil(normalS / 60))];
  return least > 0 && most > least + 1 ? `${least}–${most}` : `${most}`;
}

/** `约 18–25 分钟`; from an hour on only the normal wait, `约 1 小时 20 分钟`. */
export function waitRangeText(optimisticS: number | null | undefined, normalS: number): string {
  return normalS >= 3600 ? waitText(normalS) : t('clock.aboutMinutes', { n: waitRange(optimisticS, normalS) });
}

/** The present moment, renewed every second; `skew` is what the server's clock is ahead. */
export function useNow(skew?: Ref<number>): Ref<number> {
  const present = (): number => Date.now() + (skew?.value ?? 0);
  const now = ref(present());
  const timer = setInterval(() => {
    now.value = present();
  }, 1000);
  onScopeDispose(() => clearInterval(timer));
  return now;
}
