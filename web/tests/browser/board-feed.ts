// A board whose hall is told by the test: the frames of its feed, and what a full hall looks like. Knows no assertion.
import type { Page, WebSocketRoute } from 'playwright-core';
import type { BoardCall, BoardEvent, BoardState } from '../../src/display/board';
import type { DisplayLayout } from '../../src/display/layout';
import type { Pages } from './pages';

export const NOON = Date.parse('2026-11-24T12:00:00+08:00');

export const callAt = (at: number, number: number, window: number, recalls = 0): BoardCall => ({
  number: `A${String(number).padStart(3, '0')}`,
  window_number: window,
  called_at: new Date(at).toISOString(),
  recall_count: recalls,
});

const LINE_NAMES = ['综合受理', '社会保障和医疗保障', '民政和残疾人事务', '企业开办和个体工商户', '户籍和出入境', '不动产登记'];

/** A hall with so many lines and windows; names as long as places give them. */
export function hallWith(lines: number, windows: number, calls: readonly BoardCall[] = []): BoardState {
  return {
    site: { id: 's', name: '白桦镇便民服务中心（党群服务中心）' },
    calls,
    waiting: Array.from({ length: lines }, (_, at) => ({
      line_id: `l${at}`,
      name: LINE_NAMES[at % LINE_NAMES.length] ?? '',
      prefix: String.fromCharCode(65 + at),
      count: (at * 7) % 13,
      next: Array.from(
        { length: Math.min(3, (at * 7) % 13) },
        (_, after) => `${String.fromCharCode(65 + at)}${String(18 + after).padStart(3, '0')}`,
      ),
    })),
    windows: Array.from({ length: windows }, (_, at) => ({
      number: at + 1,
      state: at % 5 === 3 ? 'paused' : at % 7 === 6 ? 'closed' : 'open',
      text: at % 10 === 3 ? '10:55 回' : null,
    })),
    notices: [],
  };
}

export class BoardFeed {
  private seq = 0;
  private epoch = 1;
  private socket: WebSocketRoute | undefined;
  private constructor(
    readonly page: Page,
    private state: BoardState,
  ) {}

  /** Opens the board at `path`; its clock is the test's and stands at noon. */
  static async open(
    pages: Pages,
    path: string,
    size: { width: number; height: number },
    state: BoardState,
    layout?: DisplayLayout,
  ): Promise<BoardFeed> {
    let feed: BoardFeed | undefined;
    const page = await pages.enter(path, size, (asked) => (asked === '/sites/s' ? { id: 's', name: state.site.name } : undefined), {
      storage: {
        yichuang_device_token: 'x',
        yichuang_device_site: 's',
        ...(layout === undefined ? {} : { yichuang_display_layout: JSON.stringify(layout) }),
      },
      prepare: async (opened) => {
        const own = new BoardFeed(opened, state);
        feed = own;
        await opened.clock.install({ time: NOON });
        await opened.addInitScript(listen);
        await opened.routeWebSocket(/\/feed\?/, (socket) => {
          own.socket = socket;
          socket.onMessage(() => undefined);
          own.snapshot();
        });
      },
    });
    await page.locator('.bd, .strip-view, .ls, .emergency, .choose').first().waitFor();
    return feed!;
  }

  private snapshot(): void {
    this.send({ kind: 'snapshot', epoch: this.epoch, seq: this.seq, state: this.state });
  }
  private send(frame: unknown): void {
    this.socket?.send(JSON.stringify(frame));
  }
  private next(): { epoch: number; seq: number; prev: number } {
    const prev = this.seq;
    this.seq += 1;
    return { epoch: this.epoch, seq: this.seq, prev };
  }
  /** How many wait in a line now. */
  count(line: string, count: number, next?: readonly string[]): void {
    this.send({ kind: 'waiting', ...this.next(), waiting: [{ line_id: line, count, ...(next ? { next } : {}) }] });
  }
  event(event: Partial<BoardState>): void {
    this.state = { ...this.state, ...event };
    const told: BoardEvent = { type: 'told', ...event };
    this.send({ kind: 'event', ...this.next(), at: new Date(NOON).toISOString(), event: told });
  }
  /** Another hall: everything is told anew, as after a restart of the service. */
  become(state: BoardState): void {
    this.state = state;
    this.epoch += 1;
    this.snapshot();
  }
  /** A new call at the top, as the hall keeps them. */
  call(call: BoardCall): void {
    this.event({ calls: [call, ...this.state.calls].slice(0, 24) });
  }
  /** The line is cut and stays so. */
  async cut(): Promise<void> {
    await this.page.routeWebSocket(/\/feed\?/, (socket) => void socket.close());
    await this.socket?.close();
  }
  /** Waits until everything that was sent is shown: the last thing is a mark of its own. */
  async settled(): Promise<void> {
    const mark = this.seq + 1;
    this.event({ notices: [`通知 ${mark}`] });
    await this.page.locator('.tick-text', { hasText: `通知 ${mark}` }).waitFor();
  }
  /** What the voice said so far. */
  said(): Promise<readonly string[]> {
    return this.page.evaluate(() => (window as unknown as { said: string[] }).said);
  }
}

/** In the page: a Chinese voice that takes a second for a sentence, and keeps what it said. */
function listen(): void {
  const said: string[] = [];
  class Sentence {
    onend: (() => void) | null = null;
    constructor(readonly text: string) {}
  }
  const voice = {
    getVoices: () => [{ name: 'test', lang: 'zh-CN' }],
    addEventListener: () => undefined,
    cancel: () => undefined,
    speak: (sentence: Sentence) => {
      said.push(sentence.text);
      setTimeout(() => sentence.onend?.(), 1000);
    },
  };
  Object.defineProperty(window, 'speechSynthesis', { value: voice });
  Object.defineProperty(window, 'SpeechSynthesisUtterance', { value: Sentence });
  Object.defineProperty(window, 'said', { value: said });
}
