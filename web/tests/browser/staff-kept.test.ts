// What a window was given stays: scans until they are in the case, a signature when the screen turns, every row of a long
// list, every sign of a code that is scanned. And a draft that nobody goes on with does not stay.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { Pages } from './pages';
import { matterToTake } from './staff/answers';
import { caseOf } from './staff/hall';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';

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

/** A filled application, as far as to the first step. */
async function fills(): Promise<Office> {
  const office = await Office.enter(pages, '/desk', ['clerk'], (opened) => {
    opened.visit = 'serving';
    opened.says('GET /matters/m0', () => matterToTake(opened.filler));
    opened.says('GET /sites/s0/bundles', () => ({ items: [] }));
    opened.says('POST /cases', () => ({
      ...caseOf(opened.filler, 'c0'),
      attachments: [],
      state: 'received',
      actions: ['accept', 'request-correction', 'attach'],
    }));
  });
  const { page } = office;
  await page.getByRole('option').first().waitFor();
  await page.getByRole('combobox').press('Enter');
  await page.locator('#applicant-name').fill('欧阳㐂𠮷·买买提艾力');
  await page.locator('#applicant-id-number').fill('110101199003078515');
  await page.locator('#applicant-phone').fill('13912345520');
  await page.locator('#main').focus();
  return office;
}
const accepted = (office: Office) => ({
  ...caseOf(office.filler, 'c0'),
  attachments: [],
  state: 'accepted',
  actions: ['attach'],
});
const file = { name: '户口簿.png', mimeType: 'image/png', buffer: Buffer.from('not much of a picture') };

it('a scan that fails after the next was called is told and sent again', { timeout: TIME_MS }, async () => {
  const office = await fills();
  const { page } = office;
  office.says('POST /cases/c0/accept', () => accepted(office));
  let refuse: (reply: Reply) => void = () => undefined;
  office.says('POST /cases/c0/attachments', () => new Promise((resolve) => (refuse = resolve)));
  await page.locator('aside.m input[type=file]').first().setInputFiles(file);
  const count = await page.locator('aside.m li').count();
  for (let at = 0; at < count; at += 1) await press(page, 'Space');
  await press(page, 'Control+Enter');
  await page.getByRole('heading', { name: '受理了' }).waitFor();
  // The scan is still on its way; the next person comes.
  await press(page, 'F2');
  const kept = page.getByTestId('unsent-scans');
  await kept.getByText('还有 1 份附件在传').waitFor();
  refuse(Reply.problem(413, 'too_large'));
  await kept.getByText('1 份附件没传上').waitFor();
  await look(page, 'staff-desk-unsent-scan');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-desk-unsent-scan-1366');
  // Also on another page, until it is there.
  await office.go('/password');
  office.says('POST /cases/c0/attachments', () => new Reply(201, office.filler.one('AttachmentView', 0)));
  await kept.getByRole('button', { name: '再传' }).click();
  await kept.waitFor({ state: 'detached' });
  expect(office.askedFor('POST /cases/c0/attachments').length).toBe(2);
  await leave(office);
});

it('the notice is printed as soon as it is given', { timeout: TIME_MS }, async () => {
  const office = await fills();
  const { page } = office;
  await page.evaluate(() => {
    (window as unknown as { printed: number }).printed = 0;
    window.print = () => void ((window as unknown as { printed: number }).printed += 1);
  });
  const told = { ...caseOf(office.filler, 'c0'), state: 'correcting', actions: [] };
  office.says('POST /cases/c0/request-correction', () => told);
  await press(page, 'Alt+g');
  await page.getByRole('dialog', { name: '一次性告知' }).waitFor();
  await press(page, 'Control+Enter');
  await page.getByRole('dialog', { name: '一次性告知书' }).waitFor();
  await page.waitForFunction(() => (window as unknown as { printed: number }).printed === 1);
  // Looked at again it waits to be asked.
  await press(page, 'Escape');
  await page.getByRole('button', { name: '再打一份' }).click();
  await page.getByRole('dialog', { name: '一次性告知书' }).waitFor();
  expect(await page.evaluate(() => (window as unknown as { printed: number }).printed)).toBe(1);
  await leave(office);
});

