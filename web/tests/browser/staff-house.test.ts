// The PIN of a hall without its line, and signing in.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';

const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

it('the PIN: what is missing stands on the button, a refusal at its field', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/password', ['clerk']);
  const { page } = office;
  const pin = page.locator('#hall-pin');
  await pin.waitFor();
  await look(page, 'staff-password');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-password-1366');
  await pin.fill('2048');
  await page.getByRole('button', { name: '设断网口令 · 还差 2 位' }).waitFor();
  await pin.fill('20481x');
  await page.getByRole('button', { name: '设断网口令 · 只写数字' }).waitFor();
  office.says('PUT /sessions/current/hall-pin', () =>
    Reply.problem(422, 'invalid', { errors: [{ field: 'pin', code: 'easy', message: '这个口令太好猜，换一个' }] }),
  );
  await pin.fill('111111');
  await pin.press('Enter');
  await page.getByText('这个口令太好猜').waitFor();
  await look(page, 'staff-password-pin-wrong');
  office.says('PUT /sessions/current/hall-pin', () => ({}));
  await pin.fill('204815');
  await pin.press('Enter');
  await page.getByText('断网口令设好了').waitFor();
  expect(await pin.inputValue()).toBe('');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('signing in: nothing written, a wrong word, no line', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/sign-in', ['clerk'], (opened) => (opened.signedIn = false));
  const { page } = office;
  await page.locator('#sign-in-name:focus').waitFor();
  await look(page, 'staff-sign-in');
  await page.keyboard.press('Enter');
  await page.getByText('请填账号').waitFor();
  await page.keyboard.type('clerk1');
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong');
  office.says('POST /sessions', () => Reply.problem(429, 'locked'));
  await page.keyboard.press('Enter');
  await page.getByText('试错太多次').waitFor();
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-sign-in-locked');
  office.become('cut');
  await page.keyboard.type('demo-clerk1');
  await page.keyboard.press('Enter');
  for (const wait of [350, 950, 2_050]) {
    await office.settled();
    await office.later(wait);
  }
  await page.getByText('没连上').waitFor();
  await look(page, 'staff-sign-in-cut');
  expect(await page.locator('#sign-in-name').inputValue()).toBe('clerk1');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
