// The states of citizens' pages that a walk through a working hall does not come by: nothing there, nothing found, no
// connection, long names. In each language, in 大字版 and on a narrow phone nothing scrolls sideways or lies on its side.
// With YICHUANG_PICTURES a picture of each is left there.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { picture, violations } from './look';
import { Pages, type Answers } from './pages';

const PHONE = { width: 390, height: 844 };
const NARROW = { width: 320, height: 640 };
const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const LONG = '城乡居民基本养老保险注销登记和丧葬补助金申领（含因死亡、出国（境）定居、已享受其他基本养老保障待遇）';
const site = {
  id: 's',
  kind: 'center',
  name: '白桦镇便民服务中心（白桦镇党群服务中心、新时代文明实践所）',
  phone: '0499-8000200',
  address: '云川区白桦镇向阳路 8 号（老粮库对面，公交 3 路白桦镇政府站下车往东 200 米）',
};
const materials = Array.from({ length: 4 }, (_, at) => ({
  id: `mt${at}`,
  name: `${LONG.slice(0, 24 + at * 6)}`,
  kind: 'original',
  copies: 2,
}));
const matter = {
  id: 'm',
  name: LONG,
  site_id: 's',
  applicant_kinds: ['person', 'enterprise'],
  handling_forms: ['window', 'mobile'],
  situations: [],
  materials,
  form_schema: null,
};
const application = {
  id: 'c',
  matter_id: 'm',
  matter_name: LONG,
  site_name: site.name,
  step: 'ready',
  number: '2026-152301-000123',
  query_code: 'K7M294QX',
  tracking_code: 'T1',
  tracking_url: 'https://example.cn/t/T1',
  attachments: [],
  materials: materials.map(({ id }) => ({ material_id: id })),
  changed_at: '2026-11-24T10:00:00+08:00',
};
const hall: Answers = (path) => {
  if (path === '/sites') return { items: [site] };
  if (path === '/sites/s') return site;
  if (path === '/sites/s/matters') return { items: [] };
  if (path === '/sites/s/appointment-lines') return { items: [] };
  return undefined;
};
const signedIn: Answers = (path, method) => {
  if (path === '/citizens/sessions/current') return { citizen: { phone: '139****5520' } };
  if (path === '/matters/m') return matter;
  if (path === '/matters/n') return { ...matter, id: 'n', handling_forms: ['window'] };
  return hall(path, method);
};

