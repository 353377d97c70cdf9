// The negative ratings and complaints of a site as the page works on them: read, kept fresh, acted on.
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { take } from '../../shared/client';
import type { ClerkRates, Complaint, NegativeEvaluation } from '../../shared/contract';
import { asProblem, type Problem } from '../../shared/problem';
import { sayDone, sayProblem } from '../say';
import { everyPage, PAGE_ROWS } from '../every-page';
import { api, session } from '../session';

const REFRESH_MS = 30_000;

export interface StepBody {
  verify: { finding: 'valid' | 'invalid'; text: string };
  rectify: { kind: 'at_once' | 'within_limit' | 'explain'; due?: string; text: string };
  'finish-rectification': { text: string };
  reply: { text: string };
  'call-back': { reached: boolean; satisfied?: boolean; text?: string };
  'decide-appeal': { upheld: boolean; reason: string };
}
export type StepName = keyof StepBody;

export const doneWords: Record<StepName, string> = {
  verify: '核实记下了',
  rectify: '整改记下了',
  'finish-rectification': '销号了',
  reply: '答复发出了，查询页上看得到',
  'call-back': '回访记下了',
  'decide-appeal': '复核记下了',
};

function send<N extends StepName>(id: string, name: N, body: StepBody[N]): Promise<NegativeEvaluation> {
  const params = { path: { evaluation: id } };
  switch (name) {
    case 'verify':
      return take(api.POST('/api/v1/evaluations/{evaluation}/verify', { params, body: body as StepBody['verify'] }));
    case 'rectify':
      return take(api.POST('/api/v1/evaluations/{evaluation}/rectify', { params, body: body as StepBody['rectify'] }));
    case 'finish-rectification':
      return take(api.POST('/api/v1/evaluations/{evaluation}/finish-rectification', { params, body: body as StepBody['reply'] }));
    case 'reply':
      return take(api.POST('/api/v1/evaluations/{evaluation}/reply', { params, body: body as StepBody['reply'] }));
    case 'call-back':
      return take(api.POST('/api/v1/evaluations/{evaluation}/call-back', { params, body: body as StepBody['call-back'] }));
    default:
      return take(api.POST('/api/v1/evaluations/{evaluation}/decide-appeal', { params, body: body as StepBody['decide-appeal'] }));
  }
}

/** Everything of a site that is to be followed up. */
export function useFollowUps(siteId: Ref<string>) {
  const ratings = shallowRef<NegativeEvaluation[]>([]);
  const complaints = shallowRef<Complaint[]>([]);
  const rates = shallowRef<ClerkRates[]>([]);
  const problem = shallowRef<Problem>();
  const isRead = ref(false);
  const readAt = ref(0);
  const busy = ref(false);
  let asked = 0;
  /** Auditors see what was done, not how each person stands. */
  const seesRates = session.staff?.roles.some((role) => role === 'supervisor' || role === 'district') ?? false;

  async function load(): Promise<void> {
    const site = siteId.value;
    const own = ++asked;
    try {
      const query = { site, limit: PAGE_ROWS };
      const [found, filed, clerks] = await Promise.all([
        everyPage((cursor) => take(api.GET('/api/v1/evaluations/negative', { params: { query: { ...query, cursor } } }))),
        everyPage((cursor) => take(api.GET('/api/v1/complaints', { params: { query: { ...query, cursor } } }))),
        seesRates ? take(api.GET('/api/v1/evaluations/clerks', { params: { query: { site } } })) : { items: [] as ClerkRates[] },
      ]);
      if (own !== asked) return;
      ratings.value = found;
      complaints.value = filed;
      rates.value = clerks.items;
      problem.value = undefined;
      isRead.value = true;
      readAt.value = Date.now();
    } catch (error) {
      if (own === asked) problem.value = asProblem(error);
    }
  }
  watch(siteId, () => void load(), { immediate: true });
  const timer = setInterval(() => void load(), REFRESH_MS);
  onScopeDispose(() => clearInterval(timer));

  async function run<T>(work: () => Promise<T>, done: string): Promise<T | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    try {
      const value = await work();
      sayDone(done);
      return value;
    } catch (error) {
      sayProblem(error);
      return undefined;
    } finally {
      busy.value = false;
      void load();
    }
  }

  async function step<N extends StepName>(id: string, name: N, body: StepBody[N]): Promise<boolean> {
    const changed = await run(() => send(id, name, body), doneWords[name]);
    if (changed) ratings.value = ratings.value.map((one) => (one.id === changed.id ? changed : one));
    return changed !== undefined;
  }

  /** The message about a reply did not go out: once more. */
  const resend = (messageId: string) =>
    run(
      () => take(api.POST('/api/v1/notifications/{notification}/retry', { params: { path: { notification: messageId } } })),
      '又发了一次',
    );

  /** Negative ratings from before loops were kept; `undefined` until they were counted. */
  const withoutLoop = ref<number>();
  async function countWithoutLoop(): Promise<void> {
    try {
      const path = { site: siteId.value };
      withoutLoop.value = (await take(api.GET('/api/v1/sites/{site}/evaluations-without-loop', { params: { path } }))).left;
    } catch {
      withoutLoop.value = undefined;
    }
  }
  watch(siteId, () => void countWithoutLoop(), { immediate: true });
  async function openLoops(): Promise<void> {
    const path = { site: siteId.value };
    const opened = await run(
      () => take(api.POST('/api/v1/sites/{site}/evaluations-without-loop', { params: { path }, body: {} })),
      '补进来了，按评价那天算期限',
    );
    if (opened) withoutLoop.value = opened.left;
  }

  async function settle(id: string, text: string | undefined): Promise<boolean> {
    const params = { path: { complaint: id } };
    const changed = await run(
      () =>
        text === undefined
          ? take(api.POST('/api/v1/complaints/{complaint}/close', { params, body: {} }))
          : take(api.POST('/api/v1/complaints/{complaint}/answer', { params, body: { text } })),
      text === undefined ? '办结了' : '答复发出了',
    );
    if (changed) complaints.value = complaints.value.map((one) => (one.id === changed.id ? changed : one));
    return changed !== undefined;
  }

  /** Name and phone, for a call; the server writes down who looked and why. */
  async function reveal(
    kind: 'evaluations' | 'complaints',
    id: string,
    reason: string,
  ): Promise<{ name: string; phone: string } | undefined> {
    const body = { fields: ['name', 'phone'], reason };
    try {
      const data =
        kind === 'evaluations'
          ? await take(api.POST('/api/v1/evaluations/{evaluation}/reveal', { params: { path: { evaluation: id } }, body }))
          : await take(api.POST('/api/v1/complaints/{complaint}/reveal', { params: { path: { complaint: id } }, body }));
      return { name: data.name ?? '没留姓名', phone: data.phone ?? '没留电话' };
    } catch (error) {
      sayProblem(error);
      return undefined;
    }
  }

  const overdue = computed(() => ratings.value.filter((one) => one.overdue).length + complaints.value.filter((one) => one.overdue).length);
  return {
    ratings,
    complaints,
    rates,
    problem,
    isRead,
    readAt,
    busy,
    overdue,
    load,
    step,
    settle,
    reveal,
    resend,
    withoutLoop,
    openLoops,
  };
}
