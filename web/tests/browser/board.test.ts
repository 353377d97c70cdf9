// A board hangs for months: what did not change keeps its element, nothing grows with the updates, and many calls at
// once are all shown and said. In a second language nothing is cut off, in both positions of the screen.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { USUAL_LAYOUT, type BoardBlock, type DisplayLayout } from '../../src/display/layout';
import { BoardFeed, callAt, hallWith, NOON } from './board-feed';
import { picture, violations } from './look';
import { holding, Pages } from './pages';

const WIDE = { width: 1920, height: 1080 };
const TALL = { width: 1080, height: 1920 };
const STRIP = { width: 1280, height: 320 };
const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

/** The call of this moment and five before it; one number of four digits, one recalled twice. */
const CALLS = [
  callAt(NOON - 5_000, 17, 3),
  callAt(NOON - 90_000, 16, 1, 2),
  callAt(NOON - 200_000, 1015, 12),
  ...[14, 13, 12].map((number, at) => callAt(NOON - 260_000 - at * 60_000, number, at + 5)),
];

describe('a board that is told a thousand times', () => {
  it('changes only what changed', { timeout: TIME_MS }, async () => {
    const feed = await BoardFeed.open(pages, '/display', WIDE, hallWith(5, 8, CALLS));
    await feed.settled();
    await feed.page.evaluate(() => {
      const changed = new Set<string>();
      const placeOf = (node: Node): string => {
        const element = node instanceof Element ? node : node.parentElement!;
        return element.closest('[data-line]')?.getAttribute('data-line') ?? element.closest('[class]')?.className ?? '';
      };
      new MutationObserver((found) => found.forEach(({ target }) => changed.add(placeOf(target)))).observe(document.querySelector('.bd')!, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
      const all = [...document.querySelectorAll('.bd *')];
      Object.assign(window, { changed, all });
    });
    const { windows, waiting, calls } = hallWith(5, 8, CALLS);
    for (let told = 0; told < 2000; told += 1) {
      feed.count('l2', told % 40);
      // The same again, as new objects.
      if (told % 10 === 0)
        feed.event({
          windows,
          calls,
          waiting: waiting.map((line) => ({ ...line, count: line.line_id === 'l2' ? told % 40 : line.count })),
        });
    }
    await feed.settled();
    const seen = await feed.page.evaluate(() => {
      const { changed, all } = window as unknown as { changed: Set<string>; all: Element[] };
      return { changed: [...changed].sort(), lost: all.filter((one) => !one.isConnected).length };
    });
    expect(seen).toEqual({ changed: ['l2', 'tick-text'], lost: 0 });
    await feed.page.context().close();
  });

  it('does not grow', { timeout: TIME_MS }, async () => {
    const feed = await BoardFeed.open(pages, '/display?second=en', WIDE, hallWith(12, 12, CALLS));
    const size = await holding(feed.page);
    let number = 100;
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) {
        number += 1;
        for (let line = 0; line < 12; line += 1) feed.count(`l${line}`, (number * 7 + line) % 30);
        feed.call(callAt(NOON + number * 5_000, number, (number % 12) + 1));
        feed.event({
          windows: hallWith(12, 12).windows.map((one) => ({ ...one, state: (one.number + number) % 4 === 0 ? 'paused' : 'open' })),
        });
        await feed.page.locator('.rec-row, [data-testid="hero-number"]').first().waitFor();
        // Five seconds of the hall: a call is shown and said, a page may turn.
        await feed.page.clock.runFor(5_000);
      }
      await feed.settled();
    };
    await rounds(40);
    const before = await size();
    await rounds(160);
    const after = await size();
    expect(await feed.page.getByTestId('hero-number').innerText()).toMatch(/^A\d+$/);
    expect(after.nodes, 'nodes').toBeLessThanOrEqual(before.nodes + 150);
    expect(after.listeners, 'listeners').toBeLessThanOrEqual(before.listeners + 5);
    expect(after.heap, 'heap').toBeLessThan(before.heap + 1_500_000);
    await feed.page.context().close();
  });

  it('shows and says ten calls of one second, in order', { timeout: TIME_MS }, async () => {
    const feed = await BoardFeed.open(pages, '/display', WIDE, hallWith(5, 8));
    await feed.settled();
    for (let number = 1; number <= 10; number += 1) {
      feed.call(callAt(NOON, number, number));
      await feed.page.clock.runFor(100);
    }
    const shown: string[] = [];
    for (let passed = 0; passed < 70; passed += 1) {
      await feed.page.clock.runFor(1_000);
      const number = await feed.page.getByTestId('hero-number').innerText();
      if (shown.at(-1) !== number) shown.push(number);
    }
    const numbers = Array.from({ length: 10 }, (_, at) => `A${String(at + 1).padStart(3, '0')}`);
    expect(shown).toEqual(numbers);
    const said = (await feed.said()).filter((text, at, all) => text !== all[at - 1]);
    const digits = '零一二三四五六七八九';
    expect(said).toHaveLength(10);
    said.forEach((text, at) =>
      expect(text).toContain(`A零${Array.from(String(at + 1).padStart(2, '0'), (sign) => digits[Number(sign)]).join('')}号`),
    );
    await feed.page.context().close();
  });
});