interface State {
  readonly path: string;
  readonly answers?: Answers;
  /** What is there when the page is ready. */
  readonly ready: string;
  readonly act?: (page: Page) => Promise<void>;
  /** Whether nothing at all is answered. */
  readonly cut?: true;
}
const states: Readonly<Record<string, State>> = {
  'home-none-found': {
    path: '/',
    ready: 'select option[value="s"]',
    act: async (page) => {
      await page.locator('input[type=search]').fill('没有这件事');
      await page.locator('[aria-live] .mute').waitFor();
    },
  },
  'home-cut': { path: '/', ready: '.lost', cut: true },
  'progress-wrong': {
    path: '/progress',
    ready: 'form',
    act: async (page) => {
      await page.locator('input[name=number]').fill('2026-1');
      await page.locator('form button[type=submit]').click();
      await page.locator('.field-error .i').waitFor();
      // Only the field that is wrong says so.
      expect(await page.locator('[aria-invalid=true]').count()).toBe(1);
    },
  },
  'guide-none': { path: '/guide/x', ready: '.empty' },
  'guide-cut': { path: '/guide/x', ready: '.empty', cut: true },
  'track-none': { path: '/t/ABCD', ready: '.empty, h1' },
  'verify-none': { path: '/verify/ABCD', ready: '.wrong, [role=alert]' },
  'book-no-lines': { path: '/book?site=s', ready: '[data-testid=no-lines]' },
  lost: { path: '/guide/no/where', ready: '.empty' },
  'lists-empty': {
    path: '/lists/fees',
    ready: '.empty',
    answers: (path, method) =>
      path === '/sites/s/lists/fees'
        ? {
            name: 'fees',
            title: '收费事项',
            text: '要收费的事项、标准和依据；这里没写的都不收费',
            site_name: site.name,
            count: 0,
            items: [],
          }
        : hall(path, method),
  },
  'lists-long': {
    path: '/lists/promises',
    ready: '.entries li',
    answers: (path, method) =>
      path === '/sites/s/lists/promises'
        ? {
            name: 'promises',
            title: '服务承诺',
            text: '每件事多少个工作日办好：我们承诺的，和法律规定的',
            site_name: site.name,
            count: 3,
            items: [
              {
                id: '1',
                matter_id: 'm',
                name: LONG,
                department_name: '云川区人力资源和社会保障局',
                promised_days: 12,
                statutory_days: 45,
                online: true,
              },
              { id: '2', matter_id: 'm', name: LONG.slice(0, 20), department_name: '云川区民政局', promised_days: 0, statutory_days: null },
              {
                id: '3',
                name: '东河嘎查便民服务站',
                address: site.address,
                areas: [site.name, '河湾嘎查'],
                phone: '0499-8000211',
                helpers: 3,
              },
            ],
          }
        : hall(path, method),
  },
  'lists-unknown': { path: '/lists/nothing', ready: '.empty' },
  'apply-window-only': { path: '/apply/n', ready: '.empty', answers: signedIn },
  'apply-unknown': { path: '/apply/x', ready: '.empty', answers: signedIn },
  'apply-none': {
    path: '/apply',
    ready: '.empty',
    answers: (path, method) => (path === '/applications' ? { items: [] } : signedIn(path, method)),
  },
  'apply-list-long': {
    path: '/apply',
    ready: '.mine-list',
    answers: (path, method) =>
      path === '/applications'
        ? {
            items: ['filling', 'submitted', 'supplement', 'ready', 'received', 'withdrawn'].map((step) => ({
              ...application,
              id: step,
              step,
            })),
          }
        : signedIn(path, method),
  },
  'apply-receipt-long': {
    path: '/apply/m?id=c',
    ready: '[data-testid=status]',
    answers: (path, method) => {
      if (path === '/applications') return { items: [application] };
      return path === '/applications/c' ? application : signedIn(path, method);
    },
  },
  'complaint-wrong': {
    path: '/complain/find',
    ready: 'form',
    act: async (page) => {
      await page.locator('form button[type=submit]').click();
      await page.locator('.field-error').first().waitFor();
    },
  },
};

/** What sticks out of the page, and Mongolian that lies on its side. */
function misplaced(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) {
      const wide = [...document.querySelectorAll<HTMLElement>('body *')].filter(
        (one) => one.getBoundingClientRect().right > innerWidth + 1,
      );
      found.push(...wide.slice(0, 4).map((one) => `beside the screen: ${one.tagName}.${one.className} ${one.innerText?.slice(0, 20)}`));
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { nodeValue, parentElement } = texts.currentNode;
      if (/[\u1820-\u18aa]/.test(nodeValue ?? '') && !parentElement?.closest('.mn, .sr, option, script, style'))
        found.push(`on its side: ${nodeValue}`);
    }
    return found;
  });
}
async function look(page: Page, name: string, contrast = false): Promise<void> {
  await picture(page, name, { fullPage: true });
  expect.soft(await misplaced(page), name).toEqual([]);
  expect.soft(await violations(page, contrast), `${name}: what axe finds`).toEqual([]);
}

it.each(Object.entries(states))('%s', { timeout: TIME_MS }, async (name, { path, answers = hall, ready, act, cut }) => {
  const page = await pages.enter(path, PHONE, answers, {
    prepare: async (opened) => (cut ? void (await opened.route(/\/api\//, (route) => route.abort())) : undefined),
  });
  await page.locator(ready).first().waitFor({ state: 'attached' });
  await act?.(page);
  await look(page, `state-${name}`, true);
  for (const language of ['en', 'mn'] as const) {
    await page.getByTestId('language').selectOption(language);
    await page.waitForFunction((lang) => document.documentElement.lang.startsWith(lang), language);
    await look(page, `state-${language}-${name}`);
  }
  await page.getByTestId('language').selectOption('zh');
  await page.getByTestId('elder').click();
  await look(page, `state-elder-${name}`);
  await page.setViewportSize(NARROW);
  await look(page, `state-narrow-${name}`);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
