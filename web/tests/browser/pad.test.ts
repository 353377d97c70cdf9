// The evaluation pad at a window: who serves there with a photo or a sign, what the hall has to say while nobody is
// asked, and when it opens. Lying and upright.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page, WebSocketRoute } from 'playwright-core';
import type { PadState } from '../../src/pad/desk-feed';
import { NOON } from './board-feed';
import { picture, violations } from './look';
import { Pages } from './pages';

const LYING = { width: 1280, height: 800 };
const UPRIGHT = { width: 800, height: 1280 };
const TIME_MS = 120_000;
const NOTICES = [
  '身份证换领照相从 12 月 1 日起改到二楼 206 室，一楼不再照，请提前看好时间',
  '城乡居民医保缴费到 12 月 31 日截止，手机上也能缴',
  '本周四下午机关学习，综合窗口 14:30 以后只留 1 号窗口',
];
const PHOTO = '/api/v1/windows/w1/photo?v=0a1b2c3d4e5f';
const OPEN = {
  is_open: true,
  opens_at: null,
  today: [
    { from: '08:30', to: '12:00' },
    { from: '13:30', to: '17:30' },
  ],
};
const resting: PadState = {
  window: { id: 'w1', number: 3 },
  staff_name: '乌云其其格',
  staff_photo: PHOTO,
  ticket_state: null,
  evaluation: null,
  notices: NOTICES,
  opening: OPEN,
};
const asking: PadState = { ...resting, evaluation: { tracking_code: 'T1', ticket_number: 'A017', subject: 'visit' } };

let pages: Pages;
let portrait: Buffer;
beforeAll(async () => {
  pages = await Pages.open();
  portrait = await drawn();
}, TIME_MS);
afterAll(() => pages.close());

/** A picture of nobody, as a camera would give one. */
async function drawn(): Promise<Buffer> {
  const page = await pages.enter('/pad', { width: 512, height: 512 }, () => undefined);
  await page.setContent(`<body style="margin:0;background:linear-gradient(#cfe3ea,#f4efe6);height:512px;overflow:hidden;position:relative">
    <i style="position:absolute;left:156px;top:90px;width:200px;height:230px;border-radius:50%;background:#e8bd9b"></i>
    <i style="position:absolute;left:140px;top:60px;width:232px;height:130px;border-radius:120px 120px 40px 40px;background:#2b2320"></i>
    <i style="position:absolute;left:56px;top:330px;width:400px;height:300px;border-radius:160px;background:#1d4c63"></i></body>`);
  const shot = await page.screenshot({ type: 'jpeg' });
  await page.context().close();
  return shot;
}

interface Pad {
  readonly page: Page;
  tell(state: Partial<PadState>): void;
  /** So much time goes by on a line that lives. */
  pass(ms: number): Promise<void>;
  /** What was asked for the photo, with whose token. */
  readonly photos: string[];
}
async function enter(
  size: { width: number; height: number },
  state: PadState,
  motion: 'reduce' | 'no-preference' = 'reduce',
): Promise<Pad> {
  const photos: string[] = [];
  let socket: WebSocketRoute | undefined;
  let seq = 1;
  const page = await pages.enter('/pad', size, () => undefined, {
    storage: { yichuang_device_token: 'pad-token', yichuang_device_site: 's' },
    context: { reducedMotion: motion, hasTouch: true },
    prepare: async (opened) => {
      await opened.clock.install({ time: NOON });
      await opened.route('**/api/v1/windows/**', async (route) => {
        photos.push(`${new URL(route.request().url()).search} ${route.request().headers()['authorization'] ?? ''}`);
        await route.fulfill({ body: portrait, contentType: 'image/jpeg' });
      });
      await opened.routeWebSocket(/\/feed\?/, (route) => {
        socket = route;
        route.onMessage(() => undefined);
        route.send(JSON.stringify({ kind: 'snapshot', epoch: 1, seq, state }));
      });
    },
  });
  // What the hall told is there.
  await page.locator('.notice, .ask').first().waitFor();
  const tell = (event: Partial<PadState>) => {
    seq += 1;
    socket?.send(JSON.stringify({ kind: 'event', epoch: 1, seq, prev: seq - 1, at: '', event: { type: 'told', ...event } }));
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 5_000) {
      socket?.send('{"kind":"ping"}');
      await page.clock.runFor(Math.min(left, 5_000));
    }
  };
  return { page, tell, photos, pass };
}
const close = async (page: Page) => {
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
};
/** Nothing is cut off or lies over something else. */
async function stands(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  const out = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.pad *')]
      .filter((one) => one.checkVisibility() && !one.closest('svg, .sr'))
      .filter((one) => {
        const box = one.getBoundingClientRect();
        return box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1;
      })
      .map((one) => `${one.tagName} ${one.className} ${one.innerText.slice(0, 20)}`),
  );
  expect(out).toEqual([]);
}

