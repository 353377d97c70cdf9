// The report's groups as rows of one table, whatever they are grouped by.
import type { Figures } from '../../shared/contract';
import { weekday } from '../../shared/format';

export type Lengths = Figures['waiting'];

export interface Row {
  key: string;
  name: string;
  /** Unknown where a group has no such figure: who took a number or was not reached was at no window. */
  issued?: number;
  done: number;
  abandoned?: number;
  unserved?: number;
  notBack?: number;
  lost?: number | null;
  calls: number;
  misses: number;
  waiting: Lengths;
  way: Lengths;
  serving: Lengths;
}

type Group = Omit<Figures['lines'][number], 'line_id' | 'name' | 'average_wait_s'>;

export type GroupKey = 'by_line' | 'by_window' | 'by_hour' | 'by_class' | 'by_day';

/** Keys are those of the definitions. */
export const groupings: { key: GroupKey; word: string }[] = [
  { key: 'by_line', word: '按队' },
  { key: 'by_window', word: '按窗口' },
  { key: 'by_hour', word: '按钟点' },
  { key: 'by_class', word: '按类别' },
  { key: 'by_day', word: '按天' },
];

const classNames: Record<string, string> = {
  green: '绿色通道',
  appointment: '预约',
  quick: '简事',
  ordinary: '普通',
  walk_in: '直接到窗口',
};

function row(key: string, name: string, group: Group): Row {
  const { tickets_issued: issued, tickets_done: done, tickets_abandoned: abandoned } = group;
  const { tickets_unserved: unserved, tickets_not_back: notBack } = group;
  const { calls, misses, waiting, way, serving, abandonment_share: lost } = group;
  return { key, name, issued, done, abandoned, unserved, notBack, lost, calls, misses, waiting, way, serving };
}

export function rowsOf(figures: Figures, grouping: GroupKey): Row[] {
  switch (grouping) {
    case 'by_line':
      return figures.lines.map((one) => row(one.line_id, one.name ?? '已撤的队', one));
    case 'by_window':
      return figures.windows.map(({ window_id: key, number, ...one }) => ({
        key,
        name: number ? `${number} 号窗口` : '已撤的窗口',
        done: one.tickets_done,
        abandoned: one.tickets_abandoned,
        notBack: one.tickets_not_back,
        lost: one.abandonment_share,
        ...one,
      }));
    case 'by_hour':
      return figures.hours.map((one) => row(String(one.hour), `${one.hour}:00–${one.hour + 1}:00`, one));
    case 'by_class':
      return figures.classes.map((one) => row(one.class, classNames[one.class] ?? one.class, one));
    case 'by_day':
      return figures.days.map((one) => row(one.date, `${one.date} 周${weekday(one.date)}`, one));
  }
}

export const wholeOf = (figures: Figures): Row => row('whole', '合计', figures);

/** `12.5%`; a dash where nothing could be divided by. */
export const percent = (share: number | null | undefined) => (share === null || share === undefined ? '—' : `${(share * 100).toFixed(1)}%`);
export const missShare = ({ calls, misses }: Row) => (calls ? misses / calls : undefined);

/** `12:30`, minutes and seconds, with hours from an hour on; a dash without any. */
export function lengthText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '—';
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, rest] = [Math.floor(seconds / 3600), seconds % 3600];
  return hours ? `${hours}:${two(Math.floor(rest / 60))}:${two(rest % 60)}` : `${Math.floor(rest / 60)}:${two(rest % 60)}`;
}
