// Somebody chooses another language in the middle of a form: the page says everything anew, and nothing that was typed,
// chosen or said to be wrong is lost.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { violations } from './look';
import { Pages, type Answers } from './pages';

const PHONE = { width: 390, height: 844 };
const KIOSK = { width: 1080, height: 1920 };
const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const site = { id: 's', kind: 'center', name: '白桦镇便民服务中心', phone: '0499-8000200', address: '向阳路 8 号' };
const matter = {
  id: 'm',
  name: '最低生活保障对象认定',
  site_id: 's',
  applicant_kinds: ['person'],
  handling_forms: ['window', 'mobile'],
  situations: [],
  materials: [{ id: 'mt', name: '居民身份证', kind: 'original' }],
  form_schema: { type: 'object', properties: { people: { type: 'integer', title: '家庭人数', minimum: 1 } }, required: ['people'] },
};
const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const slot = { starts_at: `${tomorrow}T09:00:00+08:00`, ends_at: `${tomorrow}T09:30:00+08:00`, left: 3, bookable: true };
const answers: Answers = (path) => {
  if (path === '/sites') return { items: [site] };
  if (path === '/sites/s') return site;
  if (path === '/matters/m') return matter;
  if (path === '/sites/s/appointment-lines')
    return { items: [{ line_id: 'l', line_name: '综合受理', days: [{ date: tomorrow, left: 3, slots: [slot] }] }] };
  if (path.startsWith('/sites/s/appointment-slots') || path.endsWith('/slots')) return { date: tomorrow, slots: [slot] };
  if (path.startsWith('/tracking/')) return tracking;
  return undefined;
};
const tracking = {
  code: 'T1',
  site,
  tickets: [],
  cases: [],
  timeline: [],
  next_step: null,
  evaluations: [{ subject: 'visit', case_id: null, done: false, may_follow_up: false }],
};

async function speak(page: Page, language: 'en' | 'mn' | 'zh'): Promise<void> {
  await page.getByTestId('language').selectOption(language);
}
/** Every value of the form, in its order, and what has been chosen. */
function filled(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => [
    ...[...document.querySelectorAll<HTMLInputElement>('main :is(input, textarea, select)')].map((one) =>
      one.type === 'checkbox' || one.type === 'radio' ? String(one.checked) : one.value,
    ),
    ...[...document.querySelectorAll('main [aria-pressed]')].map((one) => one.getAttribute('aria-pressed') ?? ''),
  ]);
}
/** The form stays the same element, with the same values, whatever the page speaks. */
async function keeps(page: Page, chinese: string, english: string): Promise<void> {
  const before = await filled(page);
  expect(before.some((value) => value !== '' && value !== 'false' && value !== 'true')).toBe(true);
  await page.locator('main').getByText(chinese).first().waitFor();
  await page.evaluate(() => document.querySelector('main :is(input, textarea)')!.setAttribute('data-same', ''));
  await speak(page, 'en');
  await page.locator('main').getByText(chinese).first().waitFor({ state: 'detached' });
  await page.locator('main').getByText(english).first().waitFor();
  expect(await filled(page)).toEqual(before);
  expect(await page.locator('main [data-same]').count()).toBe(1);
  expect(await page.locator('main').getByText(chinese).count()).toBe(0);
  await speak(page, 'mn');
  await page.locator('main .mn').first().waitFor();
  expect(await filled(page)).toEqual(before);
  await speak(page, 'zh');
  await page.locator('main').getByText(chinese).first().waitFor();
  expect(await filled(page)).toEqual(before);
  expect.soft(await violations(page), 'what axe finds').toEqual([]);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
}

it('the number and the case on the start page, with what was wrong', { timeout: TIME_MS }, async () => {
  const page = await pages.enter('/', PHONE, answers);
  await page.locator('select option[value="s"]').first().waitFor({ state: 'attached' });
  await page.locator('input[name=short_code]').fill('K7M2');
  await page.locator('input[name=number]').fill('2026-0001');
  await page.locator('input[name=short_code]').press('Enter');
  const title = await page.title();
  await keeps(page, '少 4 位，应是 8 位', '4 too few; it has 8 signs');
  expect(title).toBe('一窗 · 查号、查进度、看指南');
});

