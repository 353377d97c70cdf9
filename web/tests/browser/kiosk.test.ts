// The kiosk in the states that a working hall does not show, with answers of the test in place of its own program: a hall
// that is closed, no paper, a cut line, six lines with long reasons; progress and a rating by keys and by scanner; words for
// pinyin; that it goes home by itself and does not grow. With YICHUANG_PICTURES a picture of each is left there.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { picture, violations } from './look';
import { holding, Pages } from './pages';
import { smallWords } from './staff/look';

const TIME_MS = 180_000;
/** The smallest letters of 大字版 (the kiosk's scale of sizes). */
const ELDER_PX_MIN = 36;
const SIZES = { upright: { width: 1080, height: 1920 }, wide: { width: 1920, height: 1080 } } as const;
const NOW = '2026-11-24T10:20:00+08:00';
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const NAMES = ['综合受理', '社会保障和医疗保障', '民政和残疾人事务', '企业开办和个体工商户', '户籍和出入境', '不动产登记'];
const REASONS = [
  null,
  '暂不取号，今天上午的号取完了，14:00 起接着取，着急的请到导办台登记',
  null,
  '暂不取号，窗口人员去村里上门服务，预计下午三点半回来',
  '暂不取号，系统维护，14:00 恢复',
  null,
];
const lines = (count = 6) =>
  NAMES.slice(0, count).map((name, at) => ({
    id: `l${at}`,
    name,
    prefix: String.fromCharCode(65 + at),
    waiting: at * 3,
    open: REASONS[at] === null,
    stopped_text: REASONS[at],
    estimated_wait_s: at * 600,
    estimated_wait_optimistic_s: at * 400,
    bookable: at === 0,
  }));
const hall = (more: object = {}) => ({
  site: { id: 's', name: '白桦镇便民服务中心（党群服务中心）', phone: '0499-8000200' },
  online: true,
  since: NOW,
  now: NOW,
  lines: lines(),
  opening: { is_open: true, opens_at: '2026-11-24T14:00:00+08:00', today: [{ from: '08:30', to: '12:00' }] },
  printer: { state: 'ready' },
  public_url: 'https://example.cn',
  ...more,
});
const closed = {
  lines: lines(3).map((line) => ({ ...line, open: false, stopped_text: '现在没开门' })),
  opening: {
    is_open: false,
    opens_at: '2026-11-25T08:30:00+08:00',
    today: [
      { from: '08:30', to: '12:00' },
      { from: '14:00', to: '17:30' },
    ],
  },
};
const entry = (at: string | null, title: string, done: boolean, detail: string | null = null) => ({ at, title, detail, done });
const tracking = {
  tracking_code: 'K7M294QXA3BD5FGH',
  site: { id: 's', kind: 'center', name: '白桦镇便民服务中心', parent_id: null, address: '', phone: '', accent: null, logo_url: null },
  ticket: { number: 'A017', state: 'done', line_name: '综合受理', ahead: null, window_number: 3, issued_at: NOW },
  cases: [
    {
      id: 'c1',
      number: 'BH-20261124-0031',
      matter_name: '最低生活保障对象认定、保障金给付',
      state: 'accepted',
      due_at: '2026-12-08T23:59:59+08:00',
      working_days_left: 9,
      budget_days: 10,
      next_step: '部门在审核',
      materials_missing: ['家庭成员收入证明'],
    },
  ],
  timeline: [
    entry('2026-11-24T09:10:00+08:00', '取号 A017', true),
    entry('2026-11-24T09:32:00+08:00', '叫号，请到 3 号窗口', true),
    entry('2026-11-24T09:33:00+08:00', '开始办理', true),
    entry('2026-11-24T09:50:00+08:00', '已接件', true),
    entry('2026-11-24T10:05:00+08:00', '已受理', true),
    entry(null, '审核', false),
    entry(null, '出结果', false),
  ],
  evaluations: [{ subject: 'visit', case_id: null, done: false, can_follow_up: false }],
  next_step: { title: '等部门审核', detail: null },
};

const TICKET = {
  id: 't1',
  number: 'A017',
  line_id: 'l0',
  priority: 'ordinary',
  ahead: 3,
  estimated_wait_s: 900,
  estimated_wait_optimistic_s: 600,
  tracking_code: 'K7M294QXA3BD5FGH',
  short_code: 'K7M294QX',
};

