// Every page of the staff in every state (staff/states.ts): the windows and the guide desk. With YICHUANG_PICTURES a
// picture of each is left there.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pages } from './pages';
import { look } from './staff/look';
import { Office } from './staff/office';
import { proveStates } from './staff/states';
import { windowViews } from './staff/views';

const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

it.each(Object.entries(windowViews))('%s', { timeout: TIME_MS }, (name, view) => proveStates(pages, name, view));

it('a page that is for others says whose it is, and leads to the own one', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/figures', ['clerk']);
  await office.page.getByText('统计不归您的岗位看').waitFor();
  await look(office.page, 'staff-no-right');
  expect(office.asked.filter(({ path }) => path.includes('/figures'))).toEqual([]);
  await office.page.getByRole('link', { name: '去窗口' }).click();
  await office.page.getByText('今天坐哪个窗口').waitFor();
  await office.page.context().close();
});

it('a screen that was switched on before the server opens by itself', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver'], (opened) => opened.become('cut'));
  for (const wait of [400, 1_000, 2_100, 400]) {
    await office.later(wait);
    await office.settled();
  }
  await office.page.getByText('页面没打开').waitFor();
  await look(office.page, 'staff-unopened');
  office.become('full');
  await office.later(8_000);
  await office.page.locator('.sheet').waitFor();
  expect(pages.troubles.splice(0)).toEqual([]);
  await office.page.context().close();
});
