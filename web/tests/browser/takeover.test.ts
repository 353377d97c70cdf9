// The kiosk's take-over, for the person in charge: found by holding the clock, the warning first, nothing to press before
// everything is said, and what the hall does next. At both sizes it fits. With YICHUANG_PICTURES a picture of each is left.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { picture, violations } from './look';
import { Pages, type Answers } from './pages';

const SIZES = { portrait: { width: 1080, height: 1920 }, landscape: { width: 1920, height: 1080 } } as const;
const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const keeper = {
  is_keeper: false,
  is_deciding: false,
  online: false,
  unsent: 0,
  series: 'J',
  trouble: null,
  address: 'http://192.168.1.11:8090',
  standby: { state: 'ready' },
};
const line = { id: 'a', name: '综合受理', prefix: 'A', waiting: 6, open: true, estimated_wait_s: 900, stopped_text: null, bookable: false };
const now = '2026-11-24T10:20:00+08:00';

/** A second kiosk that hears nobody; what was said to it. */
function alone(said: unknown[], standby: unknown = keeper.standby): Answers {
  const state = { site: { id: 's', name: '云川区政务服务中心', phone: '0499-8000200' }, online: false, since: now, now };
  const care = { device_id: 'dev_dc_second', version: '0.1.0', server: '10.2.0.1:8080', online: false, is_beside: false, since: now, now };
  const rest = { last_heard: now, printer: null, has_reader: null, disk_free: 9_000_000_000, is_disk_low: false, open_commands: 0 };
  const supervisors = ['王建国', '乌日娜', '李淑芬'].map((name, at) => ({ username: `boss${at}`, name }));
  return (path, method) => {
    if (path === '/local/state') return { ...state, lines: [line], printer: { state: 'none' }, keeper };
    if (path === '/local/care') return { ...care, ...rest, lines: 1, matters: 12, keeper: { ...keeper, standby }, supervisors };
    if (path === '/local/care/take-over' && method === 'POST') {
      said.push(path);
      return { series: 'J' };
    }
    return undefined;
  };
}

async function look(page: Page, name: string): Promise<void> {
  await picture(page, name);
  expect.soft(await violations(page), `${name}: what axe finds`).toEqual([]);
}

it.each(Object.keys(SIZES) as (keyof typeof SIZES)[])(
  'takes over by a supervisor, %s',
  async (name) => {
    const said: unknown[] = [];
    const page = await pages.enter('/kiosk.html', SIZES[name], alone(said));
    const clock = page.getByTestId('clock');
    await clock.dispatchEvent('pointerdown');
    await page.getByTestId('to-take-over').waitFor({ timeout: 15_000 });
    await look(page, `takeover-care-${name}`);
    await page.getByTestId('to-take-over').click();
    await page.locator('.takeover .warn').waitFor();
    const fits = async (): Promise<void> => {
      // Everything is on the screen at once.
      const below = await page.locator('.takeover').evaluate((one) => one.scrollHeight - one.clientHeight);
      expect(below).toBeLessThanOrEqual(1);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    };
    const next = page.getByTestId('next');
    expect(await next.isDisabled()).toBe(true);
    await look(page, `takeover-${name}`);
    await fits();
    await page.getByTestId('is-off').click();
    await next.click();
    const go = page.getByTestId('take-over');
    expect(await go.isDisabled()).toBe(true);
    await look(page, `takeover-who-${name}`);
    await fits();
    await page.getByRole('button', { name: '乌日娜' }).click();
    for (const digit of '204815') await page.keyboard.press(digit);
    await look(page, `takeover-said-${name}`);
    expect(said).toEqual([]);
    await go.click();
    await page.getByTestId('took-over').waitFor();
    expect(said).toHaveLength(1);
    await look(page, `takeover-done-${name}`);
    await fits();
    expect(pages.troubles).toEqual([]);
  },
  TIME_MS,
);

it(
  'is not offered while the keeper is there',
  async () => {
    const page = await pages.enter('/kiosk.html', SIZES.landscape, alone([], { state: 'keeper_there' }));
    await page.getByTestId('clock').dispatchEvent('pointerdown');
    await page.getByText('备用，号从守门机取').waitFor({ timeout: 15_000 });
    expect(await page.getByTestId('to-take-over').count()).toBe(0);
  },
  TIME_MS,
);
