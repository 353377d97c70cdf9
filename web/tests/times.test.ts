// Times as people read them: always UTC+08:00, whatever the machine's zone is.
import { expect, it } from 'vitest';
import { clockTime, isoDate, spokenNumber, stopwatch, waitText, weekday } from '../src/shared/format';
import { momentText, sameDay } from '../src/shared/public-clock';

const justBeforeMidnight = Date.parse('2026-11-23T23:59:59+08:00');

it('turns the day at local midnight', () => {
  expect(isoDate(justBeforeMidnight)).toBe('2026-11-23');
  expect(isoDate(justBeforeMidnight + 1000)).toBe('2026-11-24');
  expect(sameDay(justBeforeMidnight, justBeforeMidnight + 1000)).toBe(false);
  expect(clockTime(justBeforeMidnight + 1000)).toBe('00:00');
  expect(weekday('2026-11-24')).toBe('二');
});

it('names the day only when it is not today', () => {
  const now = Date.parse('2026-11-24T15:00:00+08:00');
  expect(momentText(Date.parse('2026-11-24T10:42:00+08:00'), now)).toBe('10:42');
  expect(momentText(Date.parse('2026-11-25T10:42:00+08:00'), now)).toBe('11月25日 10:42');
});

it('says a wait as a person would, and never a negative one', () => {
  expect([0, 20, 1500, 3600, 4200].map(waitText)).toEqual(['不用等', '约 1 分钟', '约 25 分钟', '约 1 小时', '约 1 小时 10 分钟']);
  expect([-5, 392_000, 3_600_000].map(stopwatch)).toEqual(['00:00', '06:32', '1:00:00']);
});

it('reads a number digit by digit, also one that was carried over', () => {
  expect(['A017', 'AB1000', '续A002'].map(spokenNumber)).toEqual(['A 零一七 号', 'AB 一零零零 号', '续A 零零二 号']);
});
