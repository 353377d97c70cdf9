// Cases that were registered before: what comes later is taken in, mended, told once more, withdrawn, taken back. Every
// step stands where the server's list names it, and nowhere else.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { Pages } from './pages';
import { caseOf } from './staff/hall';
import { look } from './staff/look';
import { LAPTOP, Office } from './staff/office';

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
/** A case in a state, with its materials as they are and what may be done with it. */
function standing(office: Office, state: string, statuses: readonly string[], actions: readonly string[], history: readonly object[] = []) {
  const made = caseOf(office.filler, 'c0');
  const [first] = made.materials;
  const materials = statuses.map((status, at) => ({
    ...first!,
    material_id: `mt${at}`,
    name: `第 ${at + 1} 份材料`,
    status,
    required: true,
    originals: 0,
    copies: 0,
    due: status === 'promised' ? '2026-11-30' : null,
  }));
  return { ...made, state, materials, actions: [...actions], attachments: [], history: [...history] };
}
async function opens(path: string, roles: readonly string[], one: (office: Office) => ReturnType<typeof standing>): Promise<Office> {
  const office = await Office.enter(pages, path, roles, (opened) => {
    opened.visit = 'free';
    const record = one(opened);
    const row = { ...opened.filler.one('CaseSummary', 0), id: 'c0', number: record.number, state: record.state, actions: record.actions };
    opened.says('GET /cases', () => ({ items: [row], next_cursor: null }));
    opened.says('GET /cases/c0', () => record);
  });
  const { page } = office;
  await page.locator('.page #main').waitFor();
  await office.settled();
  await press(page, 'Alt+h');
  await page.locator('#earlier').fill('000123');
  await page.locator('.rows button').first().click();
  await page.locator('details summary').waitFor();
  return office;
}

it('what was promised at acceptance is taken in later, with how many came', { timeout: TIME_MS }, async () => {
  const office = await opens('/desk', ['clerk'], (of) =>
    standing(of, 'in_review', ['collected', 'promised'], ['supply', 'attach', 'withdraw']),
  );
  const { page } = office;
  // Only what was promised may come now.
  expect(await page.locator('.mat').count()).toBe(1);
  await page.getByRole('checkbox', { name: /第 2 份材料/ }).check();
  await page.getByLabel('复印件').fill('3');
  await look(page, 'staff-cases-supply');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-cases-supply-1366');
  const after = standing(office, 'in_review', ['collected', 'collected'], ['withdraw']);
  office.says('POST /cases/c0/supply', () => after);
  await press(page, 'Control+Enter');
  await page.getByText('收下了').waitFor();
  expect(office.askedFor('POST /cases/c0/supply')[0]?.body).toMatchObject({
    materials: [{ material_id: 'mt1', status: 'collected', copies: 3 }],
  });
  await leave(office);
});

it('a case that the approver sent back takes in any material anew', { timeout: TIME_MS }, async () => {
  const office = await opens('/desk', ['clerk'], (of) =>
    standing(
      of,
      'accepted',
      ['collected', 'collected'],
      ['supply', 'attach'],
      [{ at: '2026-11-23T10:00:00+08:00', type: 'case_returned', state: 'accepted', text: '退回窗口', note: '户口簿看不清，重扫' }],
    ),
  );
  const { page } = office;
  await page.getByText('部门退回窗口：户口簿看不清，重扫').waitFor();
  expect(await page.locator('.mat').count()).toBe(2);
  await page.getByRole('checkbox', { name: /第 1 份材料/ }).check();
  office.says('POST /cases/c0/supply', () => standing(office, 'accepted', ['collected', 'collected'], []));
  await press(page, 'Control+Enter');
  await page.getByText('收下了').waitFor();
  await leave(office);
});

it('the checklist of a received case is mended before it is accepted', { timeout: TIME_MS }, async () => {
  const office = await opens('/desk', ['clerk'], (of) =>
    standing(of, 'received', ['collected', 'missing'], ['update', 'request-correction', 'withdraw']),
  );
  const { page } = office;
  await page.getByRole('checkbox', { name: /第 2 份材料/ }).check();
  office.says('PATCH /cases/c0', () => standing(office, 'received', ['collected', 'collected'], ['update', 'accept']));
  office.says('POST /cases/c0/accept', () => standing(office, 'accepted', ['collected', 'collected'], []));
  await press(page, 'Control+Enter');
  await page.getByText('受理了，办件编号').waitFor();
  const [mended] = office.askedFor('PATCH /cases/c0');
  expect(mended?.body).toMatchObject({
    materials: [
      { material_id: 'mt0', status: 'collected' },
      { material_id: 'mt1', status: 'collected' },
    ],
  });
  await leave(office);
});

