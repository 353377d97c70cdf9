// The pickup window and what applicants settled from home: who wants a parcel stands in the list, the address is opened
// while the parcel is made, and an agent who was authorised online needs no other paper.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office } from './staff/office';

const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

it('a parcel goes to whom the applicant said, read when it is made', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/pickup', ['issuer'], (opened) =>
    opened.says(`POST /certificates/${(opened.filler.one('CertificateView', 0) as { id: string }).id}/reveal`, () => ({
      kind: 'person',
      name: '王小明',
      phone: '13912345520',
      address: '内蒙古通辽市科尔沁区建国路 8 号 3 单元 501',
    })),
  );
  const { page } = office;
  await page.setViewportSize(LAPTOP);
  await page.locator('.sl').first().waitFor();
  await page.keyboard.press('Alt+2');
  const rows = page.locator('.list tbody tr:not(.group)');
  await rows.first().waitFor();
  const all = await rows.count();
  await page.getByText('要求邮寄 ·').waitFor();
  await page.getByTestId('only-courier').check();
  await expect.poll(() => rows.count()).toBe(1);
  expect(all).toBeGreaterThan(1);
  await look(page, 'staff-courier-list');
  await page.keyboard.press('Alt+3');
  await page.getByTestId('to-send').waitFor();
  await look(page, 'staff-courier-to-send');
  await page.getByTestId('to-send').getByRole('button', { name: '寄给他…' }).click();
  const dialog = page.getByRole('dialog');
  const to = dialog.getByTestId('recipient');
  await to.waitFor();
  expect(await to.textContent()).not.toContain('501');
  await to.getByRole('button').click();
  await dialog.getByText('501').waitFor();
  const asked = office.asked.filter(({ path }) => /^\/certificates\/[^/]+\/reveal$/.test(path));
  expect(asked.map(({ body }) => body)).toEqual([{ fields: ['name', 'phone', 'address'], reason: '打包邮寄' }]);
  await look(page, 'staff-courier-ship');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('an agent authorised online is handed the document on the own card alone', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/pickup', ['issuer'], () => undefined);
  const { page } = office;
  await page.setViewportSize(LAPTOP);
  await page.locator('.sl').first().waitFor();
  await page.keyboard.press('Alt+2');
  await page.locator('.list .linkish', { hasText: 'C03' }).click();
  const strip = page.getByTestId('online-authorisation');
  await strip.waitFor();
  await strip.getByRole('button').click();
  await page.locator('#collector-name').fill('李红梅');
  await page.locator('#collector-id').fill('150105198507120025');
  const main = page.locator('.fin .main').first();
  await expect.poll(() => main.textContent()).toContain('先核对姓名、照片');
  await look(page, 'staff-courier-agent');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