interface Kiosk {
  readonly page: Page;
  /** What was sent, by path. */
  readonly sent: { readonly path: string; readonly body: Record<string, unknown>; readonly key: string | undefined }[];
  /** What the program tells from now on. */
  tell(state: object): void;
}

async function open(size: keyof typeof SIZES, state: object = hall(), ticket?: object): Promise<Kiosk> {
  let told = state;
  const sent: Kiosk['sent'] = [];
  const page = await pages.enter(
    '/kiosk',
    SIZES[size],
    (path) => {
      if (path === '/local/state') return told;
      if (path === '/local/tracking') return tracking;
      if (path === '/local/evaluations') return { round: 1 };
      if (path === '/local/matters/words') return { items: ['医保', '预报', '一办'] };
      if (path === '/local/matters') return { items: [{ id: 'm', name: '城乡居民医疗保险参保登记', line_id: 'l0', materials: [] }] };
      if (path === '/local/phone-code') return { url: 'https://example.cn/q/s' };
      if (path === '/local/tickets') return ticket;
      if (path === '/local/tickets/reprint') return {};
      return undefined;
    },
    {
      prepare: async (opened) => {
        await opened.clock.install({ time: Date.parse(NOW) });
        opened.on('request', (request) => {
          const path = new URL(request.url()).pathname;
          if (request.method() !== 'POST' || !path.startsWith('/local/')) return;
          sent.push({ path, body: request.postDataJSON() as Record<string, unknown>, key: request.headers()['idempotency-key'] });
        });
      },
    },
  );
  await page.locator('.k-hall b').first().waitFor();
  return {
    page,
    sent,
    tell: (next) => {
      told = next;
    },
  };
}

async function look(page: Page, name: string): Promise<void> {
  await picture(page, `kiosk-${name}`);
  // The colours are those of every language.
  expect.soft(await violations(page, !/-(en|mn)$/.test(name)), `${name}: what axe finds`).toEqual([]);
}

/** Nothing lies outside the screen's middle, nothing of the home page over something else. */
async function fits(page: Page, what: string): Promise<void> {
  const wrong = await page.evaluate(() => {
    const frame = document.querySelector('.k-main')!.getBoundingClientRect();
    const name = (of: Element): string => `${of.tagName} ${of.className} ${(of.textContent ?? '').slice(0, 12)}`;
    const boxOf = (of: Element): DOMRect => of.getBoundingClientRect();
    const all = [...document.querySelectorAll('.k-main *')].filter((one) => {
      const box = boxOf(one);
      return box.width > 0 && box.height > 0 && (box.bottom > frame.bottom + 1 || box.right > frame.right + 1 || box.left < frame.left - 1);
    });
    const blocks = [...document.querySelectorAll('.home-ask .ask, .home-ask .find, .home-lines, .home .more')];
    const over = blocks.flatMap((one, at) =>
      blocks.slice(at + 1).filter((other) => {
        const [a, b] = [boxOf(one), boxOf(other)];
        return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
      }),
    );
    return [...all.map((one) => `outside: ${name(one)}`), ...over.map((one) => `over another: ${name(one)}`)];
  });
  expect.soft(wrong, what).toEqual([]);
}

async function type(page: Page, text: string): Promise<void> {
  for (const sign of text) await page.locator('.keys button', { hasText: new RegExp(`^${sign}$`) }).click();
}

