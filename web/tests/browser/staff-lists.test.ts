// Lists of the plan that people write: the checklist of the tiers, and what must be taken in the hall.
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
async function leave(office: Office): Promise<void> {
  expect(pages.troubles.splice(0)).toEqual([]);
  await office.page.context().close();
}

it('a district writes what the tiers ask, by the version it saw', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/district?tab=tiers', ['district']);
  const { page } = office;
  await page.getByText('目标 90%').waitFor();
  await page.getByRole('button', { name: '检查项…' }).click();
  const dialog = page.getByRole('dialog', { name: '等级检查项' });
  await dialog.getByLabel('标准型的检查项').first().waitFor();
  await look(page, 'staff-district-checklist');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-district-checklist-1366');
  await dialog.getByRole('region', { name: '标准型' }).getByRole('button', { name: '加一条' }).click();
  office.says('PUT /sites/s0/tier-checklist', () =>
    Reply.problem(422, 'invalid', { errors: [{ field: 'items[3].text', code: 'missing', message: '写清要做到什么' }] }),
  );
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('写清要做到什么').waitFor();
  await dialog.getByLabel('标准型的检查项').last().fill('有无障碍坡道');
  office.says('PUT /sites/s0/tier-checklist', () => ({ site_id: 's0', version: 2, items: [] }));
  await page.keyboard.press('Control+Enter');
  await page.getByText('检查项换好了').waitFor();
  const body = office.askedFor('PUT /sites/s0/tier-checklist').at(-1)?.body as { version: number; items: { id: string }[] };
  expect(body.version).toBe(1);
  expect(body.items.at(-1)).toEqual({ id: 'p-4', tier: 'standard', kinds: ['center', 'station'], text: '有无障碍坡道', evidence: false });
  await leave(office);
});

it('what must be taken in the hall is written with its exemptions', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/admin?tab=entry', ['admin']);
  const { page } = office;
  await page.locator('tbody tr').first().waitFor();
  await look(page, 'staff-admin-entry');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-admin-entry-1366');
  await page.getByRole('button', { name: '加一项' }).click();
  await page.getByLabel('实施编码').first().fill('111523010099');
  await page.getByLabel('事项名称').first().fill('老年人优待证');
  await page.getByLabel('暂不进', { exact: true }).first().check();
  await page.getByLabel('为什么暂不进').first().fill('设备没到');
  await page.getByLabel('谁批的').first().fill('区政务服务局');
  office.says('PUT /sites/s0/entry-list', ({ body }) => ({ ...(body as object), site_id: 's0', version: 2 }));
  await page.getByRole('button', { name: '存好' }).click();
  await page.getByText('清单存好了').waitFor();
  const [sent] = office.askedFor('PUT /sites/s0/entry-list');
  expect(sent?.body).toMatchObject({
    version: 1,
    items: [{ code: '111523010099', name: '老年人优待证', exemption: { reason: '设备没到', approver: '区政务服务局' } }, {}, {}, {}, {}],
  });
  await leave(office);
});

it('an administrator writes the notices of a hall', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/admin?tab=rooms', ['admin']);
  const { page } = office;
  await page.getByRole('button', { name: '大屏通知…' }).click();
  await page.getByRole('dialog').waitFor();
  await office.settled();
  expect(office.askedFor('GET /sites/s0/board').length).toBe(1);
  await look(page, 'staff-admin-board');
  await leave(office);
});
