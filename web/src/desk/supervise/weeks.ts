// Today hour by hour against the same weekday of the weeks before.
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { take } from '../../shared/client';
import type { Figures } from '../../shared/contract';
import { dateDay, weekday } from '../../shared/format';
import { inMinutes, minutesAxis, minutesText, waitGoal } from '../figures/charts';
import { daysAfter } from '../figures/period';
import type { ChartData } from '../parts/chart';
import { api } from '../session';

const weeksBack = 4;
const againMs = 60_000;
export type Measure = 'waiting' | 'issued';

/** The same weekday of the last four weeks, the newest first. */
export const earlierDays = (today: string): string[] => Array.from({ length: weeksBack }, (_, at) => daysAfter(today, -7 * (at + 1)));

type Hour = Figures['hours'][number];
const hourOf = (figures: Figures | undefined, hour: number): Hour | undefined => figures?.hours.find((one) => one.hour === hour);
/** A day on which the hall was closed says nothing about a usual one. */
const wasOpen = (figures: Figures): boolean => figures.tickets_issued > 0;
const tenths = (value: number) => Math.round(value * 10) / 10;

/** Of all waits of those days, not of their means; of visits, the mean of a day. */
function usual(measure: Measure, days: Figures[], hour: number): number | null {
  const hours = days.map((one) => hourOf(one, hour));
  if (measure === 'issued') return days.length ? hours.reduce((sum, one) => sum + (one?.tickets_issued ?? 0), 0) / days.length : null;
  const waits = hours.reduce((sum, one) => sum + (one?.waiting.count ?? 0), 0);
  const seconds = hours.reduce((sum, one) => sum + (one?.waiting.average_s ?? 0) * (one?.waiting.count ?? 0), 0);
  return waits ? seconds / waits / 60 : null;
}

function own(measure: Measure, day: Figures, hour: number): number | null {
  const one = hourOf(day, hour);
  return measure === 'issued' ? (one?.tickets_issued ?? 0) : inMinutes(one?.waiting.average_s);
}

/**
 * The chart. Of today there is nothing after `hourNow`; the hour that still goes on counts for waits, whose mean is
 * already true, and not for visits, of which the rest is to come.
 */
export function againstWeeks(
  measure: Measure,
  today: Figures,
  before: readonly Figures[],
  hourNow: number,
  goalSeconds: number | undefined,
): ChartData {
  const days = before.filter(wasOpen);
  const known = [today, ...days].flatMap(({ hours }) => hours.map(({ hour }) => hour));
  const first = Math.min(...known);
  const hours = known.length ? Array.from({ length: Math.max(...known) - first + 1 }, (_, at) => first + at) : [];
  const isOver = (hour: number) => (measure === 'issued' ? hour < hourNow : hour <= hourNow);
  const nothing = today.tickets_issued === 0 && !days.length;
  return {
    kind: 'lines',
    of: '钟点',
    labels: hours.map((hour) => `${hour}:00`),
    unit: measure === 'issued' ? '位' : '分:秒',
    text: measure === 'issued' ? (value) => `${tenths(value)}` : minutesText,
    axis: measure === 'issued' ? (value) => `${tenths(value)}` : minutesAxis,
    series: [
      { name: '今天', tone: 'now', values: hours.map((hour) => (isOver(hour) && !nothing ? own(measure, today, hour) : null)) },
      {
        name: `前 ${weeksBack} 个星期${weekday(today.from)}`,
        tone: 'past',
        values: hours.map((hour) => usual(measure, days, hour)),
      },
      ...days.map((day) => ({
        name: dateDay(day.from),
        tone: 'past' as const,
        tableOnly: true,
        values: hours.map((hour) => own(measure, day, hour)),
      })),
    ],
    goal: measure === 'waiting' ? waitGoal(goalSeconds) : undefined,
  };
}

/** The days before, read once: what is over does not change. Those that did not come are asked again by and by. */
export function useEarlierDays(siteId: string, today: Ref<string>) {
  const byDay = shallowRef(new Map<string, Figures>());
  const isMissing = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read(): Promise<void> {
    clearTimeout(timer);
    const dates = earlierDays(today.value);
    await Promise.all(
      dates
        .filter((date) => !byDay.value.has(date))
        .map(async (date) => {
          const params = { path: { site: siteId }, query: { from: date, to: date } };
          const figures = await take(api.GET('/api/v1/sites/{site}/figures', { params })).catch(() => undefined);
          if (figures) byDay.value = new Map(byDay.value).set(date, figures);
        }),
    );
    isMissing.value = dates.some((date) => !byDay.value.has(date));
    if (isMissing.value) timer = setTimeout(() => void read(), againMs);
  }
  watch(today, () => void read(), { immediate: true });
  onScopeDispose(() => clearTimeout(timer));
  const days = computed(() => earlierDays(today.value).flatMap((date) => byDay.value.get(date) ?? []));
  return { days, isMissing };
}
