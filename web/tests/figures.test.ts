// The figures page: which days a choice means, and a report as rows.
import { expect, it } from 'vitest';
import type { Figures } from '../src/shared/contract';
import { lengthText, missShare, percent, rowsOf, wholeOf } from '../src/desk/figures/groups';
import { daysAfter, daysIn, presets, wrongWith } from '../src/desk/figures/period';

it('chooses the days that the words say, over months and years', () => {
  const on = (today: string) => presets.map((one) => one.of(today)).map(({ from, to }) => `${from} ${to}`);
  expect(on('2026-03-01')).toEqual([
    '2026-03-01 2026-03-01',
    '2026-02-28 2026-02-28',
    '2026-02-23 2026-03-01',
    '2026-01-31 2026-03-01',
    '2026-03-01 2026-03-01',
    '2026-02-01 2026-02-28',
  ]);
  expect(on('2026-01-05')[5]).toBe('2025-12-01 2025-12-31');
  expect(daysAfter('2024-02-28', 1)).toBe('2024-02-29');
  expect(presets[2] && daysIn(presets[2].of('2026-03-01'))).toBe(7);
});

it('asks only for days that the service reports', () => {
  expect(wrongWith({ from: '2026-11-02', to: '2026-11-01' })).toBe('结束不能早于开始');
  expect(wrongWith({ from: '', to: '2026-11-01' })).toBe('两个日子都要选');
  expect(wrongWith({ from: '2025-11-01', to: '2026-11-01' })).toBe('');
  expect(wrongWith({ from: '2025-10-31', to: '2026-11-01' })).toBe('最多 366 天');
});

it('writes lengths and shares, and a dash where there was nothing', () => {
  expect([0, 59, 750, 4200, null, undefined].map(lengthText)).toEqual(['0:00', '0:59', '12:30', '1:10:00', '—', '—']);
  expect([0, 0.125, 1, null].map(percent)).toEqual(['0.0%', '12.5%', '100.0%', '—']);
});

it('shows a window without what no window has, and names what is gone', () => {
  const lengths = { count: 1, average_s: 60, p50_s: 60, p90_s: 60, max_s: 60 };
  const counts = {
    tickets_issued: 4,
    tickets_done: 2,
    tickets_abandoned: 1,
    tickets_expired: 1,
    tickets_unserved: 0,
    tickets_not_back: 1,
    abandonment_share: 0.5,
  };
  const group = { ...counts, calls: 4, misses: 1, waiting: lengths, way: lengths, serving: lengths };
  const window = { window_id: 'w', number: 3, tickets_done: 2, calls: 4, misses: 1, waiting: lengths, way: lengths, serving: lengths };
  const figures = {
    ...group,
    lines: [{ ...group, line_id: 'l', name: null, average_wait_s: 60 }],
    windows: [window, { ...window, window_id: 'gone', number: null }],
    hours: [{ ...group, hour: 9 }],
    classes: [{ ...group, class: 'walk_in' }],
    days: [{ ...group, date: '2026-11-24' }],
  } as unknown as Figures;
  const names = (['by_line', 'by_window', 'by_hour', 'by_class', 'by_day'] as const).map((key) => rowsOf(figures, key)[0]?.name);
  expect(names).toEqual(['已撤的队', '3 号窗口', '9:00–10:00', '直接到窗口', '2026-11-24 周二']);
  const [at] = rowsOf(figures, 'by_window');
  expect([at?.issued, at?.lost, at?.done]).toEqual([undefined, undefined, 2]);
  expect(rowsOf(figures, 'by_window')[1]?.name).toBe('已撤的窗口');
  const whole = wholeOf(figures);
  expect([whole.issued, whole.abandoned, whole.unserved, whole.notBack, whole.lost, missShare(whole)]).toEqual([4, 1, 0, 1, 0.5, 0.25]);
  expect(missShare({ ...whole, calls: 0 })).toBeUndefined();
});