/** Texts that stick out of the screen or are cut off by their box. */
function cutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.stage *')]
      .filter((one) => {
        const box = one.getBoundingClientRect();
        // Names may be cut, with dots; what is hidden without any is lost.
        const hides = getComputedStyle(one).overflowY === 'hidden' && !one.matches('.b-hall, .tick-text, .tick, .entry *');
        return (
          box.width > 0 &&
          (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || (hides && one.scrollHeight > one.clientHeight + 4))
        );
      })
      .map((one) => `${one.className}: ${one.innerText.slice(0, 20)}`),
  );
}
async function look(feed: BoardFeed, name: string): Promise<void> {
  await picture(feed.page, name);
  expect.soft(await cutOff(feed.page), name).toEqual([]);
  expect.soft(await violations(feed.page), `${name}: what axe finds`).toEqual([]);
}

describe.each(['', 'en', 'mn'] as const)('a board in Chinese and "%s"', (second) => {
  const query = second === '' ? '' : `second=${second}`;
  const called = second === '' ? 'board' : `board-${second}`;
  it.each([
    ['wide', WIDE],
    ['tall', TALL],
  ] as const)('has room for everything, %s', async (position, size) => {
    const full = hallWith(12, 12, CALLS);
    const feed = await BoardFeed.open(pages, `/display?${query}`, size, full);
    const { page } = feed;
    // The second language comes a moment later than the page.
    if (second === 'en') await page.getByText('Now calling').waitFor();
    if (second === 'mn') await page.locator('.hero .side .mn').waitFor();
    if (second === '') expect(await page.locator('.second, .side').count()).toBe(0);
    await look(feed, `${called}-${position}-full`);
    for (const number of [18, 19, 20, 21]) feed.call(callAt(NOON - 70_000, number, number - 13));
    const unsaid = page.getByTestId('unsaid');
    await unsaid.waitFor();
    // The words come first and the numbers with them; nothing of it may end in dots.
    expect(await unsaid.evaluate((line) => line.scrollWidth - line.clientWidth)).toBeLessThanOrEqual(0);
    await look(feed, `${called}-${position}-unsaid`);
    feed.event({ emergency: '消防演练，请从东门有序离开大厅' });
    await page.locator('.emergency').waitFor();
    await look(feed, `${called}-${position}-emergency`);
    feed.become(hallWith(6, 4));
    await page.locator('.emergency').waitFor({ state: 'detached' });
    await page.locator('[data-line=l11]').waitFor({ state: 'detached' });
    await look(feed, `${called}-${position}-empty`);
    await page.context().close();
    const cut = await BoardFeed.open(pages, `/display?${query}`, size, full);
    await cut.cut();
    await cut.page.clock.runFor(3_000);
    await cut.page.getByTestId('cut').waitFor();
    await look(cut, `${called}-${position}-cut`);
    await cut.page.context().close();
  });

  it('has room above every window', async () => {
    const hall = hallWith(5, 12, CALLS);
    const feed = await BoardFeed.open(pages, `/display?view=window&window=3&${query}`, STRIP, hall);
    await look(feed, `${called}-strip-called`);
    for (const [like, name] of [
      [4, 'paused'],
      [7, 'closed'],
      [10, 'open'],
    ] as const) {
      const { state, text } = hall.windows[like - 1]!;
      feed.event({ calls: [], windows: hall.windows.map((one) => (one.number === 3 ? { ...one, state, text } : one)) });
      await feed.page.locator('.strip-view', { hasText: 'A1015' }).waitFor({ state: 'detached' });
      await look(feed, `${called}-strip-${name}`);
    }
    await feed.page.context().close();
  });
});

describe('a board as somebody laid it out', () => {
  const layouts: Readonly<Record<string, DisplayLayout>> = {
    large: { ...USUAL_LAYOUT, size: 'large' },
    lines: { ...USUAL_LAYOUT, columns: 1, blocks: ['before', 'waiting', 'next', 'notices'] },
    windows: { ...USUAL_LAYOUT, columns: 1, blocks: ['windows', 'notices'], size: 'large' },
    call: { ...USUAL_LAYOUT, blocks: [] },
    mongolian: { ...USUAL_LAYOUT, second: 'mn', blocks: ['before', 'waiting', 'windows'] },
  };
  it.each(Object.keys(layouts))('has room for everything: %s', { timeout: TIME_MS }, async (name) => {
    for (const [position, size] of [
      ['wide', WIDE],
      ['tall', TALL],
    ] as const) {
      const feed = await BoardFeed.open(pages, '/display', size, hallWith(12, 12, CALLS), layouts[name]);
      if (name === 'mongolian') await feed.page.locator('.hero .side .mn').waitFor();
      const shown = (selector: string): Promise<number> => feed.page.locator(selector).count();
      expect([await shown('.rec'), await shown('.wl'), await shown('.ws'), await shown('.tick')], name).toEqual(
        ['before', 'waiting', 'windows', 'notices'].map((block) => Number(layouts[name]!.blocks.includes(block as BoardBlock))),
      );
      await look(feed, `board-laid-${name}-${position}`);
      await feed.page.context().close();
    }
  });

  it('shows whose numbers come next, and what changed of them', { timeout: TIME_MS }, async () => {
    const feed = await BoardFeed.open(pages, '/display', WIDE, hallWith(3, 8, CALLS));
    await feed.page.locator('[data-next=l1]', { hasText: 'B018 B019 B020' }).waitFor();
    feed.count('l1', 1, ['B020']);
    await feed.page.locator('[data-next=l1]', { hasText: /下一个\s+B020$/ }).waitFor();
    feed.count('l1', 0, []);
    await feed.page.locator('[data-next=l1]').waitFor({ state: 'detached' });
    await feed.page.context().close();
  });
});
