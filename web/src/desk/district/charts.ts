// One figure of the plan over all sites as a picture, each site with its own goal.
import type { PlanFigureHead, SubtreeFigures } from '../../shared/contract';
import { inMinutes, minutesAxis, minutesText } from '../figures/charts';
import type { ChartData, Tone } from '../parts/chart';
import { goalText } from './words';

type Site = SubtreeFigures['sites'][number];
const tones: Record<string, Tone> = { below: 'below', far: 'far' };

/** The best first; sites without a value stand last. `sites` are their ids in the order of the bars. */
export function chartOf(head: PlanFigureHead, all: Site[]): { data: ChartData; sites: string[] } {
  const figure = (site: Site) => site.figures[head.key];
  const drawn = (value: number | null | undefined): number | null => {
    if (value === null || value === undefined) return null;
    if (head.unit === 'seconds') return inMinutes(value);
    return head.unit === 'share' ? value * 100 : value;
  };
  const sign = head.better === 'lower' ? 1 : -1;
  const place = (site: Site) => ((figure(site)?.value ?? undefined) === undefined ? Infinity : sign * (figure(site)?.value ?? 0));
  const sites = [...all].sort((one, other) => place(one) - place(other) || 0);
  const text = (value: number) => {
    if (head.unit === 'seconds') return minutesText(value);
    return head.unit === 'share' ? `${Math.round(value * 10) / 10}%` : String(value);
  };
  return {
    sites: sites.map((site) => site.site_id),
    data: {
      kind: 'rows',
      of: '场所',
      labels: sites.map((site) => site.name),
      unit: goalText(head, head.goal),
      text,
      ...(head.unit === 'seconds' && { axis: minutesAxis }),
      ...(head.unit === 'share' && { max: 100 }),
      series: [
        {
          name: head.name,
          tone: 'now',
          values: sites.map((site) => drawn(figure(site)?.value)),
          tones: sites.map((site) => tones[figure(site)?.reach ?? ''] ?? 'now'),
        },
      ],
      ...(head.unit !== 'count' && { goals: sites.map((site) => drawn(figure(site)?.goal)) }),
    },
  };
}
