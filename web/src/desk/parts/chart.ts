// What a chart shows, apart from how it is drawn: the same numbers make picture, table and the words for who cannot see.

/** `now` is what it is about, `past` earlier weeks in grey, the others stand beside it; each has a line or pattern of its own. */
export type Tone = 'now' | 'second' | 'third' | 'past' | 'below' | 'far';

export interface Series {
  name: string;
  /** One for each label; none where nothing happened. */
  values: (number | null)[];
  tone: Tone;
  /** A bar's own tone, where they differ. */
  tones?: Tone[];
  /** Bars of one stack stand on each other. */
  stack?: string;
  /** In the table alone: the picture would be too full. */
  tableOnly?: boolean;
}

export interface ChartData {
  /** `lines` over time, `columns` that stand, `rows` that lie with long names. */
  kind: 'lines' | 'columns' | 'rows';
  /** What the labels are: the head of the table's first column. */
  of: string;
  labels: string[];
  series: Series[];
  /** Of the numbers, for the table's caption and the picture's words, as `分:秒`. */
  unit: string;
  /** A value as people read it. */
  text: (value: number) => string;
  /** A value at the axis; as `text` where it is not said. */
  axis?: (value: number) => string;
  /** One goal for all, a dashed line. */
  goal?: { name: string; value: number } | undefined;
  /** A goal for each label, a dark tick. */
  goals?: (number | null)[];
  /** The end of the axis, where it is known, as 100 for shares. */
  max?: number;
}

export const drawn = ({ series }: ChartData): Series[] => series.filter((one) => !one.tableOnly);
export const isEmpty = (data: ChartData): boolean => data.series.every(({ values }) => values.every((value) => value === null));
export const cell = (data: ChartData, value: number | null | undefined): string =>
  value === null || value === undefined ? '—' : data.text(value);

/** `等候。平均：最高 23:00（10:00），最低 4:10（8:00）。目标 20:00。`: what the picture says, in one breath. */
export function inWords(title: string, data: ChartData): string {
  const spans = drawn(data).flatMap(({ name, values }) => {
    const known = values.flatMap((value, at) => (value === null ? [] : [{ value, at }]));
    const [first] = known;
    if (!first) return [`${name}：没有数`];
    const most = known.reduce((best, one) => (one.value > best.value ? one : best), first);
    const least = known.reduce((best, one) => (one.value < best.value ? one : best), first);
    const said = ({ value, at }: typeof first) => `${data.text(value)}（${data.labels[at] ?? ''}）`;
    return [most.value === least.value ? `${name}：${said(most)}` : `${name}：最高 ${said(most)}，最低 ${said(least)}`];
  });
  return [title, ...spans, ...(data.goal ? [data.goal.name] : [])].join('。');
}
