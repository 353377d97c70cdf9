// What an approver writes, case by case: it stays while one looks at another case, when a decision was refused, and when
// somebody else moved the case on meanwhile. Only a decision that was taken lets go of it.
import { computed, reactive, ref, watch, type Ref } from 'vue';
import type { Case } from '../../shared/contract';

export function useOpinions(record: Ref<Case | undefined>, canWrite: Ref<boolean>, presets: Ref<readonly string[]>) {
  const opinion = ref('');
  const drafts = reactive(new Map<string, string>());
  /** The text that stands there unless somebody writes. */
  const offered = () => (canWrite.value ? (presets.value[0] ?? '') : '');

  watch(opinion, (text) => {
    const id = record.value?.id;
    if (!id || !canWrite.value) return;
    if (text.trim() && !presets.value.includes(text)) drafts.set(id, text);
    else drafts.delete(id);
  });
  watch(
    () => record.value && `${record.value.id} ${record.value.state} ${canWrite.value}`,
    () => (opinion.value = (canWrite.value && drafts.get(record.value?.id ?? '')) || offered()),
    { flush: 'sync' },
  );

  // The matter's own templates come a moment later: what stood there unwritten gives way to the first of them.
  watch(presets, (after, before) => {
    if (canWrite.value && opinion.value === before[0] && opinion.value !== after[0]) opinion.value = offered();
  });

  /** What was written for this case and can no longer be handed in. */
  const unsent = computed(() => (canWrite.value ? undefined : drafts.get(record.value?.id ?? '')));
  const forget = (id: string): void => void drafts.delete(id);
  return { opinion, unsent, forget };
}