for (const size of ['upright', 'wide'] as const) {
  it(`the first screen as it stands in a hall, ${size}`, { timeout: TIME_MS }, async () => {
    const states: Readonly<Record<string, object>> = {
      six: hall(),
      'no-paper': hall({ printer: { state: 'paper_out' } }),
      'no-printer': hall({ printer: { state: 'none' } }),
      cut: hall({ online: false, opening: null }),
      kept: hall({ online: false, keeper: { is_keeper: true, is_deciding: true, unsent: 3 } }),
      'all-stopped': hall({ lines: lines().map((line) => ({ ...line, open: false, stopped_text: REASONS[1] })) }),
      closed: hall(closed),
    };
    const kiosk = await open(size);
    for (const [name, state] of Object.entries(states)) {
      kiosk.tell(state);
      await kiosk.page.clock.runFor(2_500);
      const isClosed = name === 'closed';
      await kiosk.page.getByTestId(isClosed ? 'closed' : 'search').waitFor();
      await expect.poll(() => kiosk.page.getByTestId('no-slip').count(), { message: name }).toBe(name.startsWith('no-') ? 1 : 0);
      for (const language of ['zh', 'en', 'mn']) {
        await kiosk.page.getByTestId(`language-${language}`).click();
        await fits(kiosk.page, `${size} ${name} ${language}`);
        await look(kiosk.page, `home-${name}-${size}-${language}`);
      }
      await kiosk.page.getByTestId('language-zh').click();
      await kiosk.page.getByTestId('elder').click();
      await fits(kiosk.page, `${size} ${name} elder`);
      await look(kiosk.page, `home-${name}-${size}-elder`);
      await kiosk.page.getByTestId('elder').click();
    }
    expect(pages.troubles.splice(0)).toEqual([]);
    await kiosk.page.context().close();
  });

  it(`progress and a rating, ${size}`, { timeout: TIME_MS }, async () => {
    const { page, sent } = await open(size);
    await page.getByTestId('progress').click();
    await look(page, `track-${size}`);
    await page.locator('[data-way=case]').click();
    await type(page, 'BH-20261124-0031');
    await look(page, `track-case-${size}`);
    await fits(page, 'the number of a case');
    await page.getByTestId('look').click();
    await type(page, 'K7M294QX');
    await page.getByTestId('look').click();
    await page.getByTestId('missing').waitFor();
    expect(sent.at(-1)).toMatchObject({ path: '/local/tracking', body: { number: 'BH-20261124-0031', query_code: 'K7M294QX' } });
    for (const language of ['en', 'mn', 'zh']) {
      await page.getByTestId(`language-${language}`).click();
      await fits(page, `progress ${language}`);
      await look(page, `progress-${size}-${language}`);
    }
    await page.getByTestId('to-rate').click();
    expect(await page.getByTestId('send-rating').isDisabled(), 'nothing is chosen for anybody').toBe(true);
    await page.locator('[data-level=satisfied]').click();
    for (const reason of ['406', '408', '410', '413']) await page.locator(`[data-reason="${reason}"]`).click();
    for (const language of ['en', 'mn', 'zh']) {
      await page.getByTestId(`language-${language}`).click();
      await fits(page, `rating ${language}`);
      await look(page, `rate-${size}-${language}`);
    }
    await page.getByTestId('elder').click();
    await fits(page, 'rating in large letters');
    await look(page, `rate-${size}-elder`);
    await page.getByTestId('send-rating').click();
    await page.getByTestId('rated').waitFor();
    await look(page, `rated-${size}`);
    const { body, key } = sent.at(-1)!;
    expect(body).toEqual({
      tracking_code: tracking.tracking_code,
      subject: 'visit',
      level: 'satisfied',
      reason_codes: ['406', '408', '410'],
    });
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(pages.troubles.splice(0)).toEqual([]);
    await page.context().close();
  });

  it(`large letters ask the same in few choices, ${size}`, { timeout: TIME_MS }, async () => {
    const { page, sent } = await open(size);
    await page.getByTestId('elder').click();
    await page.getByTestId('asks').click();
    await fits(page, 'what can be asked');
    await look(page, `asks-${size}`);
    expect(await page.locator('.four button').count()).toBeLessThanOrEqual(4);
    await page.locator('.four [data-testid=rate]').click();
    await fits(page, 'by what it is found');
    await look(page, `track-${size}-elder`);
    // A scanner types the whole address and Enter.
    await page.keyboard.type('https://example.cn/t/K7M294QXA3BD5FGH');
    await page.keyboard.press('Enter');
    await page.locator('[data-level]').first().waitFor();
    expect(sent.at(-1)?.body).toEqual({ tracking_code: 'K7M294QXA3BD5FGH' });
    await page.getByTestId('start').click();
    await page.getByTestId('asks').click();
    await page.locator('.four [data-testid=progress]').click();
    await type(page, 'K7M294QX');
    await page.getByTestId('look').click();
    await page.getByTestId('progress-hero').waitFor();
    await fits(page, 'progress in large letters');
    await look(page, `progress-${size}-elder`);
    await page.context().close();
  });

  it(`large letters are large and dark on every screen, ${size}`, { timeout: TIME_MS }, async () => {
    const { page } = await open(size);
    const seen = async (what: string): Promise<void> => {
      expect.soft(await violations(page, true, ['color-contrast-enhanced']), `${what}: darker than 7:1`).toEqual([]);
      expect.soft(await smallWords(page, ELDER_PX_MIN), `${what}: no letters under ${ELDER_PX_MIN} pixels`).toEqual([]);
    };
    await page.getByTestId('elder').click();
    await seen('the first screen');
    await page.getByTestId('asks').click();
    await seen('what can be asked');
    await page.locator('.four [data-testid=progress]').click();
    await seen('by what it is found');
    await type(page, 'K7M294QX');
    await page.getByTestId('look').click();
    await page.getByTestId('progress-hero').waitFor();
    await seen('progress');
    await page.getByTestId('help').click();
    await seen('somebody who helps');
    await page.context().close();
  });

  it(`pinyin becomes Chinese words, ${size}`, { timeout: TIME_MS }, async () => {
    const { page } = await open(size);
    await page.getByTestId('search').click();
    await type(page, 'YB');
    await page.clock.runFor(500);
    await page.locator('[data-word="医保"]').waitFor();
    await fits(page, 'words to touch');
    await look(page, `words-${size}`);
    await page.locator('[data-word="医保"]').click();
    expect(await page.locator('.find b').innerText()).toBe('医保');
    await page.clock.runFor(500);
    expect(await page.locator('.candidates').count(), 'the word is whole').toBe(0);
    await type(page, 'C');
    expect(await page.locator('.find b').innerText()).toBe('医保c');
    await page.context().close();
  });
}

