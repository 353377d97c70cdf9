// What is decided, answered or ended is what somebody meant: also on a slow line, and when the list moves on beneath an
// open dialog.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { Pages } from './pages';
import { caseOf } from './staff/hall';
import { look } from './staff/look';
import { Office, Reply } from './staff/office';

const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
async function leave(office: Office): Promise<void> {
  expect(pages.troubles.splice(0)).toEqual([]);
  await office.page.context().close();
}
/** An answer that comes when the test says so. */
function later(): { answer: Promise<unknown>; give: (value: unknown) => void } {
  let give: (value: unknown) => void = () => undefined;
  const answer = new Promise((resolve) => (give = resolve));
  return { answer, give };
}
const decisions = (office: Office) => office.asked.filter(({ path }) => path.endsWith('/approve'));

it('a case that is still read is not decided, nor the one before it', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver']);
  const { page } = office;
  await page.locator('.sheet').waitFor();
  const slow = later();
  office.says('GET /cases/c1', () => slow.answer);
  await page.locator('#main').focus();
  await press(page, 'j', 'Control+Enter');
  await page.waitForTimeout(400);
  expect(decisions(office)).toEqual([]);
  expect(await page.locator('.wl li.on').getAttribute('id')).toBe('case-c1');
  await look(page, 'staff-approve-reading');
  slow.give(caseOf(office.filler, 'c1'));
  await page.locator('.sheet').waitFor();
  await press(page, 'Control+Enter');
  await page.getByText('通过了').waitFor();
  expect(decisions(office).map(({ path }) => path)).toEqual(['/cases/c1/approve']);
  await leave(office);
});

it('a case that cannot be read says so in its place, and is asked for again there', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver']);
  const { page } = office;
  await page.locator('.sheet').waitFor();
  office.says('GET /cases/c1', () => Reply.problem(500, 'internal'));
  await page.locator('#main').focus();
  await press(page, 'j');
  const unread = page.locator('.none').getByRole('alert');
  await unread.waitFor();
  await press(page, 'Control+Enter');
  expect(decisions(office)).toEqual([]);
  await look(page, 'staff-approve-unread');
  office.says('GET /cases/c1', () => caseOf(office.filler, 'c1'));
  await unread.getByRole('button').click();
  await page.locator('.sheet').waitFor();
  await leave(office);
});

it('a text for one rating goes to that rating, though the list went on', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/evaluations', ['supervisor']);
  const { page } = office;
  await page.locator('.side footer').waitFor();
  const chosen = await page.locator('#main [id^=rating-][aria-pressed=true]').getAttribute('id');
  const id = String(chosen).replace('rating-', '');
  await page.locator('#main').focus();
  await press(page, 'Control+Enter');
  const dialog = page.getByRole('dialog');
  await dialog.locator('textarea').fill('看了录像，当时确实没有解释。');
  const rest = Array.from({ length: 4 }, (_, at) => office.filler.one('NegativeEvaluationView', at)).filter((one) => one.id !== id);
  office.says('GET /evaluations/negative', () => ({ items: rest, next_cursor: null }));
  await office.later(31_000);
  await office.settled();
  expect(await page.locator(`#rating-${id}`).count()).toBe(0);
  expect(await dialog.locator('textarea').inputValue()).toBe('看了录像，当时确实没有解释。');
  await dialog.getByRole('radio').first().click();
  await press(page, 'Control+Enter');
  await office.settled();
  const posts = office.asked.filter(({ method, path }) => method === 'POST' && path.startsWith('/evaluations/'));
  expect(posts.map(({ path }) => path.split('/')[2])).toEqual([id]);
  await leave(office);
});

it('what was begun for one complaint does not stand in the answer to another', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/evaluations', ['supervisor']);
  const { page } = office;
  await page.locator('.side footer').waitFor();
  await page.locator('#main').focus();
  await press(page, '2');
  await page.locator('.acts').waitFor();
  await press(page, 'Control+Enter');
  const text = page.locator('#answer-text');
  await text.fill('说给第一位听的话');
  await press(page, 'Escape');
  await page.locator('#main').focus();
  await press(page, 'j', 'Control+Enter');
  await text.waitFor();
  expect(await text.inputValue()).toBe('');
  await press(page, 'Escape');
  await page.locator('#main').focus();
  await press(page, 'k', 'Control+Enter');
  await text.waitFor();
  expect(await text.inputValue()).toBe('说给第一位听的话');
  await leave(office);
});

it('a supervisor who looks at one number does not end the next one', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/hall', ['supervisor'], (opened) => (opened.visit = 'serving'));
  const { page } = office;
  await page.locator('.upper li').first().waitFor();
  await page.getByRole('button', { name: '处理 1 号窗口' }).click();
  const dialog = page.getByRole('dialog', { name: '替 1 号窗口处理' });
  await dialog.locator('#stuck-reason').fill('窗口电脑坏了');
  await dialog.getByText('A017').first().waitFor();
  const before = office.hall;
  const first = before.tickets[0]!;
  const next = { ...before.tickets[1]!, state: 'serving' as const, window_id: 'w0', window_number: 1, actions: ['finish', 'put-back'] };
  office.tell({ type: 'ticket', ticket: { ...first, state: 'done', actions: [], window_id: null } } as never);
  office.tell({ type: 'ticket', ticket: next } as never);
  office.tell({ type: 'window', window: { ...before.windows[0]!, serving: next.id } } as never);
  await dialog.getByText('A017 已经不在这个窗口了').waitFor();
  expect(await dialog.getByRole('button', { name: '办完', exact: true }).count()).toBe(0);
  await look(page, 'staff-stuck-moved-on');
  await dialog.getByRole('button', { name: '看 A018' }).click();
  expect(await dialog.locator('#stuck-reason').inputValue()).toBe('窗口电脑坏了');
  await dialog.getByRole('button', { name: '办完', exact: true }).click();
  await office.settled();
  expect(office.asked.filter(({ path }) => path.endsWith('/finish')).map(({ path }) => path)).toEqual(['/tickets/t1/finish']);
  await leave(office);
});
