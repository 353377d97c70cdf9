// The kiosk that keeps its hall, and what it says of itself when the machine is not well: to whoever takes a number, and to
// the person in charge. With YICHUANG_PICTURES a picture of each is left there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { picture, violations } from './look';
import { Pages } from './pages';

const TIME_MS = 120_000;
const SIZES = { upright: { width: 1080, height: 1920 }, wide: { width: 1920, height: 1080 } } as const;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const lines = ['综合受理', '户籍身份证', '社保医保'].map((name, at) => ({
  id: `l${at}`,
  name,
  prefix: 'ABC'[at],
  waiting: 3 + at,
  open: true,
  estimated_wait_s: 600,
  estimated_wait_optimistic_s: 300,
  stopped_text: null,
  bookable: at === 0,
}));

interface Machine {
  readonly trouble?: string;
  readonly damaged?: boolean;
}

function state({ trouble, damaged }: Machine): object {
  return {
    site: { id: 's', name: '白桦镇便民服务中心', phone: '0499-8000200' },
    online: false,
    since: '2026-11-24T10:00:00.000+08:00',
    lines,
    printer: { state: 'ready' },
    late: [],
    trouble: null,
    now: '2026-11-24T10:26:00.000+08:00',
    keeper: {
      is_keeper: true,
      is_deciding: true,
      online: false,
      unsent: 12,
      version: 90,
      series: 'K',
      trouble: trouble ?? null,
      address: null,
      standby: { state: 'none' },
    },
    was_damaged: damaged ?? false,
    reload: null,
    reader: null,
  };
}

function care(machine: Machine): object {
  return {
    ...state(machine),
    device_id: 'dev_dc_kiosk',
    version: '0.1.0',
    server: '10.1.2.3:8080',
    is_beside: false,
    supervisors: [],
    last_heard: '2026-11-24T10:00:00.000+08:00',
    printer: { online: true, paper: 'ok', cover_open: false, error: false },
    has_reader: null,
    disk_free: 12_000_000_000,
    is_disk_low: false,
    open_commands: 0,
    lines: 3,
    matters: 42,
  };
}

async function kiosk(size: keyof typeof SIZES, machine: Machine, refusal?: string): Promise<Page> {
  const answers = (path: string): unknown => {
    if (path === '/local/state') return state(machine);
    if (path === '/local/care') return care(machine);
    if (path === '/local/matters') return { items: [] };
    return undefined;
  };
  const prepare = async (page: Page): Promise<void> => {
    await page.route(/\/local\/(tickets|appointments\/find)$/, (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', json: { status: 503, code: refusal, detail: '…' } }),
    );
  };
  return pages.enter('/kiosk', SIZES[size], answers, { prepare });
}

async function look(page: Page, name: string): Promise<void> {
  await picture(page, name);
  expect.soft(await violations(page), `${name}: what axe finds`).toEqual([]);
}

const sideways = (page: Page): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

describe.each(['upright', 'wide'] as const)('%s', (size) => {
  it.each([
    ['clock_wrong', { trouble: 'clock_wrong' }, '时钟不对', '校准'],
    ['disk_full', { trouble: 'disk_full' }, '暂时不发号', '硬盘写不进去'],
    ['journal_damaged', { trouble: 'journal_damaged' }, '存档坏过', 'keeper.db.damaged'],
    ['spool_damaged', { damaged: true }, '存档坏过', 'spool.db.damaged'],
  ])('%s is said to everybody and to the person in charge', { timeout: TIME_MS }, async (name, machine, words, inside) => {
    const page = await kiosk(size, machine);
    const band = page.locator('.cutb', { hasText: words });
    await band.waitFor();
    expect(await sideways(page)).toBe(false);
    await look(page, `kiosk-${name}-${size}`);
    const clock = page.getByTestId('clock');
    await clock.dispatchEvent('pointerdown');
    await page.locator('.care-rows').getByText(inside).waitFor();
    await look(page, `kiosk-care-${name}-${size}`);
    await page.context().close();
  });

  it('a machine that is well says nothing', { timeout: TIME_MS }, async () => {
    const page = await kiosk(size, {});
    await page.locator('.cutb.kept').waitFor();
    expect(await page.locator('.cutb').count()).toBe(1);
    await page.context().close();
  });

  it('a number that could not be saved, and an appointment without its code', { timeout: TIME_MS }, async () => {
    const full = await kiosk(size, { trouble: 'disk_full' }, 'disk_full');
    await full.locator('button', { hasText: '综合受理' }).first().click();
    await full.locator('.trouble[data-code="disk_full"]', { hasText: '已经取的号都有效' }).waitFor();
    await look(full, `kiosk-trouble-disk-${size}`);
    await full.context().close();
    const cut = await kiosk(size, {}, 'by_code_only');
    await cut.getByTestId('came').click();
    for (const key of '13912345678') await cut.locator('.keys button', { hasText: new RegExp(`^${key}$`) }).click();
    await cut.getByTestId('look').click();
    await cut.locator('.trouble[data-code="by_code_only"]', { hasText: '8 位预约码' }).waitFor();
    await look(cut, `kiosk-trouble-by-code-${size}`);
    await cut.context().close();
  });
});

it('breaks on no page', () => {
  expect(pages.troubles).toEqual([]);
});