for (const [name, size] of [
  ['1280', LYING],
  ['800', UPRIGHT],
] as const) {
  it(`rests with photo and notices at ${name}, asks, and is closed outside the hours`, { timeout: TIME_MS }, async () => {
    const { page, tell, photos } = await enter(size, resting);
    await page.locator('[data-testid=photo] img').waitFor();
    expect(photos).toEqual(['?v=0a1b2c3d4e5f Bearer pad-token']);
    expect(await page.getByTestId('notice').innerText()).toBe(NOTICES[0]);
    await stands(page);
    await picture(page, `pad-rest-${name}`);
    tell(asking);
    await page.getByRole('radio').first().waitFor();
    await page.locator('[data-testid=photo] img').waitFor();
    await page.getByRole('radio').nth(1).click();
    await stands(page);
    await picture(page, `pad-ask-${name}`);
    await page.getByTestId('skip').click();
    tell({
      evaluation: null,
      staff_name: null,
      staff_photo: null,
      opening: { ...OPEN, is_open: false, opens_at: '2026-11-25T08:30:00+08:00' },
    });
    await page.getByText('现在没有开门').waitFor();
    expect(await page.locator('.rest').innerText()).toContain('13:30–17:30');
    await stands(page);
    await picture(page, `pad-closed-${name}`);
    await close(page);
  });
}

it('turns the notices over calmly, and stops when asked to', { timeout: TIME_MS }, async () => {
  const { page, tell, pass } = await enter(LYING, resting, 'no-preference');
  const shown = () => page.getByTestId('notice').innerText();
  await pass(8_000);
  expect(await shown()).toBe(NOTICES[0]);
  await pass(2_500);
  await expect.poll(shown).toBe(NOTICES[1]);
  await page.getByRole('button', { name: '停在这一条' }).click();
  await pass(60_000);
  expect(await shown()).toBe(NOTICES[1]);
  await page.getByRole('button', { name: '下一条' }).click();
  expect(await shown()).toBe(NOTICES[2]);
  await page.getByRole('button', { name: '停在这一条' }).click();
  await pass(10_500);
  await expect.poll(shown).toBe(NOTICES[0]);
  // The hall takes them off: nothing is left of them.
  tell({ notices: [] });
  await page.getByTestId('notice').waitFor({ state: 'detached' });
  await close(page);
});

it('moves nothing for who wants nothing to move, and shows a sign where there is no photo', { timeout: TIME_MS }, async () => {
  const { page, tell, pass } = await enter(LYING, { ...resting, staff_photo: null });
  await pass(60_000);
  expect(await page.getByTestId('notice').innerText()).toBe(NOTICES[0]);
  expect(await page.getByRole('button', { name: '停在这一条' }).count()).toBe(0);
  await page.getByRole('button', { name: '下一条' }).click();
  expect(await page.getByTestId('notice').innerText()).toBe(NOTICES[1]);
  expect(await page.getByTestId('photo').innerText()).toBe('乌');
  await picture(page, 'pad-rest-sign');
  // Somebody with a photo sits down, then somebody without.
  tell({ staff_name: '王秀兰', staff_photo: PHOTO });
  await page.locator('[data-testid=photo] img').waitFor();
  tell({ staff_name: '李强', staff_photo: null });
  await page.getByTestId('photo').getByText('李').waitFor();
  await close(page);
});
