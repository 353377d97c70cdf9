// What is said of slots and appointments, and what a scanner's typing means.
import { expect, it } from 'vitest';
import { readScan } from '../src/kiosk/scan';
import { byHalf, codeText, dayWord, hindrance, slotState, spanText } from '../src/shared/appointments';

const at = (time: string): number => Date.parse(`2026-11-26T${time}:00+08:00`);
const slot = (from: string, to: string) => ({
  starts_at: `2026-11-26T${from}:00.000+08:00`,
  ends_at: `2026-11-26T${to}:00.000+08:00`,
  capacity: 2,
  left: 2,
  bookable: true,
});

it('says when check-in opens, that the time is over, or nothing', () => {
  const opens = '2026-11-26T09:00:00.000+08:00';
  expect(hindrance({ state: 'booked', check_in_from: opens }, at('08:59'))).toBe('9:00 起可以签到，先坐一会儿');
  expect(hindrance({ state: 'booked', check_in_from: opens }, at('09:00'))).toBe('');
  expect(hindrance({ state: 'no_show', check_in_from: opens }, at('12:00'))).toBe('约的时间过了，请按普通号取号');
  expect(hindrance({ state: 'checked_in', check_in_from: opens }, at('08:00'))).toBe('');
});

it('reads the address of an appointment and of a slip, and nothing else', () => {
  expect(readScan('139https://hall.example/book/0123456789ABCDEF')).toEqual({ of: 'appointment', code: '0123456789ABCDEF' });
  expect(readScan('https://hall.example/t/0123456789abcdef')).toEqual({ of: 'slip', code: '0123456789abcdef' });
  expect(readScan('https://hall.example/book/0123456789ABCDE')).toBeNull();
  expect(readScan('13800005678')).toBeNull();
});

it('names near days, halves of a day and spans', () => {
  expect(dayWord('2026-11-26', at('23:59'))).toBe('今天');
  expect(dayWord('2026-11-27', at('00:01'))).toBe('明天');
  expect(dayWord('2026-11-29', at('12:00'))).toBe('星期日');
  expect(spanText(slot('09:00', '09:30'))).toBe('9:00–9:30');
  const halves = byHalf([slot('09:00', '09:30'), slot('11:30', '12:00'), slot('14:00', '14:30')], at('09:10'));
  expect(halves.map(({ name, slots }) => [name, slots.length])).toEqual([
    ['上午', 1],
    ['下午', 1],
  ]);
});

it('says what is left of a slot', () => {
  expect(slotState({ ...slot('09:00', '09:30'), left: 0, bookable: false })).toBe('约满');
  expect(slotState({ ...slot('09:00', '09:30'), bookable: false })).toBe('来不及约');
  expect(slotState(slot('09:00', '09:30'))).toBe('余 2');
  expect(codeText('K7M294QX')).toBe('K7M2-94QX');
});