it('a signed request withdraws a case, and not before it is there', { timeout: TIME_MS }, async () => {
  const office = await opens('/desk', ['clerk'], (of) => standing(of, 'accepted', ['collected', 'promised'], ['supply', 'withdraw']));
  const { page } = office;
  await press(page, 'Alt+q');
  const dialog = page.getByRole('dialog', { name: '申请人撤回' });
  await dialog.locator('#step-reason').fill('他自己来说不办了');
  await press(page, 'Control+Enter');
  await office.settled();
  expect(office.askedFor('POST /cases/c0/withdraw')).toEqual([]);
  await look(page, 'staff-cases-withdraw');
  await dialog.getByRole('checkbox').check();
  office.says('POST /cases/c0/withdraw', () => standing(office, 'closed', ['collected', 'promised'], []));
  await press(page, 'Control+Enter');
  await page.getByText('撤回了，已办结').waitFor();
  expect(office.askedFor('POST /cases/c0/withdraw')[0]?.body).toEqual({ reason: '他自己来说不办了' });
  await leave(office);
});

it('a supervisor gives leave to tell once more', { timeout: TIME_MS }, async () => {
  const office = await opens('/hall', ['supervisor'], (of) => standing(of, 'received', ['missing'], ['correction-exceptions']));
  const { page } = office;
  expect(await page.locator('.mat').count()).toBe(0);
  await press(page, 'Alt+q');
  await page.getByRole('dialog', { name: '准许再告知一次' }).locator('#step-reason').fill('国家刚改了要求');
  await look(page, 'staff-hall-exception');
  office.says('POST /cases/c0/correction-exceptions', () => standing(office, 'received', ['missing'], []));
  await press(page, 'Control+Enter');
  await page.getByText('准许了，窗口可以再告知一次').waitFor();
  await leave(office);
});

it('an approver takes a decision back, with reason and basis', { timeout: TIME_MS }, async () => {
  const office = await opens('/approve', ['approver'], (of) => standing(of, 'decided', ['collected'], ['revoke']));
  const { page } = office;
  await press(page, 'Alt+q');
  const dialog = page.getByRole('dialog', { name: '撤销决定' });
  await dialog.locator('#step-reason').fill('依据的材料是假的');
  await dialog.locator('#step-basis').fill('行政许可法第六十九条');
  office.says('POST /cases/c0/revoke', () => standing(office, 'closed', ['collected'], []));
  await press(page, 'Control+Enter');
  await page.getByText('决定撤销了').waitFor();
  expect(office.askedFor('POST /cases/c0/revoke')[0]?.body).toEqual({ reason: '依据的材料是假的', basis: '行政许可法第六十九条' });
  await leave(office);
});

it('a special procedure has the days and the basis of the matter, and no article that does not name it', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver'], (opened) =>
    opened.says(`GET /matters/${caseOf(opened.filler, 'c0').matter_id}`, () => ({
      ...opened.filler.one('MatterView', 0),
      special_procedures: [
        { procedure: 'site_survey', name: '现场勘验', days: 7, basis: '森林法实施条例第三十条', stops_clock: true },
        { procedure: 'public_notice', name: '公示', days: 5, basis: '', stops_clock: true },
        { procedure: 'hearing', name: '听证', days: 20, basis: '', stops_clock: true },
      ],
    })),
  );
  const { page } = office;
  await page.locator('.sheet').waitFor();
  await press(page, 'Alt+q');
  const procedure = page.locator('#step-procedure');
  await procedure.waitFor();
  await expect.poll(() => procedure.locator('option').count()).toBe(11);
  expect(await procedure.locator('option').nth(1).innerText()).toBe('现场勘验');
  await procedure.selectOption('site_survey');
  expect([await page.locator('#step-basis').inputValue(), await page.locator('#step-days').inputValue()]).toEqual([
    '森林法实施条例第三十条',
    '7',
  ]);
  await procedure.selectOption('public_notice');
  expect(await page.locator('#step-basis').inputValue()).toBe('');
  await procedure.selectOption('hearing');
  expect([await page.locator('#step-basis').inputValue(), await page.locator('#step-days').inputValue()]).toEqual([
    '行政许可法第四十五条',
    '20',
  ]);
  await leave(office);
});
