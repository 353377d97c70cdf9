// A touch that lasts: what nobody does by chance.
import { onScopeDispose } from 'vue';

export interface Hold {
  begin(): void;
  end(): void;
}

/** Calls when a touch lasted this long; call it in a component's set-up. */
export function useHold(ms: number, lasted: () => void): Hold {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (): void => clearTimeout(timer);
  onScopeDispose(end);
  return {
    begin() {
      end();
      timer = setTimeout(lasted, ms);
    },
    end,
  };
}
