// Whom F2 would call and by which rule, asked anew when the queue of this window changes: while it is free and
// while somebody is served there.
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue';
import { take } from '../../shared/client';
import type { Ticket } from '../../shared/contract';
import { api } from '../session';

const settleMs = 250;

export function useNextCall(windowId: Ref<string | undefined>, waiting: Ref<Ticket[]>) {
  const next = shallowRef<{ ticket: Ticket; why: string }>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(window: string): Promise<void> {
    const answer = await take(api.GET('/api/v1/windows/{window}/next', { params: { path: { window } } })).catch(() => undefined);
    const ticket = waiting.value.find((one) => one.id === answer?.ticket_id);
    next.value = ticket && answer?.reason && windowId.value === window ? { ticket, why: answer.reason.text } : undefined;
  }

  watch(
    [windowId, () => waiting.value.map((one) => `${one.id}${one.topped}`).join()],
    ([window, queue]) => {
      clearTimeout(timer);
      if (!window || !queue) next.value = undefined;
      else timer = setTimeout(() => void ask(window), settleMs);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return next;
}
