// Going home when nobody touches the screen any more, with a warning before.
// Knows no screen; silence is never an answer.
import { computed, onScopeDispose, ref, type ComputedRef } from 'vue';

/** The warning comes this long before going home. */
export const WARNING_S = 15;

export interface Idle {
  /** Seconds until going home. */
  readonly left: ComputedRef<number>;
  /** Someone is here. */
  touch(): void;
  /** From now on this many seconds; `null`: no limit on this screen. */
  allow(seconds: number | null): void;
}

export function useIdle(goHome: () => void): Idle {
  const limit = ref<number | null>(null);
  const since = ref(Date.now());
  const now = ref(Date.now());
  const left = computed(() =>
    limit.value === null ? Number.POSITIVE_INFINITY : Math.max(0, Math.ceil(limit.value - (now.value - since.value) / 1000)),
  );
  const timer = setInterval(() => {
    now.value = Date.now();
    if (left.value === 0) goHome();
  }, 250);
  onScopeDispose(() => clearInterval(timer));
  const touch = (): void => {
    since.value = now.value = Date.now();
  };
  return {
    left,
    touch,
    allow(seconds) {
      limit.value = seconds;
      touch();
    },
  };
}
