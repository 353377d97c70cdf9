// The live feed as a Vue composable: shallow state that is replaced after every frame.
import { onScopeDispose, shallowRef, triggerRef, type ShallowRef } from 'vue';
import { Feed, type FeedOptions } from './feed';

export interface FeedHandle<S> {
  state: ShallowRef<S | undefined>;
  connected: ShallowRef<boolean>;
  /** While cut off: the time (ms) of the last word from the server. */
  staleSince: ShallowRef<number | undefined>;
  reconnectNow(): void;
}

export function useFeed<S, E extends { type: string }>(options: Omit<FeedOptions<S, E>, 'changed'>): FeedHandle<S> {
  const state = shallowRef<S>();
  const connected = shallowRef(false);
  const staleSince = shallowRef<number>();
  const feed = new Feed<S, E>({
    ...options,
    changed(status) {
      if (state.value === status.state) triggerRef(state);
      else state.value = status.state;
      connected.value = status.connected;
      staleSince.value = status.staleSince;
    },
  });
  onScopeDispose(() => feed.close());
  return { state, connected, staleSince, reconnectNow: feed.reconnectNow };
}
