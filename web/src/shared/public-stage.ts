// Fits a page drawn for one screen size to the screen it runs on, so that a 55-inch board of
// another resolution shows the same proportions. Knows nothing of what is drawn.
import { computed, onScopeDispose, ref, type ComputedRef } from 'vue';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Stage {
  readonly portrait: boolean;
  readonly style: Readonly<Record<string, string>>;
}

/** The stage takes the drawn size of the screen's orientation, scales it, and fills what is left over. */
export function useStage(landscape: Size, portrait: Size = landscape): ComputedRef<Stage> {
  const screen = ref<Size>({ width: window.innerWidth, height: window.innerHeight });
  const measure = (): void => {
    screen.value = { width: window.innerWidth, height: window.innerHeight };
  };
  window.addEventListener('resize', measure);
  onScopeDispose(() => window.removeEventListener('resize', measure));
  return computed(() => {
    const { width, height } = screen.value;
    const upright = portrait !== landscape && height > width;
    const drawn = upright ? portrait : landscape;
    const scale = Math.min(width / drawn.width, height / drawn.height);
    return {
      portrait: upright,
      style: {
        width: `${width / scale}px`,
        height: `${height / scale}px`,
        transform: scale === 1 ? 'none' : `scale(${scale})`,
        transformOrigin: '0 0',
      },
    };
  });
}