it.each([
  ['F8', 'miss'],
  ['Alt+b', 'put-back'],
  ['Alt+x', 'abandon'],
] as const)('%s leaves no draft on the server', { timeout: TIME_MS }, async (key, action) => {
  const office = await fills();
  const { page } = office;
  const draft = { ...caseOf(office.filler, 'c0'), state: 'draft', application: null, actions: ['submit', 'reuse-consent', 'withdraw'] };
  office.says('POST /sites/s0/earlier-materials', () => ({ ...office.filler.one('EarlierCountView', 0), count: 2, has_form: false }));
  office.says('POST /cases', () => draft);
  office.says('POST /cases/c0/reuse-consent', () => draft);
  office.says('POST /cases/c0/withdraw', () => ({ ...draft, state: 'closed', actions: [] }));
  const [ticket] = office.hall.tickets;
  office.tell({ type: 'ticket', ticket: { ...ticket!, actions: [action, 'finish'] } } as never);
  office.says(`POST /tickets/t0/${action}`, () => ({
    ...ticket,
    state: action === 'miss' ? 'missed' : action === 'put-back' ? 'waiting' : 'abandoned',
    window_id: null,
    actions: [],
  }));
  await office.later(500);
  await page.getByRole('button', { name: /用以前交过的/ }).click();
  await page.getByRole('dialog', { name: '先问他同不同意' }).waitFor();
  await office.settled();
  await page.getByRole('dialog').locator('footer .btn.primary').click();
  await expect.poll(() => office.askedFor('POST /cases/c0/reuse-consent').length).toBe(1);
  await office.settled();
  while (await page.locator('dialog[open]').count()) {
    await press(page, 'Escape');
    await office.settled();
  }
  await page.locator('#main').focus();
  await press(page, key);
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  const words = dialog.locator('textarea, input:not([type=radio])').first();
  if (await words.count()) await words.fill('人走开了');
  else await press(page, '1');
  await dialog.locator('footer .btn.primary, footer .btn.danger').last().click();
  await office.settled();
  await expect.poll(() => office.askedFor(`POST /tickets/t0/${action}`).length).toBe(1);
  await expect.poll(() => office.askedFor('POST /cases/c0/withdraw').length).toBe(1);
  await leave(office);
});

const opens = async (): Promise<Office> => {
  const office = await Office.enter(pages, '/pickup', ['issuer']);
  await office.page.locator('.sl.told').first().waitFor();
  return office;
};

it('a code that begins with a digit is read whole while somebody signs', { timeout: TIME_MS }, async () => {
  const office = await opens();
  const { page } = office;
  await page.locator('.sl.told').first().click();
  await page.locator('#collector-name').waitFor();
  await page.locator('#main').focus();
  await press(page, ...'152301'.split(''));
  expect(await page.locator('#scan').inputValue()).toBe('152301');
  expect(await page.getByRole('radio', { name: '本人' }).getAttribute('aria-checked')).toBe('true');
  await page.locator('#main').focus();
  await press(page, 'Alt+w');
  expect(await page.getByRole('radio', { name: '代领人' }).getAttribute('aria-checked')).toBe('true');
  await leave(office);
});

it('a cabinet of more than one page is known whole', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/pickup', ['issuer'], (opened) => {
    const at = (row: number) => ({
      ...opened.filler.one('CertificateView', 0),
      id: `x${row}`,
      case_number: `152301-2026-${String(row).padStart(6, '0')}`,
      custody: 'in_cabinet',
      slot: row === 230 ? 'H08' : null,
    });
    const all = Array.from({ length: 231 }, (_, row) => at(row));
    let first = true;
    opened.says('GET /sites/s0/cabinet', () => {
      const page = first ? { items: all.slice(0, 200), next_cursor: 'more' } : { items: all.slice(200), next_cursor: null };
      first = !first;
      return page;
    });
  });
  const { page } = office;
  await page.getByRole('button', { name: /^发放 231/ }).waitFor();
  await page.locator('#scan').fill('152301-2026-000230');
  await page.locator('#scan').press('Enter');
  await page.locator('.says', { hasText: '在 H08' }).waitFor();
  await leave(office);
});

it('a count before this one that could not be read is not called the first', { timeout: TIME_MS }, async () => {
  const office = await opens();
  const { page } = office;
  office.says('GET /sites/s0/cabinet-counts', () => Reply.problem(500, 'internal'));
  await press(page, 'Alt+k');
  const dialog = page.getByRole('dialog', { name: '日终盘点' });
  await dialog.getByText('上次盘点的没读到').waitFor();
  expect(await dialog.getByText('还没盘过').count()).toBe(0);
  await press(page, 'Escape');
  office.says('GET /sites/s0/cabinet-counts', () => ({ last: null }));
  await press(page, 'Alt+k');
  await dialog.getByText('还没盘过').waitFor();
  await leave(office);
});

/** Whether something is drawn, and how far down. */
const inkOf = (page: Page) =>
  page.locator('.sig canvas').evaluate((element: HTMLCanvasElement) => {
    const { data } = element.getContext('2d')!.getImageData(0, 0, element.width, element.height);
    let dark = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at]! > 0) dark += 1;
    return dark;
  });

it('a signature stays when the window gets another size', { timeout: TIME_MS }, async () => {
  const office = await opens();
  const { page } = office;
  await page.locator('.sl.told').first().click();
  const pad = (await page.locator('.sig canvas').boundingBox())!;
  await page.mouse.move(pad.x + 30, pad.y + 30);
  await page.mouse.down();
  await page.mouse.move(pad.x + 150, pad.y + 90, { steps: 8 });
  await page.mouse.up();
  const before = await inkOf(page);
  expect(before).toBeGreaterThan(100);
  const width = pad.width;
  await page.locator('.sig').evaluate((element) => (element.style.width = '60%'));
  await page.waitForFunction((wide) => document.querySelector('.sig canvas')!.getBoundingClientRect().width < wide, width);
  await page.waitForTimeout(100);
  await page.getByRole('img', { name: '签字：已签' }).waitFor();
  expect(await inkOf(page)).toBeGreaterThan(before / 5);
  await leave(office);
});
