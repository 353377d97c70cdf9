// Appointments as people read them: days, spans of time, what a day or slot says. Knows no page.
import type { components } from './api';
import { clockText, dayText, instant, weekdayText } from './public-clock';
import { t } from './words/common';

type Schemas = components['schemas'];
export type Appointment = Readonly<Schemas['AppointmentView']>;
export type BookableLine = Readonly<Schemas['BookableLineView']>;
export type BookableDay = Readonly<Schemas['BookableDayView']>;
export type Slot = Readonly<Schemas['SlotView']>;
export type Slots = Readonly<Schemas['SlotsView']>;

const DAY_MS = 86_400_000;
const ZONE = '+08:00';
const NOON = 12;
const NEAR_DAYS = ['appointment.today', 'appointment.tomorrow', 'appointment.dayAfter'] as const;

/** Local midnight of a date. */
export function startOf(date: string): number {
  return instant(`${date}T00:00:00${ZONE}`) ?? 0;
}

/** The local date of an instant: `2026-11-27`. */
export function dateOf(at: string): string {
  return at.slice(0, 10);
}

/** `今天`, `明天`, `后天`, then `星期五`. */
export function dayWord(date: string, now: number): string {
  const days = Math.round((startOf(date) - startOf(new Date(now + DAY_MS / 3).toISOString().slice(0, 10))) / DAY_MS);
  const near = NEAR_DAYS[days];
  return near === undefined ? weekdayText(startOf(date)) : t(near);
}

/** `9:00–9:30` */
export function spanText({ starts_at: from, ends_at: to }: Pick<Slot, 'starts_at' | 'ends_at'>): string {
  return `${clockText(instant(from) ?? 0)}–${clockText(instant(to) ?? 0)}`;
}

/** `11月27日 星期五` */
export function dateText(at: string): string {
  const moment = instant(at) ?? 0;
  return `${dayText(moment)} ${weekdayText(moment)}`;
}

/** `11月27日 星期五 9:00–9:30` */
export function whenText(slot: Pick<Slot, 'starts_at' | 'ends_at'>): string {
  return `${dateText(slot.starts_at)} ${spanText(slot)}`;
}

/** What stands below a day: places, or why there are none. */
export function dayState(day: BookableDay): string {
  if (day.closed) return day.closed.message;
  return day.left > 0 ? t('appointment.left', { n: day.left }) : t('appointment.noneLeft');
}

/** What stands below a slot. */
export function slotState(slot: Slot): string {
  if (slot.left === 0) return t('appointment.full');
  return slot.bookable ? t('appointment.left', { n: slot.left }) : t('appointment.tooLate');
}

/** The slots that have not begun, before and after noon. */
export function byHalf(slots: readonly Slot[], now: number): readonly { readonly name: string; readonly slots: readonly Slot[] }[] {
  const ahead = slots.filter((slot) => (instant(slot.starts_at) ?? 0) > now);
  const isMorning = (slot: Slot): boolean => Number(slot.starts_at.slice(11, 13)) < NOON;
  return [
    { name: t('appointment.morning'), slots: ahead.filter(isMorning) },
    { name: t('appointment.afternoon'), slots: ahead.filter((slot) => !isMorning(slot)) },
  ].filter((half) => half.slots.length > 0);
}

/** `K7M2-94QX` */
export function codeText(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/** Why an appointment gives no number now; empty when it does. */
export function hindrance({ state, check_in_from: from }: Pick<Appointment, 'state' | 'check_in_from'>, now: number): string {
  const opens = instant(from) ?? 0;
  if (state === 'no_show') return t('appointment.over');
  return state === 'booked' && now < opens ? t('appointment.early', { time: clockText(opens) }) : '';
}
