// A hall in the middle of its day, for looking at a board before it hangs in one.
import type { BoardState } from '../../display/board';

/** Names as long as halls give them. */
const LINES = ['综合受理', '社会保障和医疗保障', '民政和残疾人事务', '不动产登记', '户籍和出入境', '企业开办'];

export function sampleBoard(hall: string, now: number): BoardState {
  const called = (number: string, window_number: number, minutes: number, recall_count = 0) => ({
    number,
    window_number,
    called_at: new Date(now - minutes * 60_000).toISOString(),
    recall_count,
  });
  return {
    site: { id: 'sample', name: hall },
    calls: [
      called('A017', 3, 0),
      called('B005', 6, 1),
      called('A016', 1, 3, 1),
      called('C002', 4, 5),
      called('A015', 2, 8),
      called('D001', 5, 9),
    ],
    waiting: LINES.map((name, at) => {
      const prefix = String.fromCharCode(65 + at);
      const count = [6, 4, 2, 1, 0, 3][at] ?? 0;
      const next = Array.from(
        { length: Math.min(3, count) },
        (_, after) => `${prefix}${String(18 - 5 * Math.min(at, 2) + after).padStart(3, '0')}`,
      );
      return { line_id: `l${at}`, name, prefix, count, next };
    }),
    windows: Array.from({ length: 8 }, (_, at) => ({
      number: at + 1,
      state: at === 6 ? 'paused' : at === 7 ? 'closed' : 'open',
      text: at === 6 ? '10:55 回' : null,
    })),
    notices: ['今天下午三点停电一小时，请提前来'],
  };
}
