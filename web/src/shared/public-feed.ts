// One live feed over a WebSocket: resumes after a gap, notices silence, comes back by itself.
// Knows frames, not what is in them.
import { deviceToken } from './public-http';

export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

export type Frame<S, E> =
  | ({ readonly kind: 'snapshot'; readonly state: S } & Position)
  | ({ readonly kind: 'event'; readonly prev: number; readonly at: string; readonly event: E } & Position)
  | ({ readonly kind: 'waiting'; readonly prev: number; readonly waiting: readonly LineCount[] } & Position)
  | { readonly kind: 'ping' };

export interface LineCount {
  readonly line_id: string;
  readonly count: number;
  /** Numbers that come next in the line; nothing from an older server. */
  readonly next?: readonly string[];
}

export interface FeedEnds<S, E> {
  /** A frame that follows the last one. */
  frame(frame: Exclude<Frame<S, E>, { kind: 'ping' }>): void;
  /** Whether this screen is up to date; called on every change. */
  online(online: boolean): void;
}

const SILENCE_MS_MAX = 15_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 8_000;
const PROTOCOL = 'yichuang';

/** Opens the feed at `path` (with its query, without position) and keeps it; the answer ends it. */
export function openFeed<S, E>(path: string, ends: FeedEnds<S, E>): () => void {
  let position: Position | null = null;
  let socket: WebSocket | null = null;
  let retryMs = RETRY_MS_MIN;
  let ended = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const address = (): string => {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    if (position !== null) {
      url.searchParams.set('after', String(position.seq));
      url.searchParams.set('epoch', String(position.epoch));
    }
    return url.href;
  };

  const drop = (): void => {
    clearTimeout(silence);
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      socket = null;
    }
  };

  const again = (): void => {
    drop();
    ends.online(false);
    if (ended) return;
    clearTimeout(timer);
    timer = setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
  };

  const listen = (): void => {
    clearTimeout(silence);
    silence = setTimeout(again, SILENCE_MS_MAX);
  };

  const take = (frame: Frame<S, E>): void => {
    if (frame.kind === 'ping') {
      if (socket?.readyState === WebSocket.OPEN) socket.send('{"kind":"pong"}');
      if (position !== null) ends.online(true);
      return;
    }
    const follows = frame.kind === 'snapshot' || (position !== null && position.epoch === frame.epoch && position.seq === frame.prev);
    if (!follows) {
      position = null;
      again();
      return;
    }
    position = { epoch: frame.epoch, seq: frame.seq };
    retryMs = RETRY_MS_MIN;
    ends.frame(frame);
    ends.online(true);
  };

  function connect(): void {
    if (ended) return;
    const token = deviceToken();
    socket = new WebSocket(address(), token === null ? [PROTOCOL] : [PROTOCOL, `bearer.${token}`]);
    listen();
    socket.onmessage = (message: MessageEvent<string>) => {
      listen();
      try {
        take(JSON.parse(message.data) as Frame<S, E>);
      } catch {
        again();
      }
    };
    socket.onclose = again;
  }

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    drop();
  };
}
