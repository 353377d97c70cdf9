// Ten calls of one second at a display with its own program: what the page plays is captured to a file, and the file is
// judged: every call once, in order, never two at once, chime before call, as long as they should be. The calls are tones
// here, one pitch each, since nothing here understands speech; with YICHUANG_PICTURES the file stays there.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BoardCall, BoardState } from '../../src/display/board';
import { callAt, hallWith } from './board-feed';
import { violations } from './look';
import { Pages } from './pages';
import { captured, heardTones, readWav, tapSound, toneFile, type Heard } from './sound';

const TIME_MS = 180_000;
const CALLS = 10;
/** The two notes before a call. */
const CHIME = [880, 659];
const pitchOf = (number: number): number => 1_000 + number * 150;
/** A sentence, and the same in few words. */
const LONG_MS = 1_500;
const SHORT_MS = 700;
/** A window of the analysis at both ends, and what resampling smears. */
const OFF_MS = 60;

let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

/** In the page: the stream of the display's own program, told by the test. */
function ownProgram(): void {
  class Stream {
    static readonly CLOSED = 2;
    readyState = 1;
    onmessage: ((message: { data: string }) => void) | null = null;
    onerror: (() => void) | null = null;
    constructor() {
      Object.assign(window, { board: this });
    }
    close(): void {
      this.readyState = Stream.CLOSED;
    }
  }
  Object.assign(window, { EventSource: Stream });
}

async function display(state: BoardState) {
  const asked: { number: string; short: boolean }[] = [];
  const page = await pages.enter('/display', { width: 1920, height: 1080 }, () => undefined, {
    prepare: async (opened) => {
      await opened.addInitScript(tapSound);
      await opened.addInitScript(ownProgram);
      await opened.route('**/local/board', (route) => route.fulfill({ contentType: 'text/event-stream', body: '' }));
      await opened.route('**/local/voice?*', async (route) => {
        const query = new URL(route.request().url()).searchParams;
        const short = query.get('short') === 'true';
        const number = query.get('number') ?? '';
        asked.push({ number, short });
        const body = toneFile(pitchOf(Number(number.slice(1))), short ? SHORT_MS : LONG_MS);
        await route.fulfill({ contentType: 'audio/wav', body });
      });
    },
  });
  await page.waitForFunction(() => 'board' in window && 'tapped' in window);
  const show = (calls: readonly BoardCall[]): Promise<void> =>
    page.evaluate(
      (view) => {
        (window as unknown as { board: { onmessage(message: { data: string }): void } }).board.onmessage({ data: JSON.stringify(view) });
      },
      { online: true, last_sync_at: new Date().toISOString(), state: { ...state, calls }, speaks: true, voice: { repeats: 1, volume: [] } },
    );
  return { page, show, asked };
}

it('plays ten calls of one second one after the other', { timeout: TIME_MS }, async () => {
  const { page, show, asked } = await display(hallWith(5, 12));
  await show([]);
  await page.locator('.bd').waitFor();
  let calls: BoardCall[] = [];
  for (let number = 1; number <= CALLS; number += 1) {
    calls = [callAt(Date.now(), number, number), ...calls].slice(0, 8);
    await show(calls);
    await page.waitForTimeout(100);
  }
  await expect.poll(() => asked.length, { timeout: 90_000 }).toBe(CALLS);
  // The last one takes its time like the others.
  await page.waitForTimeout(5_000);
  const folder = process.env.YICHUANG_PICTURES ?? mkdtempSync(join(tmpdir(), 'yichuang-voice-'));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'ten-calls.wav');
  await captured(page, file);
  expect(await page.getByTestId('hero-number').innerText()).toBe('A010');
  expect(await page.getByTestId('unsaid').count(), 'nothing fell silent').toBe(0);
  expect.soft(await violations(page), 'what axe finds').toEqual([]);
  expect(pages.troubles).toEqual([]);
  await page.context().close();

  const sound = readWav(file);
  const numbers = Array.from({ length: CALLS }, (_, at) => at + 1);
  const said = heardTones(sound, numbers.map(pitchOf));
  expect(said.map((one) => one.hertz)).toEqual(numbers.map(pitchOf));
  said.forEach((one, at) => {
    const lengthMs = asked[at]?.short ? SHORT_MS : LONG_MS;
    expect(Math.abs(one.toMs - one.fromMs - lengthMs), `A${at + 1}: ${one.toMs - one.fromMs} ms`).toBeLessThanOrEqual(OFF_MS);
  });
  expect(asked.filter((one) => one.short).length, 'what waits long is said in few words').toBeGreaterThanOrEqual(5);
  expect(asked[0]?.short).toBe(false);

  const chimes = heardTones(sound, [CHIME[0]!]);
  expect(chimes).toHaveLength(CALLS);
  const all: Heard[] = [...chimes, ...said].sort((one, other) => one.fromMs - other.fromMs);
  expect(
    all.map((one) => one.hertz === CHIME[0]),
    'a chime before each',
  ).toEqual(numbers.flatMap(() => [true, false]));
  all.slice(1).forEach((one, at) => expect(one.fromMs, `${one.hertz} Hz at ${one.fromMs} ms`).toBeGreaterThanOrEqual(all[at]!.toMs));
});
