// The hall's keeper as its supervisor sees it, the PIN of a hall without its line, and signing in.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Keeper } from '../../src/shared/contract';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';
import { ago } from './words';

const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const candidate = (at: number, online: boolean) => ({
  device_id: `v${at}`,
  name: at ? '取号机（大厅西门，雨棚下面）' : '取号机（大厅东门）',
  address: at ? null : 'http://10.0.3.21:8090',
  online,
  allowed: true,
  series: 'K',
});
const following: Keeper = {
  state: 'following',
  device_id: 'v0',
  device_name: '取号机（大厅东门）',
  address: 'http://10.0.3.21:8090',
  series: 'K',
  online: true,
  since: ago(600),
  trouble: null,
  unsent: 0,
  open_entries: 0,
  left: 0,
  candidates: [candidate(0, true)],
};

it('the keeper on the page of the hall: in every state, with the ways out', { timeout: TIME_MS }, async () => {
  let keeper: Keeper = following;
  const office = await Office.enter(pages, '/hall', ['supervisor'], (opened) => {
    opened.visit = 'serving';
    opened.says('GET /sites/s0/keeper', () => keeper);
  });
  const { page } = office;
  const strip = page.locator('.keeper');
  const become = async (next: Keeper, words: string) => {
    keeper = next;
    await office.later(5_000);
    await office.settled();
    await strip.getByText(words).waitFor();
  };
  await strip.getByText('守门机 取号机（大厅东门）').waitFor();
  expect(await strip.getByRole('button', { name: /换守门机/ }).count()).toBe(0);
  await become(
    { ...following, state: 'none', device_id: null, device_name: null, candidates: [candidate(0, true), candidate(1, false)] },
    '没有守门机',
  );
  await look(page, 'hall-keeper-none');
  await strip.getByRole('button', { name: /选守门机/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('没有确认过的地址').waitFor();
  await look(page, 'hall-keeper-choose');
  await dialog.getByRole('button', { name: '由它守门' }).first().click();
  await expect.poll(() => office.askedFor('PUT /sites/s0/keeper')[0]?.body).toEqual({ device_id: 'v0', address: null });
  await become({ ...following, trouble: 'disk_full' }, '守门机的磁盘写不进去');
  await look(page, 'hall-keeper-trouble');
  await become({ ...following, state: 'merging', unsent: 1_204 }, '还有 1204 条');
  await become(
    { ...following, state: 'detached', online: false, open_entries: 3, candidates: [candidate(0, false), candidate(1, true)] },
    '守门机照常叫号取号',
  );
  await look(page, 'hall-keeper-detached');
  await page.setViewportSize(LAPTOP);
  await look(page, 'hall-keeper-detached-1366');
  // What was settled by rule is looked at; a refusal of the way out keeps the reason that was written.
  await strip.getByRole('button', { name: /3 条要看/ }).click();
  await dialog.getByRole('button', { name: '看过了' }).first().waitFor();
  await look(page, 'hall-keeper-entries');
  await page.keyboard.press('Escape');
  await strip.getByRole('button', { name: /由中心办/ }).click();
  office.says('POST /sites/s0/keeper/release', () => Reply.problem(409, 'keeper_answers', { detail: '守门机刚刚又连上了，不用由中心办' }));
  await dialog.locator('#reason-text').fill('守门机被水泡了，不会再叫号');
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('守门机刚刚又连上了').waitFor();
  await look(page, 'hall-keeper-release');
  office.says('POST /sites/s0/keeper/release', () => ({}));
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => office.askedFor('POST /sites/s0/keeper/release').length).toBe(2);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

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