for (const size of ['upright', 'wide'] as const) {
  it(`a phone number for the reminder, or none, ${size}`, { timeout: TIME_MS }, async () => {
    const { page, sent } = await open(size, hall({ lines: lines().map((line) => ({ ...line, reminds: true })) }));
    const first = page.locator('[data-line]').first();
    await first.click();
    await page.getByTestId('no-phone').waitFor();
    for (const language of ['en', 'mn', 'zh']) {
      await page.getByTestId(`language-${language}`).click();
      await fits(page, `remind ${language}`);
      await look(page, `remind-${size}-${language}`);
    }
    await type(page, '12800005678');
    expect(await page.getByTestId('with-phone').isDisabled(), 'no phone begins so').toBe(true);
    await look(page, `remind-wrong-${size}`);
    await page.locator('.btn.back').click();
    await first.click();
    await type(page, '13800005678');
    await fits(page, 'a whole number');
    await look(page, `remind-whole-${size}`);
    await page.getByTestId('with-phone').click();
    await expect.poll(() => sent.at(-1)?.body).toEqual({ line_id: 'l0', phone: '13800005678' });
    await page.getByTestId('start').click();
    await first.click();
    await page.getByTestId('elder').click();
    await fits(page, 'remind in large letters');
    await look(page, `remind-${size}-elder`);
    await page.getByTestId('no-phone').click();
    await expect.poll(() => sent.at(-1)?.body).toEqual({ line_id: 'l0' });
    await page.context().close();
  });
}

for (const size of ['upright', 'wide'] as const) {
  it(`a number without a slip, and one after all, ${size}`, { timeout: TIME_MS }, async () => {
    const { page, sent, tell } = await open(size, hall(), TICKET);
    const paper = page.getByTestId('paper');
    const first = page.locator('[data-line]').first();
    await expect.poll(() => paper.innerText()).toContain('要小票');
    await paper.click();
    for (const language of ['en', 'mn', 'zh']) {
      await page.getByTestId(`language-${language}`).click();
      await fits(page, `no slip ${language}`);
      await look(page, `paper-none-${size}-${language}`);
    }
    expect(await paper.innerText()).toContain('不要小票');
    await page.getByTestId('green').click();
    await page.getByText('您选了不要小票').waitFor();
    await look(page, `paper-green-${size}`);
    await page.locator('.btn.back').click();
    await first.click();
    await page.getByTestId('number').waitFor();
    expect(sent.at(-1)).toMatchObject({ path: '/local/tickets', body: { line_id: 'l0', no_slip: true } });
    await page.getByText('按您选的没打小票').waitFor();
    expect(await page.locator('.pr.stuck').count(), 'it is no fault').toBe(0);
    expect(await page.locator('.qr canvas, .qr svg').count(), 'a phone can follow it').toBeGreaterThan(0);
    await fits(page, 'the number without a slip');
    await look(page, `paper-number-${size}`);
    await page.getByTestId('print-after').click();
    await page.getByText('正在打印小票').waitFor();
    expect(sent.at(-1)).toMatchObject({ path: '/local/tickets/reprint', body: { ticket_id: 't1' } });
    await page.getByTestId('done').click();
    await expect.poll(() => paper.innerText(), { message: 'the next person gets one' }).toMatch(/^要小票/);
    await first.click();
    await page.getByTestId('number').waitFor();
    expect(sent.at(-1)?.body).toEqual({ line_id: 'l0' });
    await page.getByTestId('done').click();
    await paper.click();
    await page.clock.runFor(61_000);
    await expect.poll(() => paper.innerText(), { message: 'nobody touched it' }).toMatch(/^要小票/);
    tell(hall({ printer: { state: 'paper_out' } }));
    await page.clock.runFor(2_500);
    await page.getByTestId('no-slip').waitFor();
    expect(await paper.count(), 'there is none to choose').toBe(0);
    expect(pages.troubles.splice(0)).toEqual([]);
    await page.context().close();
  });

  it(`a number without a slip in large letters, ${size}`, { timeout: TIME_MS }, async () => {
    const { page, sent } = await open(size, hall(), TICKET);
    await page.getByTestId('elder').click();
    await page.locator('[data-line]').first().click();
    const seen = async (what: string): Promise<void> => {
      await fits(page, what);
      await look(page, `paper-${what}-${size}-elder`);
      expect.soft(await violations(page, true, ['color-contrast-enhanced']), `${what}: darker than 7:1`).toEqual([]);
      expect.soft(await smallWords(page, ELDER_PX_MIN), `${what}: no letters under ${ELDER_PX_MIN} pixels`).toEqual([]);
    };
    await seen('asked');
    await page.getByTestId('paper').click();
    await seen('none');
    await page.getByTestId('ask-green').click();
    await page.getByTestId('number').waitFor();
    expect(sent.at(-1)?.body).toEqual({ line_id: 'l0', priority: 'green', no_slip: true });
    await seen('number');
    await page.context().close();
  });
}

