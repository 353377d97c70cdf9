// A chart's data as ECharts takes it, in the colours of the page. Pure: colours and sizes are arguments.
import type { EChartsCoreOption } from 'echarts/core';
import { drawn, type ChartData, type Series, type Tone } from './chart';

/** Read from the page's tokens, so that high contrast and large type are followed. */
export interface Look {
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  edge: string;
  surface: string;
  primary: string;
  warn: string;
  danger: string;
  font: string;
  /** px */
  size: number;
  /** How wide the names of bars that lie may be, px. */
  names: number;
  moves: boolean;
}

export const colourOf = (tone: Tone, look: Look): string =>
  ({ now: look.primary, second: look.ink2, third: look.ink2, past: look.edge, below: look.warn, far: look.danger })[tone];

/** Lines differ in width, dots and marks, not by colour alone; dashes are the goal's. */
const strokes: Record<Tone, { width: number; type: 'solid' | [number, number]; symbol: string; symbolSize: number }> = {
  now: { width: 2.5, type: 'solid', symbol: 'circle', symbolSize: 6 },
  second: { width: 1.5, type: 'solid', symbol: 'rect', symbolSize: 6 },
  third: { width: 1.5, type: [2, 3], symbol: 'triangle', symbolSize: 7 },
  past: { width: 1.5, type: 'solid', symbol: 'none', symbolSize: 0 },
  below: { width: 1.5, type: 'solid', symbol: 'diamond', symbolSize: 7 },
  far: { width: 1.5, type: 'solid', symbol: 'diamond', symbolSize: 7 },
};
const barMax = 28;

/** Where the line it is about ends on the right, its value stands there, and the goal's words at the left. */
const isLateToday = (data: ChartData): boolean =>
  drawn(data).some(({ tone, values }) => tone === 'now' && values.slice(Math.floor(values.length * 0.6)).some((value) => value !== null));

function goalLine(data: ChartData, look: Look): object {
  if (!data.goal) return {};
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: look.ink, type: [5, 4], width: 1.5 },
      label: {
        formatter: data.goal.name,
        position: isLateToday(data) ? 'insideStartTop' : 'insideEndTop',
        color: look.ink,
        fontWeight: 700,
        fontSize: look.size,
        fontFamily: look.font,
        textBorderColor: look.surface,
        textBorderWidth: 3,
      },
      data: [data.kind === 'rows' ? { xAxis: data.goal.value } : { yAxis: data.goal.value }],
    },
  };
}

/** The end of the line that it is about is marked with its value, as the eye goes there. */
function withEnd(one: Series, data: ChartData, look: Look): unknown[] {
  const last = one.values.reduce<number>((found, value, at) => (value === null ? found : at), -1);
  return one.values.map((value, at) =>
    at !== last || one.tone !== 'now'
      ? value
      : {
          value,
          symbolSize: 9,
          label: {
            show: true,
            position: 'top',
            align: at === one.values.length - 1 && at ? 'right' : 'center',
            textBorderColor: look.surface,
            textBorderWidth: 3,
            formatter: () => (value === null ? '' : data.text(value)),
            color: look.primary,
            fontWeight: 700,
            fontSize: look.size,
          },
        },
  );
}

function line(one: Series, data: ChartData, look: Look): object {
  const { width, type, symbol, symbolSize } = strokes[one.tone];
  const color = colourOf(one.tone, look);
  return {
    type: 'line',
    name: one.name,
    data: withEnd(one, data, look),
    symbol,
    symbolSize,
    showAllSymbol: true,
    connectNulls: false,
    lineStyle: { color, width, type },
    itemStyle: { color, borderColor: look.surface, borderWidth: 1 },
    emphasis: { disabled: true },
    z: one.tone === 'now' ? 4 : 3,
  };
}

