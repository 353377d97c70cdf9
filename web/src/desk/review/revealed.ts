// Personal data shown in full for half a minute, after somebody said why: asked for, shown, and gone by itself.
import { onScopeDispose, ref, shallowRef } from 'vue';
import { sayProblem } from '../say';

/** How long data stays open, in milliseconds. */
const REVEAL_MS = 30_000;

/** `ask` reads the data with the reason, which the server records first. */
export function useRevealed<T>(ask: (reason: string) => Promise<T>) {
  const revealed = shallowRef<T>();
  const isAsking = ref(false);
  const busy = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function hide(): void {
    clearTimeout(timer);
    revealed.value = undefined;
  }
  onScopeDispose(hide);

  async function reveal(reason: string): Promise<void> {
    busy.value = true;
    try {
      revealed.value = await ask(reason);
      isAsking.value = false;
      clearTimeout(timer);
      timer = setTimeout(hide, REVEAL_MS);
    } catch (error) {
      sayProblem(error);
    } finally {
      busy.value = false;
    }
  }

  /** Asks why, or closes what is open. */
  function toggle(): void {
    if (revealed.value) hide();
    else isAsking.value = true;
  }
  return { revealed, isAsking, busy, hide, reveal, toggle };
}

/** The same in a list, one row at a time: `told` is what is open of a row, `look` asks why, or closes it again. */
export function useRevealedRow<T>(ask: (id: string, reason: string) => Promise<T>) {
  let asked = '';
  const { revealed, isAsking, busy, hide, reveal } = useRevealed(async (reason) => {
    const id = asked;
    return { id, data: await ask(id, reason) };
  });
  const told = (row: { id: string }): T | undefined => (revealed.value?.id === row.id ? revealed.value.data : undefined);

  function look(row: { id: string }): void {
    if (told(row)) return hide();
    asked = row.id;
    isAsking.value = true;
  }
  return { told, look, isAsking, busy, hide, reveal };
}
