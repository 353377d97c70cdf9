// The templates of opinions that the matter of a case brings along. They are a help to write: where they cannot be read,
// the general ones are there.
import { ref, watch, type Ref } from 'vue';
import { take } from '../../shared/client';
import type { Case, OpinionTemplate } from '../../shared/contract';
import { api } from '../session';

export function useTemplates(record: Ref<Case | undefined>, canWrite: Ref<boolean>): Ref<readonly OpinionTemplate[]> {
  const templates = ref<readonly OpinionTemplate[]>([]);
  let asked = 0;
  watch(
    () => (canWrite.value ? record.value?.id : undefined),
    async (id) => {
      const mine = ++asked;
      templates.value = [];
      if (!id) return;
      try {
        const page = await take(api.GET('/api/v1/cases/{case}/opinion-templates', { params: { path: { case: id } } }));
        if (mine === asked) templates.value = page.items;
      } catch {
        // Without them the general ones are offered.
      }
    },
    { immediate: true },
  );
  return templates;
}
