// The way of one person through the kiosk: which screen, what was asked for, what came of it.
// Knows no layout and no transport.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { freshKey, problemOf, type Problem } from '../shared/public-http';
import type { Line, Matter, Ticket } from '../shared/public-types';
import type { FoundTicket, KioskBackend, Wish } from './backend';

export type Screen =
  | { readonly name: 'home' }
  | { readonly name: 'green' }
  | { readonly name: 'ask'; readonly line: Line }
  | { readonly name: 'search' }
  | { readonly name: 'matter'; readonly matter: Matter }
  | { readonly name: 'number'; readonly ticket: Ticket; readonly lineName: string }
  | { readonly name: 'trouble'; readonly problem: Problem; readonly again: (() => void) | null }
  | { readonly name: 'find' }
  | { readonly name: 'found'; readonly ticket: FoundTicket }
  | { readonly name: 'help' };

const RETRIES_MAX = 2;
const RETRY_MS = 1500;

export interface Flow {
  readonly screen: ShallowRef<Screen>;
  /** A number is being taken: nothing else can be touched. */
  readonly busy: Ref<boolean>;
  go(screen: Screen): void;
  home(): void;
  take(wish: Wish, lineName: string): void;
  open(matter: Matter): void;
  find(shortCode: string): void;
}

export function useFlow(backend: KioskBackend): Flow {
  const screen = shallowRef<Screen>({ name: 'home' });
  const busy = ref(false);

  const go = (next: Screen): void => {
    screen.value = next;
  };

  async function withRetries(wish: Wish, key: string): Promise<Ticket> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await backend.takeNumber(wish, key);
      } catch (error) {
        if (problemOf(error).code !== 'no_answer' || tries === RETRIES_MAX) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async function whileBusy(work: () => Promise<void>, again: () => void): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    try {
      await work();
    } catch (error) {
      go({ name: 'trouble', problem: problemOf(error), again });
    } finally {
      busy.value = false;
    }
  }

  function takeWith(wish: Wish, lineName: string, key: string): void {
    void whileBusy(
      async () => go({ name: 'number', ticket: await withRetries(wish, key), lineName }),
      () => takeWith(wish, lineName, key),
    );
  }

  function open(matter: Matter): void {
    void whileBusy(
      async () => go({ name: 'matter', matter: await backend.openMatter(matter) }),
      () => open(matter),
    );
  }

  function find(shortCode: string): void {
    void whileBusy(
      async () => {
        if (backend.findTicket !== undefined) go({ name: 'found', ticket: await backend.findTicket(shortCode) });
      },
      () => go({ name: 'find' }),
    );
  }

  return {
    screen,
    busy,
    go,
    home: () => go({ name: 'home' }),
    take: (wish, lineName) => takeWith(wish, lineName, freshKey()),
    open,
    find,
  };
}