it('a hall that sends no messages asks for no phone', { timeout: TIME_MS }, async () => {
  const { page, sent } = await open('upright');
  await page.locator('[data-line]').first().click();
  await expect.poll(() => sent.at(-1)).toMatchObject({ path: '/local/tickets', body: { line_id: 'l0' } });
  expect(await page.getByTestId('no-phone').count()).toBe(0);
  await page.context().close();
});

it('a closed hall still tells how far things are', { timeout: TIME_MS }, async () => {
  const { page, sent } = await open('upright', hall(closed));
  await page.getByTestId('closed').waitFor();
  expect(await page.locator('.closed').innerText()).toContain('08:30–12:00');
  await page.keyboard.type('https://example.cn/t/K7M294QXA3BD5FGH');
  await page.keyboard.press('Enter');
  await page.getByTestId('progress-hero').waitFor();
  expect(sent.at(-1)?.body).toEqual({ tracking_code: 'K7M294QXA3BD5FGH' });
  await page.context().close();
});

it('whoever goes away has rated nothing', { timeout: TIME_MS }, async () => {
  const { page, sent } = await open('wide');
  await page.getByTestId('rate').click();
  await type(page, 'K7M294QX');
  await page.getByTestId('look').click();
  await page.locator('[data-level=very_satisfied]').click();
  await page.clock.runFor(50_000);
  await page.getByText('您还在用吗？').waitFor();
  await page.clock.runFor(15_000);
  await page.getByTestId('search').waitFor();
  expect(sent.filter(({ path }) => path === '/local/evaluations')).toEqual([]);
  await page.context().close();
});

it('visitors leave nothing behind', { timeout: TIME_MS }, async () => {
  const { page } = await open('wide');
  const size = await holding(page);
  const visits = async (count: number): Promise<void> => {
    for (let visit = 0; visit < count; visit += 1) {
      await page.getByTestId('search').click();
      await page.keyboard.type('yb');
      await page.clock.runFor(300);
      await page.locator('.btn.back').click();
      await page.getByTestId(visit % 2 === 0 ? 'progress' : 'rate').click();
      await page.keyboard.type('K7M294QX');
      await page.keyboard.press('Enter');
      await page.locator(visit % 2 === 0 ? '.course' : '.faces').waitFor();
      await page.getByTestId('start').click();
      await page.clock.runFor(2_000);
    }
  };
  await visits(12);
  const before = await size();
  await visits(36);
  const after = await size();
  expect(after.nodes, 'nodes').toBeLessThanOrEqual(before.nodes + 150);
  expect(after.listeners, 'listeners').toBeLessThanOrEqual(before.listeners + 10);
  expect(after.heap, 'heap').toBeLessThan(before.heap + 1_500_000);
  await page.context().close();
});
