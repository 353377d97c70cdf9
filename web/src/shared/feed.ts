// Client of the live feed (WebSocket). Keeps the state of one view, resumes after a gap, and says
// since when it is stale. It knows nothing of pages; the fold of each view is given by the caller.

export interface LineCount {
  line_id: string;
  count: number;
}

export type FeedFrame<S, E> =
  | { kind: 'snapshot'; epoch: number; seq: number; state: S }
  | { kind: 'event'; epoch: number; seq: number; prev: number; at: string; event: E }
  | { kind: 'waiting'; epoch: number; seq: number; prev: number; waiting: LineCount[] }
  | { kind: 'ping' };

export interface FeedOptions<S, E> {
  /** Path of the feed, e.g. `/api/v1/sites/demo-center/feed`. */
  path: string;
  view?: string;
  /** For browsers without a cookie; travels as a subprotocol, never in the address. */
  token?: string;
  /** State after an event; may change and return the same object or return a new one. */
  fold(state: S, event: E, at: string): S;
  /** State after new waiting counts. */
  foldWaiting?(state: S, waiting: LineCount[]): S;
  /** Called after every change of state or of the connection. */
  changed(feed: FeedStatus<S>): void;
  /** One event has been folded in, in order; not called for snapshots. */
  onEvent?(event: E, at: string): void;
  /** The server did not let us in before the socket opened (perhaps the session has ended). */
  refused?(): void;
}

export interface FeedStatus<S> {
  state: S | undefined;
  connected: boolean;
  /** While cut off: the time (ms) of the last word from the server. */
  staleSince: number | undefined;
}

const silenceLimitMs = 35_000;
const backOffFirstMs = 400;
const backOffLastMs = 10_000;

export class Feed<S, E extends { type: string }> {
  private socket: WebSocket | undefined;
  private epoch: number | undefined;
  private seq: number | undefined;
  private attempts = 0;
  private gaps = 0;
  private lastHeardMs = Date.now();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private closed = false;
  readonly status: FeedStatus<S> = { state: undefined, connected: false, staleSince: undefined };

  constructor(private readonly options: FeedOptions<S, E>) {
    window.addEventListener('online', this.reconnectNow);
    this.watch = setInterval(() => {
      if (this.socket && Date.now() - this.lastHeardMs > silenceLimitMs) this.drop();
    }, 5_000);
    this.connect();
  }

  close(): void {
    this.closed = true;
    window.removeEventListener('online', this.reconnectNow);
    clearTimeout(this.retry);
    clearInterval(this.watch);
    this.socket?.close();
    this.socket = undefined;
  }

  /** Tries again at once, e.g. after a new sign-in. */
  readonly reconnectNow = (): void => {
    if (this.closed || this.status.connected) return;
    clearTimeout(this.retry);
    this.socket?.close();
    this.connect();
  };

  private address(): string {
    const url = new URL(this.options.path, window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    if (this.options.view) url.searchParams.set('view', this.options.view);
    if (this.epoch !== undefined && this.seq !== undefined) {
      url.searchParams.set('after', String(this.seq));
      url.searchParams.set('epoch', String(this.epoch));
    }
    return url.toString();
  }

  private connect(): void {
    const protocols = this.options.token ? ['yichuang', `bearer.${this.options.token}`] : [];
    const socket = new WebSocket(this.address(), protocols);
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.lastHeardMs = Date.now();
      // A resumed feed may have nothing to say: what we hold is current as soon as the socket is open.
      if (this.status.state !== undefined) this.live();
    };
    socket.onmessage = (message) => {
      if (this.socket === socket && typeof message.data === 'string') this.receive(message.data);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      if (!opened) this.options.refused?.();
      this.drop();
    };
  }

  private live(): void {
    this.attempts = 0;
    this.status.connected = true;
    this.status.staleSince = undefined;
    this.options.changed(this.status);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    if (this.closed) return;
    this.status.connected = false;
    this.status.staleSince ??= this.lastHeardMs;
    this.options.changed(this.status);
    const ceiling = Math.min(backOffLastMs, backOffFirstMs * 2 ** this.attempts);
    this.attempts += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), ceiling * (0.5 + Math.random() / 2));
  }

  private receive(text: string): void {
    this.lastHeardMs = Date.now();
    const frame = JSON.parse(text) as FeedFrame<S, E>;
    if (frame.kind === 'ping') {
      this.socket?.send('{"kind":"pong"}');
      return;
    }
    if (frame.kind === 'snapshot') {
      this.status.state = frame.state;
      this.gaps = 0;
    } else if (!this.follows(frame)) {
      this.askAgain();
      return;
    } else if (frame.kind === 'event') {
      this.status.state = this.options.fold(this.status.state as S, frame.event, frame.at);
      this.options.onEvent?.(frame.event, frame.at);
    } else if (this.options.foldWaiting) {
      this.status.state = this.options.foldWaiting(this.status.state as S, frame.waiting);
    }
    this.epoch = frame.epoch;
    this.seq = frame.seq;
    this.live();
  }

  private follows(frame: { epoch: number; prev: number }): boolean {
    return this.status.state !== undefined && frame.epoch === this.epoch && frame.prev === this.seq;
  }

  /** Something was missed: ask from our position; if that does not help, for a new snapshot. */
  private askAgain(): void {
    this.gaps += 1;
    if (this.gaps > 1) {
      this.epoch = undefined;
      this.seq = undefined;
    }
    this.drop();
  }
}