function bars(one: Series, data: ChartData, look: Look): object {
  return {
    type: 'bar',
    name: one.name,
    ...(one.stack && { stack: one.stack }),
    barMaxWidth: barMax,
    data: one.values.map((value, at) => ({ value, itemStyle: { color: colourOf(one.tones?.[at] ?? one.tone, look) } })),
    // Parts of one bar are told apart by their edge too.
    itemStyle: { borderColor: look.surface, borderWidth: one.stack ? 1 : 0 },
    emphasis: { disabled: true },
    ...(!one.stack && {
      label: {
        show: data.kind === 'rows',
        position: 'right',
        formatter: ({ dataIndex }: { dataIndex: number }) => {
          const value = one.values[dataIndex];
          const tone = one.tones?.[dataIndex];
          return value === null || value === undefined ? '' : `${data.text(value)}${tone === 'below' || tone === 'far' ? ' 没到' : ''}`;
        },
        color: look.ink,
        fontSize: look.size,
      },
    }),
  };
}

function ticks(data: ChartData, look: Look): object[] {
  if (!data.goals?.some((goal) => goal !== null)) return [];
  return [
    {
      type: 'scatter',
      name: '目标',
      symbol: 'rect',
      symbolSize: data.kind === 'rows' ? [4, 24] : [24, 4],
      silent: true,
      itemStyle: { color: look.ink, opacity: 1, borderColor: look.surface, borderWidth: 1 },
      data: data.goals.map((goal, at) => (data.kind === 'rows' ? [goal, at] : [at, goal])),
      z: 6,
    },
  ];
}

/** The next number that looks well at the end of an axis. */
function roundedUp(value: number): number {
  const step = Math.max(1, 10 ** Math.floor(Math.log10(value || 1)) / 2);
  return Math.ceil(value / step) * step;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export function optionOf(data: ChartData, look: Look): EChartsCoreOption {
  const text = { color: look.ink3, fontSize: look.size, fontFamily: look.font };
  const names = {
    type: 'category',
    data: data.labels,
    boundaryGap: data.kind !== 'lines',
    inverse: data.kind === 'rows',
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { show: false },
    axisLabel: {
      ...text,
      hideOverlap: true,
      ...(data.kind === 'rows' && { color: look.ink, width: look.names, overflow: 'truncate' }),
    },
  };
  const least = Math.max(0, ...(data.goals ?? []).map((goal) => goal ?? 0), data.goal?.value ?? 0);
  const numbers = {
    type: 'value',
    min: 0,
    max: data.max ?? (({ max }: { max: number }) => (max < least ? roundedUp(least * 1.1) : null)),
    splitNumber: 4,
    minInterval: data.max ? undefined : 1,
    axisLabel: { ...text, formatter: data.axis ?? data.text },
    splitLine: { lineStyle: { color: look.line } },
  };
  const series = drawn(data).map((one) => (data.kind === 'lines' ? line(one, data, look) : bars(one, data, look)));
  Object.assign(series[0] ?? {}, goalLine(data, look));
  return {
    animation: look.moves,
    animationDuration: 200,
    animationDurationUpdate: 200,
    textStyle: { fontFamily: look.font },
    grid: {
      left: 2,
      right: data.kind === 'rows' ? 12 + look.size * 5 : 14,
      top: 22,
      bottom: 2,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      axisPointer: { type: data.kind === 'lines' ? 'line' : 'shadow', lineStyle: { color: look.edge }, shadowStyle: { opacity: 0.08 } },
      backgroundColor: look.surface,
      borderColor: look.edge,
      textStyle: { color: look.ink, fontSize: look.size + 1 },
      transitionDuration: look.moves ? 0.1 : 0,
      formatter: (found: unknown) => {
        const at = (Array.isArray(found) ? (found[0] as { dataIndex?: number } | undefined) : undefined)?.dataIndex ?? 0;
        const lines = drawn(data).map((one) => {
          const value = one.values[at];
          return `${escaped(one.name)} <b>${value === null || value === undefined ? '—' : escaped(data.text(value))}</b>`;
        });
        const goal = data.goals?.[at];
        if (goal !== null && goal !== undefined) lines.push(`目标 ${escaped(data.text(goal))}`);
        return [`<b>${escaped(data.labels[at] ?? '')}</b>`, ...lines].join('<br>');
      },
    },
    ...(data.kind === 'rows' ? { xAxis: numbers, yAxis: names } : { xAxis: names, yAxis: numbers }),
    series: [...series, ...ticks(data, look)],
  };
}
