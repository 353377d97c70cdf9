// Certificates of this site: in the cabinet, on the way into it, and decisions whose document is still to be made.
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { take } from '../../shared/client';
import type { CaseSummary, Certificate } from '../../shared/contract';
import { allows } from '../../shared/badges';
import { isoDate } from '../../shared/format';
import { asProblem, type Problem } from '../../shared/problem';
import { everyPage, PAGE_ROWS } from '../every-page';
import { api } from '../session';

export const oldAfterDays = 30;
/** How long something lies there, in steps; days from and to. */
export const ageSteps = [
  { word: '放了 90 天以上', from: 91, to: Number.MAX_SAFE_INTEGER },
  { word: '31 到 90 天', from: 31, to: 91 },
  { word: '8 到 30 天', from: 8, to: 31 },
  { word: '一周以内', from: 0, to: 8 },
];
const refreshMs = 10_000;
const dayMs = 86_400_000;

/** The usual cabinet, and the largest that fits the page; a slot is free text, so that others stand beside the grid. */
const usual = { columns: 8, rows: 8 };
const largest = { columns: 12, rows: 12 };
const firstLetter = 'A'.charCodeAt(0);
const nameOf = (column: number, row: number) => `${String.fromCharCode(firstLetter + column)}${String(row + 1).padStart(2, '0')}`;

export interface Cabinet {
  columns: number;
  rows: number;
  /** Row by row. */
  slots: string[];
  /** In use, and not in the grid: `窗台`, `Z99`. */
  others: string[];
}

/** The cabinet as the slots in use show it: never smaller than the usual one. */
export function cabinetOf(inUse: Iterable<string>): Cabinet {
  const size = { ...usual };
  const others: string[] = [];
  for (const slot of inUse) {
    const [, letter = '', digits = ''] = /^([A-Z])(\d\d)$/.exec(slot) ?? [];
    const [column, row] = [letter.charCodeAt(0) - firstLetter + 1, Number(digits)];
    if (letter && row >= 1 && column <= largest.columns && row <= largest.rows) {
      size.columns = Math.max(size.columns, column);
      size.rows = Math.max(size.rows, row);
    } else others.push(slot);
  }
  const slots = Array.from({ length: size.rows * size.columns }, (_, at) => nameOf(at % size.columns, Math.floor(at / size.columns)));
  return { ...size, slots, others: others.sort((one, other) => one.localeCompare(other, 'zh-CN')) };
}

export const isReleased = (one: Certificate) => one.upload === 'confirmed' || one.upload === 'not_required' || one.upload === 'waived';
/** What its applicant wants sent, and what can be sent. */
export const isToSend = (one: Certificate) => one.custody === 'in_cabinet' && isReleased(one) && Boolean(one.courier_to);
export const daysInCabinet = (one: Certificate) => (one.received_at ? Math.floor((Date.now() - Date.parse(one.received_at)) / dayMs) : 0);
export type SlotLook = 'empty' | 'in' | 'told' | 'old' | 'upload';

export function lookOf(one: Certificate | undefined): SlotLook {
  if (!one) return 'empty';
  if (!isReleased(one)) return 'upload';
  if (daysInCabinet(one) > oldAfterDays) return 'old';
  return one.notified_at ? 'told' : 'in';
}

export function useCabinet(siteId: string) {
  const all = ref<Certificate[]>([]);
  const toMake = ref<CaseSummary[]>([]);
  const isLoaded = ref(false);
  const staleSince = ref<number>();
  /** Why this is not for the one who asks. */
  const barred = shallowRef<Problem>();
  let loadedAt = Date.now();

  const bySlot = computed(
    () => new Map(all.value.filter((one) => one.custody === 'in_cabinet' && one.slot).map((one) => [one.slot as string, one])),
  );
  const inCabinet = computed(() => all.value.filter((one) => one.custody === 'in_cabinet'));
  const toReceive = computed(() =>
    all.value.filter(
      (one) => one.custody === 'made' || one.custody === 'in_transit' || (one.custody === 'returned' && allows(one.actions, 'receive')),
    ),
  );
  const freeSlot = computed(() => cabinetOf(bySlot.value.keys()).slots.find((slot) => !bySlot.value.has(slot)));
  const figures = computed(() => ({
    inCabinet: inCabinet.value.length,
    told: inCabinet.value.filter((one) => one.notified_at).length,
    old: inCabinet.value.filter((one) => daysInCabinet(one) > oldAfterDays).length,
    parcels: all.value.filter((one) => one.custody === 'shipped' || isToSend(one)).length,
    upload: all.value.filter((one) => ['made', 'in_transit', 'in_cabinet'].includes(one.custody) && !isReleased(one)).length,
    today: all.value.filter((one) => one.handed_over_at && isoDate(one.handed_over_at) === isoDate(Date.now())).length,
  }));

  async function load(): Promise<void> {
    try {
      const [cabinet, decided] = await Promise.all([
        everyPage((cursor) =>
          take(api.GET('/api/v1/sites/{site}/cabinet', { params: { path: { site: siteId }, query: { limit: PAGE_ROWS, cursor } } })),
        ),
        everyPage((cursor) => take(api.GET('/api/v1/cases', { params: { query: { state: 'decided', limit: PAGE_ROWS, cursor } } }))),
      ]);
      all.value = cabinet;
      toMake.value = decided.filter((one) => allows(one.actions, 'certificate') || allows(one.actions, 'decision-notice'));
      isLoaded.value = true;
      loadedAt = Date.now();
      staleSince.value = barred.value = undefined;
    } catch (error) {
      const problem = asProblem(error);
      barred.value = problem.status === 403 ? problem : undefined;
      if (!barred.value || isLoaded.value) staleSince.value ??= loadedAt;
    }
  }

  /** Finds by what a scanner or a hand can give: slot, certificate, case, identifier. */
  function find(text: string): Certificate | undefined {
    const wanted = text.trim().toUpperCase();
    if (!wanted) return undefined;
    const exact = (one: Certificate) =>
      [one.slot, one.number, one.case_number, one.identifier, one.id, one.case_id].some((value) => value?.toUpperCase() === wanted);
    const tail = (one: Certificate) =>
      wanted.length >= 4 && [one.number, one.case_number].some((value) => value?.toUpperCase().endsWith(wanted));
    return all.value.find(exact) ?? all.value.find(tail);
  }

  /** Documents of some cases: those that can be handed over first. */
  function ofCases(ids: readonly string[]): Certificate[] {
    const own = all.value.filter((one) => ids.includes(one.case_id));
    const rank = (one: Certificate) => (one.custody === 'in_cabinet' ? 0 : one.handed_over_at ? 2 : 1);
    return own.sort((one, other) => rank(one) - rank(other));
  }

  const timer = setInterval(() => void load(), refreshMs);
  onScopeDispose(() => clearInterval(timer));
  void load();
  return { all, toMake, isLoaded, barred, staleSince, bySlot, inCabinet, toReceive, freeSlot, figures, load, find, ofCases };
}
