// The only file that brings ECharts along, and of it only what is drawn here. Pages take it in when they show a chart.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { ChartData } from './chart';
import { optionOf, type Look } from './chart-option';

// As lines, not dots: sharp on paper and at any size.
use([BarChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

/** How large a chart is that is drawn out of sight, for paper. */
const unseen = { width: 960, height: 240 };

function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element);
  const of = (token: string) => style.getPropertyValue(token).trim();
  return {
    ink: of('--ink'),
    ink2: of('--ink-2'),
    ink3: of('--ink-3'),
    line: of('--line'),
    edge: of('--edge'),
    surface: of('--surface'),
    primary: of('--primary'),
    warn: of('--warn-ink'),
    danger: of('--danger'),
    font: style.fontFamily,
    size: Number.parseFloat(of('--fs-xs')) || 12,
    names: Math.min(260, (element.clientWidth || unseen.width) * 0.3),
    moves: !matchMedia('(prefers-reduced-motion: reduce)').matches,
  };
}

export interface Drawing {
  show: (data: ChartData) => void;
  end: () => void;
}

/** Draws into an element, follows its size and the page's colours; `picked` is told which label was pressed. */
export function draw(element: HTMLElement, data: ChartData, picked: (at: number) => void): Drawing {
  let shown = data;
  const sizeOf = () => (element.clientWidth > 0 && element.clientHeight > 0 ? undefined : unseen);
  const chart = init(element, null, { renderer: 'svg', ...sizeOf() });
  /** The picture scales where the paper is of another width than the screen. */
  const fit = () => {
    const picture = element.querySelector('svg');
    picture?.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
    picture?.setAttribute('aria-hidden', 'true');
  };
  const paint = () => {
    chart.setOption(optionOf(shown, lookOf(element)), { notMerge: true });
    fit();
  };
  paint();
  chart.on('click', (found) => picked(found.dataIndex));
  const sizes = new ResizeObserver(() => {
    if (sizeOf()) return;
    chart.resize({ width: element.clientWidth, height: element.clientHeight });
    paint();
  });
  sizes.observe(element);
  const modes = new MutationObserver(paint);
  modes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-contrast', 'data-mode'] });
  return {
    show: (next) => {
      shown = next;
      paint();
    },
    end: () => {
      sizes.disconnect();
      modes.disconnect();
      chart.dispose();
    },
  };
}
