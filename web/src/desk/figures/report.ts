// The report of one site and period, read anew when either changes; what is shown is always what was asked for.
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { take } from '../../shared/client';
import type { Figures } from '../../shared/contract';
import { asProblem, type Problem } from '../../shared/problem';
import { api } from '../session';
import { wrongWith, type Period } from './period';

/** A report of today goes on; one a minute is enough for minutes. */
const refreshMs = 60_000;

export function useReport(siteId: Ref<string>, period: Ref<Period>) {
  const figures = shallowRef<Figures>();
  const readAt = ref(0);
  const problem = shallowRef<Problem>();
  const busy = ref(false);
  let asked = 0;

  async function read(): Promise<void> {
    const mine = ++asked;
    const [site, { from, to }] = [siteId.value, period.value];
    if (wrongWith(period.value)) return;
    busy.value = true;
    try {
      const query = { from, to };
      const answer = await take(api.GET('/api/v1/sites/{site}/figures', { params: { path: { site }, query } }));
      if (mine !== asked) return;
      figures.value = answer;
      readAt.value = Date.now();
      problem.value = undefined;
    } catch (error) {
      if (mine === asked) problem.value = asProblem(error);
    } finally {
      if (mine === asked) busy.value = false;
    }
  }

  watch(
    [siteId, period],
    () => {
      // Figures of other days or another site must not stand under these.
      if (figures.value?.site_id !== siteId.value || figures.value.from !== period.value.from || figures.value.to !== period.value.to)
        figures.value = undefined;
      problem.value = undefined;
      void read();
    },
    { immediate: true },
  );
  const timer = setInterval(() => void read(), refreshMs);
  onScopeDispose(() => clearInterval(timer));
  return { figures, readAt, problem, busy, read };
}
