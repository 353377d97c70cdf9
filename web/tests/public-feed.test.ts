// The live feed of the public screens against a socket in memory: it resumes, notices gaps and silence.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.mock('../src/shared/public-http', () => ({ deviceToken: () => 'demo-display' }));
const { openFeed } = await import('../src/shared/public-feed');

class Socket {
  static readonly OPEN = 1;
  static all: Socket[] = [];
  readonly readyState = 1;
  readonly sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(
    readonly address: string,
    readonly protocols: string[],
  ) {
    Socket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {}
  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const newest = (): Socket => Socket.all.at(-1)!;
let frames: unknown[];
let online: boolean[];
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Socket);
  vi.stubGlobal('location', { href: 'http://127.0.0.1:8092/' });
  Socket.all = [];
  frames = [];
  online = [];
  end = openFeed('/api/v1/sites/demo-center/feed?view=board', { frame: (frame) => frames.push(frame), online: (now) => online.push(now) });
});

afterEach(() => {
  end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('gives its token as a subprotocol and never in the address', () => {
  expect(newest().protocols).toEqual(['yichuang', 'bearer.demo-display']);
  expect(newest().address).toBe('ws://127.0.0.1:8092/api/v1/sites/demo-center/feed?view=board');
});

it('comes back after a cut and asks for what it missed', () => {
  newest().says({ kind: 'snapshot', epoch: 1, seq: 7, state: {} });
  newest().onclose?.();
  expect(online.at(-1)).toBe(false);
  vi.advanceTimersByTime(20_000);
  expect(newest().address).toContain('after=7&epoch=1');
  newest().says({ kind: 'event', epoch: 1, seq: 9, prev: 7, at: '', event: {} });
  expect(frames).toHaveLength(2);
  expect(online.at(-1)).toBe(true);
});

it('takes no frame after a gap and asks for a snapshot', () => {
  newest().says({ kind: 'snapshot', epoch: 1, seq: 7, state: {} });
  newest().says({ kind: 'event', epoch: 1, seq: 12, prev: 11, at: '', event: {} });
  expect(frames).toHaveLength(1);
  expect(online.at(-1)).toBe(false);
  vi.advanceTimersByTime(20_000);
  expect(newest().address).not.toContain('after=');
});

it('answers heartbeats and counts silence as a cut', () => {
  newest().says({ kind: 'snapshot', epoch: 1, seq: 7, state: {} });
  newest().says({ kind: 'ping' });
  expect(newest().sent).toEqual(['{"kind":"pong"}']);
  const before = Socket.all.length;
  vi.advanceTimersByTime(40_000);
  expect(online).toContain(false);
  expect(Socket.all.length).toBeGreaterThan(before);
});
