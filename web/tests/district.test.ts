import { describe, expect, it } from 'vitest';
import { asTree, goalText, madeFrom, onBar, tierMark, valueText, weekName, weekSpan } from '../src/desk/district/words';
import type { PlanFigure, PlanFigureHead } from '../src/shared/contract';

const head = (unit: string, better = 'higher', goal: number | null = null): PlanFigureHead => ({
  key: 'k',
  name: '指标',
  unit,
  better,
  goal,
  text: '算法',
});
const figure = (value: number | null, more: Partial<PlanFigure> = {}): PlanFigure => ({ value, ...more });

describe('figures of the plan in words', () => {
  it('writes each unit, and a dash with the reason where there is none', () => {
    expect(valueText(head('share'), figure(0.9725))).toBe('97.3%');
    expect(valueText(head('share'), figure(1))).toBe('100%');
    expect(valueText(head('seconds'), figure(750))).toBe('12:30');
    expect(valueText(head('count'), figure(4))).toBe('4');
    expect(valueText(head('share'), figure(null))).toBe('—');
    expect(madeFrom(head('share'), figure(null, { reason: '这些天没有人评价' }))).toBe('这些天没有人评价');
    expect(madeFrom(head('share'), figure(0.5, { part: 1, whole: 2 }))).toBe('1/2');
    expect(madeFrom(head('count'), figure(3, { ages: [1, 1, 0, 1] }))).toBe('超过 90 天 1');
  });

  it('puts goals in words and on the bar', () => {
    expect(goalText(head('share'), 0.95)).toBe('目标 95%');
    expect(goalText(head('seconds'), 1200)).toBe('目标 20 分钟内');
    expect(goalText(head('count'), 0)).toBe('目标 0');
    expect(goalText(head('count'), null)).toBe('');
    expect(onBar(head('share'), figure(0.5, { goal: 0.95 }))).toEqual({ value: 50, goal: 95 });
    expect(onBar(head('seconds'), figure(5000, { goal: 1200 }))).toEqual({ value: 100, goal: 50 });
    expect(onBar(head('count'), figure(4))).toBeUndefined();
    expect(onBar(head('share'), figure(null, { goal: 0.95 }))).toBeUndefined();
  });
});

describe('weeks, tiers and the tree', () => {
  it('names a week and its span in the local time of the answer', () => {
    expect(weekName('2026-W05')).toBe('2026 年第 5 周');
    expect(weekSpan('2026-12-25T12:00:00.000+08:00', '2027-01-01T12:00:00.000+08:00')).toBe('12月25日 12:00 – 1月1日 12:00');
  });

  it('gives no mark to a site without a tier', () => {
    expect(tierMark('model')?.word).toBe('标杆型');
    expect(tierMark(null)).toBeUndefined();
  });

  it('says how deep a site lies, also when the one above is not among them', () => {
    const sites = [
      { site_id: 'a', parent_id: 'elsewhere' },
      { site_id: 'b', parent_id: 'a' },
      { site_id: 'c', parent_id: 'b' },
    ];
    expect(asTree(sites).map(({ depth }) => depth)).toEqual([0, 1, 2]);
  });
});
