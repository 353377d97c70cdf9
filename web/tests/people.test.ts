// The words of people's work, and the colour of a hall within the contrast rule.
import { describe, expect, it } from 'vitest';
import { contrastOf } from '../src/desk/admin/contrast';
import { awayText, between, daysFrom, hours, mondayOf, personMark } from '../src/desk/people/words';
import type { StaffPerson } from '../src/shared/contract';

describe('days and hours', () => {
  it('are written as people say them', () => {
    expect([0, 59, 3600, 18_600].map(hours)).toEqual(['0 分', '1 分', '1 小时', '5 小时 10 分']);
    expect(between('2026-11-24T09:02:00+08:00', '2026-11-24T17:30:00+08:00')).toBe('09:02–17:30');
    expect(between('2026-11-24T09:02:00+08:00', null)).toBe('09:02 起');
  });
  it('make weeks that begin on Monday, over the end of a year too', () => {
    expect(mondayOf('2026-11-24')).toBe('2026-11-23');
    expect(mondayOf('2026-11-29')).toBe('2026-11-23');
    expect(mondayOf('2026-11-23')).toBe('2026-11-23');
    expect(daysFrom('2026-12-28', 6)).toBe('2027-01-03');
  });
});

describe('a person', () => {
  const person = (state: StaffPerson['state'], left: number | null) => ({ state, days_left: left }) as StaffPerson;
  it('is marked before the last day and after it', () => {
    expect(personMark(person('in_use', null)).word).toBe('在用');
    expect(personMark(person('in_use', 31)).word).toBe('在用');
    expect(personMark(person('in_use', 30)).word).toBe('还有 30 天');
    expect(personMark(person('in_use', 0)).word).toBe('今天到期');
    expect(personMark(person('ended', -1)).word).toBe('到期了');
  });
  it('who is away says until when and who covers', () => {
    expect(awayText({ kind: 'leave', to: '2026-11-25', cover_name: '乌日娜' })).toBe('请假到 11月25日，乌日娜顶');
    expect(awayText({ kind: 'duty', to: '2026-11-25' })).toBe('公出到 11月25日');
  });
});

describe('the contrast of an accent', () => {
  it('is that of the rule', () => {
    expect(contrastOf('#0b5560')).toBeGreaterThan(7);
    expect(contrastOf('#f0b323')).toBeLessThan(4.5);
    expect(contrastOf('#767676')).toBeLessThan(4.5);
  });
});
