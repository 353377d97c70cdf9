// Where the board's state comes from: the display binary on this machine (server-sent events, the
// whole state each time) or the server's live feed with this browser's device token.
import { instant } from '../shared/public-clock';
import type { VolumeStep } from '../shared/spoken';
import { siteOfDevice } from '../shared/public-device';
import { openFeed } from '../shared/public-feed';
import { call } from '../shared/public-http';
import type { DisplayLayout } from './layout';
import { fold, USUAL_VOICE, type BoardEvent, type BoardState, type BoardView } from './board';

const RETRY_MS = 2000;
/** A screen without a program of its own asks now and then what it is to show. */
const LAYOUT_MS = 30_000;

export type Watch = (onView: (view: BoardView) => void) => () => void;

interface LocalBoard {
  readonly online: boolean;
  readonly last_sync_at: string | number | null;
  readonly state: BoardState | null;
  readonly now?: string | null;
  readonly reload?: number;
  readonly picture_wanted?: number;
  readonly speaks?: boolean;
  readonly layout?: DisplayLayout | null;
  readonly voice?: { readonly repeats: number; readonly volume: readonly VolumeStep[] };
}

function watchLocal(onView: (view: BoardView) => void): () => void {
  let view: BoardView = { online: false, synced_at: null, state: null };
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (next: BoardView): void => {
    view = next;
    onView(view);
  };
  const open = (): void => {
    stream = new EventSource('/local/board');
    stream.onmessage = (message: MessageEvent<string>) => {
      const {
        online,
        last_sync_at: syncedAt,
        state,
        now,
        reload,
        picture_wanted,
        speaks,
        voice,
        layout,
      } = JSON.parse(message.data) as LocalBoard;
      const hallNow = instant(now);
      const skew = hallNow === null ? view.skew : hallNow - Date.now();
      const synced_at = instant(syncedAt) ?? (online ? Date.now() + (skew ?? 0) : view.synced_at);
      const spoken = { ...USUAL_VOICE, ...voice, speaks: speaks ?? true };
      show({ online, synced_at, skew, state: state ?? view.state, reload, picture_wanted, voice: spoken, layout });
    };
    stream.onerror = () => {
      if (view.online) show({ ...view, online: false, synced_at: Date.now() + (view.skew ?? 0) });
      if (stream?.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    stream?.close();
  };
}

function watchServer(onView: (view: BoardView) => void): () => void {
  let view: BoardView = { online: false, synced_at: null, state: null };
  let close: (() => void) | null = null;
  let ended = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (next: Partial<BoardView>): void => {
    view = { ...view, ...next };
    onView(view);
  };
  const open = async (): Promise<void> => {
    try {
      const site = await siteOfDevice();
      if (ended) return;
      close = openFeed<BoardState, BoardEvent>(`/api/v1/sites/${site}/feed?view=board`, {
        frame: (frame) => show({ state: fold(view.state, frame) }),
        online: (online) => show(online ? { online, synced_at: Date.now() + (view.skew ?? 0) } : { online }),
      });
    } catch {
      if (!ended) timer = setTimeout(() => void open(), RETRY_MS);
      show({ online: false });
    }
  };
  const look = async (): Promise<void> => {
    try {
      const dated = (serverNow: number): void => {
        skew = serverNow - Date.now();
      };
      let skew = view.skew;
      const { layout } = await call<{ layout?: DisplayLayout | null }>('/api/v1/devices/current', { dated });
      show({ layout: layout ?? null, skew });
    } catch {
      // It goes on with what it shows.
    }
  };
  void look();
  const looking = setInterval(() => void look(), LAYOUT_MS);
  void open();
  return () => {
    ended = true;
    clearInterval(looking);
    clearTimeout(timer);
    close?.();
  };
}

/** The display binary answers `/local/board` with an event stream; anything else means the server served this page. */
export async function detectSource(): Promise<{ watch: Watch; local: boolean }> {
  const look = new AbortController();
  try {
    const answer = await fetch('/local/board', { headers: { accept: 'text/event-stream' }, signal: look.signal, cache: 'no-store' });
    const local = answer.ok && (answer.headers.get('content-type') ?? '').includes('text/event-stream');
    look.abort();
    if (local) return { watch: watchLocal, local };
  } catch {
    // No display binary behind this page.
  }
  return { watch: watchServer, local: false };
}
