// The live hall as staff see it: the `desk` view of the feed and its fold. Replaces by id; `gone` names tickets that are no longer listed.
import { computed } from 'vue';
import type { DeskEvent, DeskState, Ticket } from '../shared/contract';
import type { LineCount } from '../shared/feed';
import { waitsSince } from '../shared/tickets';
import { useFeed } from '../shared/use-feed';
import { probeSession } from './session';

function put<T extends { id: string }>(list: T[], item: T): T[] {
  const isKnown = list.some((one) => one.id === item.id);
  return isKnown ? list.map((one) => (one.id === item.id ? item : one)) : [...list, item];
}

/** State after one event of the desk view. */
export function foldDesk(state: DeskState, event: DeskEvent): DeskState {
  return {
    ...state,
    lines: event.lines ? event.lines.reduce(put, state.lines) : state.lines,
    windows: [...(event.window ? [event.window] : []), ...(event.windows ?? [])].reduce(put, state.windows),
    tickets: (event.ticket ? put(state.tickets, event.ticket) : state.tickets).filter(({ id }) => !event.gone?.includes(id)),
  };
}

/** State after new waiting counts. */
export function foldDeskWaiting(state: DeskState, waiting: LineCount[]): DeskState {
  const counts = new Map(waiting.map(({ line_id, count }) => [line_id, count]));
  return { ...state, lines: state.lines.map((line) => ({ ...line, waiting: counts.get(line.id) ?? line.waiting })) };
}

export function useHall(siteId: string, onEvent?: (event: DeskEvent) => void) {
  const feed = useFeed<DeskState, DeskEvent>({
    path: `/api/v1/sites/${encodeURIComponent(siteId)}/feed`,
    view: 'desk',
    fold: foldDesk,
    foldWaiting: foldDeskWaiting,
    onEvent,
    refused: () => void probeSession(),
  });
  const tickets = computed(() => feed.state.value?.tickets ?? []);
  const windows = computed(() => [...(feed.state.value?.windows ?? [])].sort((a, b) => a.number - b.number));
  const lines = computed(() => [...(feed.state.value?.lines ?? [])].sort((a, b) => a.prefix.localeCompare(b.prefix)));
  const inState = (state: Ticket['state']) =>
    tickets.value.filter((one) => one.state === state).sort((a, b) => waitsSince(a) - waitsSince(b));
  /** Shows an answered ticket at once; the feed brings the same later. */
  const show = (ticket: Ticket) => {
    const state = feed.state.value;
    const before = state?.tickets.find((one) => one.id === ticket.id);
    // An answer knows less than the feed: what only the feed tells stays.
    if (state) feed.state.value = foldDesk(state, { type: 'answer', ticket: { matter_names: [], ...before, ...ticket } });
  };
  return { ...feed, tickets, windows, lines, inState, show };
}

export type Hall = ReturnType<typeof useHall>;
