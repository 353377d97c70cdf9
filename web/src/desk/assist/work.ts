// What a helper has in hand: people, the way of a day, numbers taken for others; read again while the page is open.
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { take } from '../../shared/client';
import type { components } from '../../shared/api';
import { isoDate } from '../../shared/format';
import { asProblem, type Problem } from '../../shared/problem';
import { sayDone, sayProblem } from '../say';
import { everyPage, PAGE_ROWS } from '../every-page';
import { api } from '../session';

type Schemas = components['schemas'];
export type Assistance = Schemas['AssistanceView'];
export type Visit = Schemas['VisitView'];
export type Route = Schemas['RouteView'];
export type TakenTicket = Schemas['TakenTicketView'];
export type HelperOf = Schemas['HelperView'];
export type Body = Schemas['AssistanceActionRequest'];
export type Step = 'consent' | 'plan-visit' | 'finish-visit' | 'cancel-visit' | 'hand-over' | 'link-case' | 'report' | 'close';

export const doneWords: Readonly<Record<Step, string>> = {
  consent: '同意记下了',
  'plan-visit': '上门排好了',
  'finish-visit': '结果记下了',
  'cancel-visit': '取消了',
  'hand-over': '转出去了',
  'link-case': '和办件对上了',
  report: '报过进度了',
  close: '这件帮办结束了',
};
const refreshMs = 30_000;

export function useAssistances(siteId: string) {
  const all = shallowRef<Assistance[]>();
  const route = shallowRef<Route>();
  const tickets = shallowRef<TakenTicket[]>([]);
  const helpers = shallowRef<HelperOf[]>([]);
  const problem = shallowRef<Problem>();
  const day = ref(isoDate(Date.now()));
  const busy = ref(false);
  const path = { site: siteId };

  async function load(): Promise<void> {
    try {
      const [people, way, taken] = await Promise.all([
        everyPage((cursor) => take(api.GET('/api/v1/sites/{site}/assistances', { params: { path, query: { limit: PAGE_ROWS, cursor } } }))),
        take(api.GET('/api/v1/sites/{site}/visit-route', { params: { path, query: { day: day.value } } })),
        take(api.GET('/api/v1/sites/{site}/taken-tickets', { params: { path } })),
      ]);
      all.value = people;
      route.value = way;
      tickets.value = taken.items;
      problem.value = undefined;
    } catch (error) {
      problem.value = asProblem(error);
    }
  }
  watch(day, () => void load(), { immediate: true });
  const timer = setInterval(() => void load(), refreshMs);
  onScopeDispose(() => clearInterval(timer));

  async function readHelpers(): Promise<void> {
    try {
      helpers.value = (await take(api.GET('/api/v1/sites/{site}/helpers', { params: { path } }))).items;
    } catch (error) {
      sayProblem(error);
    }
  }

  /** What is wrong with single fields is the dialog's to say; anything else is said here. */
  async function run<T>(work: () => Promise<T>, done: string): Promise<T | Problem | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    try {
      const value = await work();
      sayDone(done);
      return value;
    } catch (error) {
      const found = asProblem(error);
      if (!found.fields.length) sayProblem(error);
      return found;
    } finally {
      busy.value = false;
      void load();
    }
  }
  const step = (id: string, name: Step, body: Body) =>
    run(
      () => take(api.POST('/api/v1/assistances/{assistance}/{action}', { params: { path: { assistance: id, action: name } }, body })),
      doneWords[name],
    );
  const open = (person: Schemas['PersonInput']) =>
    run(() => take(api.POST('/api/v1/sites/{site}/assistances', { params: { path }, body: { person } })), '记下了，接着记同意、排上门');

  const going = computed(() => (all.value ?? []).filter(({ closed_at: at }) => !at));
  const news = computed(() => going.value.filter(({ has_news: has }) => has).length);
  return { all, going, news, route, tickets, helpers, problem, day, busy, load, readHelpers, step, open };
}
