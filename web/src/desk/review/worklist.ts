// The approver's worklist: sorted by due date, in groups of urgency, one case open at a time.
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { take } from '../../shared/client';
import type { Case, CaseSummary } from '../../shared/contract';
import { allows, levelName } from '../../shared/badges';
import { isoDate } from '../../shared/format';
import { asProblem, type Problem } from '../../shared/problem';
import { everyPage, PAGE_ROWS } from '../every-page';
import { sayProblem } from '../say';
import { api, session } from '../session';

export const shelves = [
  { key: 'mine', name: '我的' },
  { key: 'open', name: '组内待领' },
  { key: 'refusal', name: '受理审定' },
  { key: 'suspended', name: '停钟' },
] as const;
export type Shelf = (typeof shelves)[number]['key'];

const refreshMs = 20_000;
const dayMs = 86_400_000;

export function shelfOf(one: CaseSummary): Shelf {
  if (one.state === 'refusal_proposed') return 'refusal';
  if (one.state === 'suspended') return 'suspended';
  const isMine = one.mine ?? (one.claimed_by ? one.claimed_by === session.staff?.id : allows(one.actions, 'approve'));
  // A step that nobody claimed waits for the group, whatever was signed before it.
  if (!isMine && one.step_name && allows(one.actions, 'claim')) return 'open';
  return isMine || one.state !== 'accepted' ? 'mine' : 'open';
}

export interface Group {
  name: string;
  rows: CaseSummary[];
}

const time = (one: CaseSummary) => (one.due_at ? Date.parse(one.due_at) : Number.MAX_SAFE_INTEGER);

/** Groups by urgency, each sorted by due date. */
export function groupsOf(rows: CaseSummary[], now: number): Group[] {
  const today = isoDate(now);
  const tomorrow = isoDate(now + dayMs);
  const weekEnd = isoDate(now + (7 - ((new Date(now + 8 * 3_600_000).getUTCDay() + 6) % 7) - 1) * dayMs);
  const nameOf = (one: CaseSummary): string => {
    if (!one.due_at) return '到期日待定';
    const due = isoDate(one.due_at);
    const level = levelName(one.level);
    if (due < today || level === 'yellow' || level === 'red') return '已超期';
    if (due <= tomorrow) return '今天、明天到期';
    return due <= weekEnd ? '本周到期' : '以后';
  };
  const order = ['已超期', '今天、明天到期', '本周到期', '以后', '到期日待定'];
  return order
    .map((name) => ({ name, rows: rows.filter((one) => nameOf(one) === name).sort((a, b) => time(a) - time(b)) }))
    .filter((group) => group.rows.length > 0);
}

export function useWorklist() {
  const rows = ref<CaseSummary[]>([]);
  const isLoaded = ref(false);
  const staleSince = ref<number>();
  /** Why this is not for the one who asks. */
  const barred = shallowRef<Problem>();
  const loadedAt = ref(Date.now());
  const shelf = ref<Shelf>('mine');
  const query = ref('');
  const openId = ref<string>();
  /** The case of `openId` and never another; nothing while it is read. */
  const open = ref<Case>();
  /** Why the case that is marked could not be read. */
  const openProblem = shallowRef<Problem>();

  const counts = computed(() => new Map(shelves.map(({ key }) => [key, rows.value.filter((one) => shelfOf(one) === key).length])));
  const shown = computed(() => {
    const text = query.value.trim().toLowerCase();
    const matches = (one: CaseSummary) => `${one.matter_name} ${one.number} ${one.applicant_name}`.toLowerCase().includes(text);
    return rows.value.filter((one) => (text ? matches(one) : shelfOf(one) === shelf.value));
  });
  const groups = computed(() => groupsOf(shown.value, Date.now()));
  const ordered = computed(() => groups.value.flatMap((group) => group.rows));

  async function load(): Promise<void> {
    try {
      rows.value = await everyPage((cursor) => take(api.GET('/api/v1/worklist', { params: { query: { limit: PAGE_ROWS, cursor } } })));
      loadedAt.value = Date.now();
      staleSince.value = barred.value = undefined;
      isLoaded.value = true;
    } catch (error) {
      const problem = asProblem(error);
      barred.value = problem.status === 403 ? problem : undefined;
      if (!barred.value || isLoaded.value) staleSince.value ??= loadedAt.value;
    }
  }

  async function openCase(id: string | undefined): Promise<void> {
    openId.value = id;
    openProblem.value = undefined;
    // What stands open is what the keys decide: not the case before, while this one is on its way.
    if (open.value?.id !== id) open.value = undefined;
    if (!id) return;
    try {
      const loaded = await take(api.GET('/api/v1/cases/{case}', { params: { path: { case: id } } }));
      if (openId.value === id) open.value = loaded;
    } catch (error) {
      if (openId.value !== id) return;
      if (open.value) sayProblem(error);
      else openProblem.value = asProblem(error);
    }
  }

  function move(step: number): void {
    const at = ordered.value.findIndex((one) => one.id === openId.value);
    const next = ordered.value[Math.min(Math.max(at + step, 0), ordered.value.length - 1)];
    if (next && next.id !== openId.value) void openCase(next.id);
  }

  /** After a decision: the list again, and the case that stood below. */
  async function goOn(): Promise<void> {
    const at = ordered.value.findIndex((one) => one.id === openId.value);
    const next = ordered.value[at + 1] ?? ordered.value[at - 1];
    await load();
    const stillThere = next && rows.value.some((one) => one.id === next.id);
    await openCase(stillThere ? next.id : ordered.value[0]?.id);
  }

  /** The first list that comes opens its first case, however late it comes. */
  const refresh = () => void (isLoaded.value ? load() : start());
  const timer = setInterval(refresh, refreshMs);
  const onFocus = refresh;
  window.addEventListener('focus', onFocus);
  onScopeDispose(() => {
    clearInterval(timer);
    window.removeEventListener('focus', onFocus);
  });

  async function start(): Promise<void> {
    await load();
    // Whoever chose a shelf before the list came stays there.
    const first = [{ key: shelf.value }, ...shelves].find(({ key }) => (counts.value.get(key) ?? 0) > 0);
    if (first) shelf.value = first.key;
    if (!openId.value) await openCase(ordered.value[0]?.id);
  }

  return {
    rows,
    isLoaded,
    barred,
    staleSince,
    shelf,
    query,
    openId,
    open,
    openProblem,
    counts,
    groups,
    ordered,
    load,
    openCase,
    move,
    goOn,
    start,
  };
}
