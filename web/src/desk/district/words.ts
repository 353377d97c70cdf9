// How the plan's figures, tiers and weeks are written, the same on every tab.
import type { Mark } from '../../shared/badges';
import type { PlanFigure, PlanFigureHead, TierSummary } from '../../shared/contract';
import { lengthText } from '../figures/groups';

/** `97.2%`, `12:30`, `4`; a dash where there is no value. */
export function valueText(head: PlanFigureHead | undefined, figure: PlanFigure | undefined): string {
  const value = figure?.value;
  if (!head || value === null || value === undefined) return '—';
  if (head.unit === 'seconds') return lengthText(value);
  return head.unit === 'share' ? `${trimmed(value * 100)}%` : String(value);
}

/** At most one digit after the point, none where it is a whole number. */
function trimmed(value: number): string {
  const text = value.toFixed(1);
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

/** `目标 95%` or `目标 20 分钟内`. */
export function goalText(head: PlanFigureHead, goal: number | null | undefined): string {
  if (goal === null || goal === undefined) return '';
  if (head.unit === 'share') return `目标 ${trimmed(goal * 100)}%`;
  return head.unit === 'seconds' ? `目标 ${trimmed(goal / 60)} 分钟内` : `目标 ${goal}`;
}

/** What a value was made from, in short. */
export function madeFrom(head: PlanFigureHead, figure: PlanFigure): string {
  if (figure.value === null || figure.value === undefined) return figure.reason ?? '';
  if (figure.part !== null && figure.part !== undefined) return `${figure.part}/${figure.whole ?? 0}`;
  if (figure.ages) return `超过 90 天 ${figure.ages[3] ?? 0}`;
  return head.unit === 'seconds' ? `${figure.whole ?? 0} 次` : '';
}

/** Where the value and its goal lie on a bar, in per cent of its length. */
export function onBar(head: PlanFigureHead, figure: PlanFigure | undefined): { value: number; goal?: number } | undefined {
  const value = figure?.value;
  if (value === null || value === undefined || head.unit === 'count') return undefined;
  const goal = figure?.goal ?? undefined;
  // Times have no natural end: twice the goal is a bar that is full.
  const full = head.unit === 'share' ? 1 : (goal ?? value) * 2 || 1;
  const place = (at: number) => Math.min(100, Math.max(0, (at / full) * 100));
  return goal === undefined ? { value: place(value) } : { value: place(value), goal: place(goal) };
}

export const tierNames: Record<string, string> = { basic: '基础型', standard: '标准型', model: '标杆型' };

export function tierMark(tier: string | null | undefined): Mark | undefined {
  if (tier === 'model') return { tone: 'P', icon: 'star', word: '标杆型' };
  if (tier === 'standard') return { tone: 'p', icon: 'check', word: '标准型' };
  return tier === 'basic' ? { tone: 'x', icon: 'ring', word: '基础型' } : undefined;
}

export function tierState(of: TierSummary): Mark {
  if (of.state === 'assessed') return { tone: 'w', icon: 'hourglass', word: '等区里确认' };
  return of.state === 'confirmed' ? { tone: 'ok', icon: 'check', word: '已确认' } : { tone: 'x', icon: 'minus', word: '没有自评' };
}

/** `11月20日 12:00 – 11月27日 12:00`. */
export function weekSpan(from: string, to: string): string {
  const day = (at: string) => {
    const [date = '', time = ''] = at.split('T');
    const [, month, dayOfMonth] = date.split('-').map(Number);
    return `${month}月${dayOfMonth}日 ${time.slice(0, 5)}`;
  };
  return `${day(from)} – ${day(to)}`;
}

/** `2026 年第 48 周`. */
export function weekName(week: string): string {
  const [year, number] = week.split('-W');
  return `${year} 年第 ${Number(number)} 周`;
}

/** Sites in the order of a tree, each with how deep it lies. */
export function asTree<T extends { site_id: string; parent_id?: string | null }>(sites: T[]): { site: T; depth: number }[] {
  const depthOf = (site: T, seen = 0): number => {
    const above = sites.find((one) => one.site_id === site.parent_id);
    return above && seen < 8 ? 1 + depthOf(above, seen + 1) : 0;
  };
  return sites.map((site) => ({ site, depth: depthOf(site) }));
}
