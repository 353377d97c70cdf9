// The report's hours and days as charts: how long people waited, and how many of them gave up.
import { isoDate } from '../../shared/format';
import type { ChartData } from '../parts/chart';
import { lengthText, percent, type Lengths, type Row } from './groups';

/** Groupings that are a course of time; the others are tables alone. */
export const timely = ['by_hour', 'by_day'] as const;
export type Timely = (typeof timely)[number];

/** Seconds as minutes, which axis and eye are used to. */
export const inMinutes = (seconds: number | null | undefined): number | null =>
  seconds === null || seconds === undefined ? null : seconds / 60;
export const minutesText = (minutes: number): string => lengthText(Math.round(minutes * 60));
export const minutesAxis = (minutes: number): string => `${Math.round(minutes * 10) / 10}`;
export const waitGoal = (seconds: number | null | undefined): ChartData['goal'] =>
  seconds ? { name: `目标 ${minutesAxis(seconds / 60)} 分钟`, value: seconds / 60 } : undefined;

interface Place {
  label: string;
  row: Row | undefined;
}

/** Every hour between the first and the last: one in which nobody came is a gap, not a shorter day. */
function placesOf(grouping: Timely, rows: Row[]): Place[] {
  if (grouping === 'by_day') {
    return rows.map((row) => {
      const [, month, day] = isoDate(row.key).split('-').map(Number);
      return { label: `${month}月${day}日`, row };
    });
  }
  const hours = rows.map(({ key }) => Number(key));
  if (!hours.length) return [];
  const first = Math.min(...hours);
  return Array.from({ length: Math.max(...hours) - first + 1 }, (_, at) => ({
    label: `${first + at}:00`,
    row: rows.find(({ key }) => Number(key) === first + at),
  }));
}
const headOf = (grouping: Timely) => (grouping === 'by_hour' ? '钟点' : '日子');

export function waitsOf(grouping: Timely, rows: Row[], goalSeconds?: number): ChartData {
  const places = placesOf(grouping, rows);
  const of = (pick: (lengths: Lengths) => number | null | undefined) => places.map(({ row }) => inMinutes(row && pick(row.waiting)));
  return {
    kind: 'lines',
    of: headOf(grouping),
    labels: places.map(({ label }) => label),
    unit: '分:秒',
    text: minutesText,
    axis: minutesAxis,
    series: [
      { name: '平均', values: of((one) => one.average_s), tone: 'now' },
      { name: '中位数', values: of((one) => one.p50_s), tone: 'second' },
      { name: '九成', values: of((one) => one.p90_s), tone: 'third' },
    ],
    goal: waitGoal(goalSeconds),
  };
}

export function lostOf(grouping: Timely, rows: Row[]): ChartData {
  const places = placesOf(grouping, rows);
  return {
    kind: 'columns',
    of: headOf(grouping),
    labels: places.map(({ label }) => label),
    unit: '',
    text: (share) => percent(share / 100),
    axis: (share) => `${share}%`,
    series: [{ name: '流失率', values: places.map(({ row }) => (typeof row?.lost === 'number' ? row.lost * 100 : null)), tone: 'now' }],
  };
}