it('an application, in the middle of who it is for', { timeout: TIME_MS }, async () => {
  const page = await pages.enter('/apply/m', PHONE, answers);
  await page.locator('[id="applicant.name"]').fill('王小明');
  await page.locator('[id="applicant.id_number"]').fill('1523011990');
  await page.locator('[id="applicant.id_number"]').blur();
  await page.locator('input[name=has_agent]').check();
  await page.locator('[id="agent.name"]').fill('李红');
  await keeps(page, '少 8 位，身份证号是 18 位', '8');
});

it('the own form of a matter', { timeout: TIME_MS }, async () => {
  const page = await pages.enter('/apply/m', PHONE, answers);
  await page.locator('[id="applicant.name"]').fill('王小明');
  await page.locator('[id="applicant.id_number"]').fill('110101199003078515');
  await page.locator('[id="applicant.phone"]').fill('13912345520');
  await page.getByTestId('next').click();
  await page.locator('[id="form.people"]').fill('几口人');
  await page.locator('[id="form.people"]').blur();
  await keeps(page, '家庭人数填数字', '家庭人数: a number');
});

it('a booking, when name and phone are half typed', { timeout: TIME_MS }, async () => {
  const page = await pages.enter('/book?site=s', PHONE, answers);
  await page.locator('[data-line="l"]').click();
  await page.locator('[data-slot], .slots button').first().click();
  await page.locator('#book-name').fill('王小明');
  await page.locator('#book-phone').fill('139');
  await page.locator('#book-phone').blur();
  await keeps(page, '少 8 位，手机号是 11 位', '8');
});

it('a complaint', { timeout: TIME_MS }, async () => {
  const page = await pages.enter('/complain?site=s', PHONE, answers);
  await page.locator('[data-kind="slow"]').click();
  await page.locator('#complain-text').fill('等了两个小时');
  await page.locator('#complain-phone').fill('139');
  await page.locator('#complain-phone').blur();
  await keeps(page, '少 8 位，手机号是 11 位', '8');
});

it('a rating', { timeout: TIME_MS }, async () => {
  const page = await pages.enter('/t/T1', PHONE, answers);
  await page.locator('.ev input[type=radio]').last().check({ force: true });
  await page.locator('.ev textarea').fill('等得太久');
  await keeps(page, '在窗口办得怎么样', 'How was your visit to the counter?');
});

it('a search and a phone number at the kiosk', { timeout: TIME_MS }, async () => {
  const now = new Date().toISOString();
  const line = { id: 'l', name: '综合受理', prefix: 'A', waiting: 0, is_open: true, is_taking: true, open_windows: 1, bookable: true };
  const page = await pages.enter(
    '/kiosk',
    KIOSK,
    (path) => {
      if (path.endsWith('/lines')) return { items: [line] };
      if (path === '/sites/s') return site;
      if (path.includes('/matters')) return { items: [{ ...matter, line_id: 'l' }] };
      if (path.includes('/devices/current')) return { device_id: 'd', kind: 'kiosk', site_id: 's' };
      if (path.includes('/phone')) return { url: null, now };
      return undefined;
    },
    { storage: { yichuang_device_token: 'x', yichuang_device_site: 's' } },
  );
  await page.getByTestId('search').click();
  for (const key of ['D', 'B']) await page.locator('.keys button', { hasText: new RegExp(`^${key}$`) }).click();
  await page.getByText('最低生活保障').first().waitFor();
  await page.getByTestId('language-en').click();
  await page.getByText('Back', { exact: true }).first().waitFor();
  expect(await page.locator('.find b').innerText()).toBe('db');
  await page.getByTestId('language-zh').click();
  await page.getByText('返回').first().click();
  await page.getByTestId('find').click();
  for (const key of '1391') await page.locator('.keys button', { hasText: new RegExp(`^${key}$`) }).click();
  await page.getByTestId('language-mn').click();
  await page.locator('.k-main .mn').first().waitFor();
  expect((await page.locator('.groups b.on').allInnerTexts()).join('')).toBe('1391');
  expect.soft(await violations(page), 'what axe finds').toEqual([]);
  expect(pages.troubles.splice(0)).toEqual([]);
});
