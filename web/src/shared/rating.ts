// What somebody chooses of a rating, wherever it is given: a level, and reasons of that level. Nothing is preselected.
import { computed, ref, watch } from 'vue';
import { LEVELS, REASONS_MAX, type Level } from './public-evaluation';

export function useRating() {
  const level = ref<Level | null>(null);
  const reasons = ref<readonly string[]>([]);
  const choice = computed(() => LEVELS.find((one) => one.level === level.value) ?? null);
  /** Reasons are of one level. */
  watch(level, () => {
    reasons.value = [];
  });
  function toggle(code: string): void {
    if (reasons.value.includes(code)) reasons.value = reasons.value.filter((one) => one !== code);
    else if (reasons.value.length < REASONS_MAX) reasons.value = [...reasons.value, code];
  }
  return { level, reasons, choice, toggle };
}
