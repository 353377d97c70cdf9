// Documents change hands at the pickup window: what the messenger brought, what one shift leaves to the next, and the way
// of one document.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';
import { NOW } from './words';

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
const RECORDS = '/sites/s0/custody-records';

it('what the messenger brings is taken over by keys alone, and the paper opens', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/pickup', ['issuer'], (opened) => {
    opened.says(`GET ${RECORDS}`, () => ({
      last: opened.filler.one('CustodyRecordView', 0),
      colleagues: [
        { id: 's_dc_clerk1', name: '王丽' },
        { id: 's_dc_approver1', name: '孟克巴特尔' },
      ],
    }));
  });
  const { page } = office;
  await page.locator('.sl.told').first().waitFor();
  await page.keyboard.press('Alt+g');
  const dialog = page.getByRole('dialog', { name: '证照交接' });
  await dialog.getByRole('radio', { name: '部门送来' }).waitFor();
  await dialog.getByText('民政办送件员 小宝').waitFor();
  // Those that are not in the cabinet; the shift's are those that are.
  expect(await dialog.getByRole('checkbox').count()).toBe(2);
  await dialog.getByRole('radio', { name: '交接班' }).click();
  expect(await dialog.getByRole('checkbox').count()).toBe(5);
  await look(page, 'staff-custody-shift');
  await dialog.getByRole('radio', { name: '部门送来' }).click();
  await dialog.locator('#hand-on-0').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await dialog.getByRole('button', { name: /还差交件人/ }).waitFor();
  await dialog.getByLabel('谁交来的').selectOption({ label: '没有账号的人…' });
  await dialog.getByLabel('他叫什么').fill('民政办送件员 小宝');
  await dialog.getByLabel('备注').fill('一本封皮破了');
  office.says(`POST ${RECORDS}`, () =>
    Reply.problem(422, 'invalid', {
      errors: [{ field: 'certificate_ids[1]', code: 'custody', message: '这一件已经在柜里，或者已经发出去了' }],
    }),
  );
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('这一件已经在柜里').waitFor();
  expect(await dialog.getByLabel('他叫什么').inputValue()).toBe('民政办送件员 小宝');
  await look(page, 'staff-custody');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-custody-1366');
  office.says(`POST ${RECORDS}`, () => new Reply(201, office.filler.one('CustodyRecordView', 0)));
  await page.keyboard.press('Control+Enter');
  const paper = dialog.getByRole('link', { name: '打开交接单' });
  await paper.waitFor();
  await look(page, 'staff-custody-done');
  const body = office.askedFor(`POST ${RECORDS}`).at(-1)?.body as Record<string, unknown>;
  expect(body).toMatchObject({ occasion: 'from_department', giver_name: '民政办送件员 小宝', note: '一本封皮破了' });
  expect(body['certificate_ids']).toHaveLength(2);
  expect(body['giver_id']).toBeUndefined();
  await leave(office);
});

it('a document tells through whose hands it went', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/pickup', ['issuer'], (opened) => {
    const { case_id: id } = opened.filler.one('CertificateView', 0);
    const paper = (title: string, kind: string) => ({ kind, title, at: NOW, url: `/api/v1/cases/${id}/documents/${kind}.pdf` });
    opened.says(`GET /cases/${id}/documents`, () => ({ items: [paper('受理通知书', 'acceptance'), paper('送达回证', 'delivery')] }));
    opened.says(`GET /certificates/${opened.filler.one('CertificateView', 0).id}/custody`, () => ({
      items: [0, 1, 2].map((at) => opened.filler.one('CustodyStepView', at)),
      next_cursor: null,
    }));
  });
  const { page } = office;
  await page.locator('.sl.told').first().click();
  await page.locator('.papers-in summary').click();
  const chain = page.getByRole('region', { name: '经手' });
  await chain.getByText('交接（部门送来）').first().waitFor();
  await chain.getByText('民政办送件员 小宝').first().waitFor();
  expect(await chain.getByRole('link', { name: '交接单' }).count()).toBeGreaterThan(0);
  await look(page, 'staff-custody-chain');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-custody-chain-1366');
  await leave(office);
});
