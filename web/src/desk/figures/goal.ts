// How long people of a site shall wait at most, by the plan or by the site's own policy: the line in its charts.
import { ref, watch, type Ref } from 'vue';
import { take } from '../../shared/client';
import { api } from '../session';

/** Seconds; none while it is not known. A chart without its goal is still a chart, so what fails is silent. */
export function useWaitGoal(siteId: Ref<string>, today: Ref<string>): Ref<number | undefined> {
  const goal = ref<number>();
  watch(
    siteId,
    async (site) => {
      goal.value = undefined;
      const query = { from: today.value, to: today.value };
      const answer = await take(api.GET('/api/v1/sites/{site}/subtree-figures', { params: { path: { site }, query } })).catch(
        () => undefined,
      );
      if (site !== siteId.value) return;
      goal.value = answer?.sites.find((one) => one.site_id === site)?.figures['waiting']?.goal ?? undefined;
    },
    { immediate: true },
  );
  return goal;
}
