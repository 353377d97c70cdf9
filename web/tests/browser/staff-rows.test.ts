// From a figure to what it counts, from there to the case; from the code of a slip to the certificate.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pages } from './pages';
import { caseOf } from './staff/hall';
import { picture } from './look';
import { look } from './staff/look';
import { LAPTOP, Office } from './staff/office';
import { ago } from './words';

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
/** How the hall's figures are made, with the keys of the house. */
const definitions = ['issued', 'waiting', 'serving', 'satisfaction', 'way'].map((key) => ({ key, name: `数字 ${key}`, text: '照记录算' }));
const row = { id: 'c0', name: 'A017', at: '2026-11-24T09:20:00+08:00', counts: null, seconds: 1500, note: '' };

it('a figure of the hall opens how it is made and its rows', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/hall', ['supervisor'], (opened) => {
    opened.visit = 'serving';
    opened.says('GET /sites/s0/figures', () => ({ ...opened.filler.one('FiguresView', 0), definitions }));
    opened.says('GET /sites/s0/figure-rows', () => ({ items: [row], next_cursor: null }));
  });
  const { page } = office;
  await page.locator('.upper li').first().waitFor();
  await page.getByRole('button', { name: /平均等待 ·/ }).click();
  await page.getByRole('button', { name: '看明细' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('A017').waitFor();
  await look(page, 'staff-hall-rows');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-hall-rows-1366');
  await leave(office);
});

it('a figure of the report opens its rows by key, where there are any', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/figures', ['supervisor'], (opened) => {
    opened.says('GET /sites/s0/figures', () => ({ ...opened.filler.one('FiguresView', 0), definitions }));
    opened.says('GET /sites/s0/figure-rows', () => ({ items: [row], next_cursor: null }));
  });
  const { page } = office;
  await page.locator('.kp button').nth(2).click();
  expect(await page.getByRole('button', { name: '看明细' }).count()).toBe(0);
  await page.locator('.kp button').nth(1).click();
  await page.getByRole('button', { name: '看明细' }).waitFor();
  await page.keyboard.press('Alt+l');
  await page.getByRole('dialog').getByText('A017').waitFor();
  await leave(office);
});

it('a row of the district leads to its case', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/district?tab=figures', ['district'], (opened) => {
    opened.says('GET /sites/s0/figure-rows', () => ({ items: [{ ...row, name: '152301-2026-000123', counts: false }], next_cursor: null }));
    opened.says('GET /cases/c0', () => ({ ...caseOf(opened.filler, 'c0'), actions: [] }));
  });
  const { page } = office;
  await page.locator('.main tbody tr').first().waitFor();
  await page.locator('.main tbody tr').first().locator('td button').nth(2).click();
  await page.getByRole('dialog').getByRole('button', { name: '152301-2026-000123' }).click();
  await page
    .getByRole('dialog', { name: '办件' })
    .getByText(/经过 \d+ 步/)
    .waitFor();
  await picture(page, 'staff-district-case');
  await leave(office);
});

it('the code of a slip finds the certificate of that visit', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/pickup', ['issuer'], (opened) => {
    const one = (at: number, custody: string) => ({
      ...opened.filler.one('CertificateView', 0),
      id: `x${at}`,
      case_id: `c${at}`,
      custody,
      slot: `B0${at}`,
    });
    opened.says('GET /sites/s0/cabinet', () => ({
      items: [one(1, 'in_cabinet'), one(2, 'shipped'), one(3, 'in_cabinet')],
      next_cursor: null,
    }));
    opened.says('GET /tracking/0123456789ABCDEF', () => ({ ...opened.filler.one('TrackingView', 0), cases: [{ id: 'c2' }, { id: 'c3' }] }));
  });
  const { page } = office;
  await page.locator('.sl.told').first().waitFor();
  const says = page.locator('.says');
  await page.locator('#scan').fill('https://zw.example/t/0123456789ABCDEF');
  await page.locator('#scan').press('Enter');
  await expect.poll(() => says.innerText()).toContain('在 B03，这次来办的还有 1 份');
  await page.locator('#collector-name').waitFor();
  await page.locator('#scan').fill('https://zw.example/t/0123456789ABCDEE');
  await page.locator('#scan').press('Enter');
  await expect.poll(() => says.innerText()).toMatch(/没有这张小票|柜里没有/);
  await leave(office);
});

it(
  'a document that nobody fetched: every notice with its receipt, a call with the number and how it went',
  { timeout: TIME_MS },
  async () => {
    const office = await Office.enter(pages, '/pickup', ['issuer'], (opened) => {
      const notice = (id: string, channel: string, state: string, last_error: string | null, day: number) => ({
        ...opened.filler.one('NotificationView', 0),
        ...{ id, channel, state, last_error, attempts: 1, template: day ? 'pickup_reminder' : 'ready_for_pickup' },
        ...{ created_at: ago(60 * 24 * (12 - day)), sent_at: state === 'sent' ? ago(60 * 24 * (12 - day)) : null },
      });
      let call: string | null = 'by_person';
      opened.says('GET /notifications', () => ({
        items: [
          notice('n3', 'phone', call === null ? 'sent' : 'failed', call, 9),
          notice('n2', 'sms', 'sent', null, 4),
          notice('n1', 'sms', 'sent', null, 0),
        ],
        next_cursor: null,
      }));
      opened.says('POST /notifications/n3/reveal', () => ({ name: '阿卜杜热合曼·图尔荪托合提', phone: '13800138000' }));
      opened.says('POST /notifications/n3/unreached', () => {
        call = 'unreached';
        return notice('n3', 'phone', 'failed', call, 9);
      });
      opened.says('POST /notifications/n3/told', () => {
        call = null;
        return notice('n3', 'phone', 'sent', call, 9);
      });
    });
    const { page } = office;
    await page.locator('.sl.told').first().click();
    const log = page.locator('details', { hasText: '通知记录' });
    await expect
      .poll(() => log.locator('li').evaluateAll((all) => all.map((one) => one.getAttribute('data-channel'))))
      .toEqual(['sms', 'sms', 'phone']);
    await log.getByRole('button', { name: '看号码（留记录）' }).click();
    await page.getByRole('dialog', { name: '看全号' }).locator('#reveal-reason').fill('打电话通知领证');
    await page.keyboard.press('Enter');
    await log.getByText('13800138000').waitFor();
    expect(office.askedFor('POST /notifications/n3/reveal').at(-1)?.body).toEqual({ fields: ['name', 'phone'], reason: '打电话通知领证' });
    await look(page, 'staff-pickup-call');
    await log.getByRole('button', { name: '没联系上' }).click();
    await log.getByText('没联系上', { exact: true }).first().waitFor();
    await log.getByRole('button', { name: '打通了' }).click();
    await expect.poll(() => log.getByText('告诉了').count()).toBe(3);
    expect(await log.getByRole('button', { name: '打通了' }).count()).toBe(0);
    // Who collects for somebody else says by what, before it is given away.
    await page.keyboard.press('Alt+w');
    await page.locator('#collector-name').fill('李小华');
    await page.locator('#collector-id').fill('110101199003078515');
    await page.getByRole('button', { name: '发放 · 写上凭什么代领' }).waitFor();
    await page.locator('#collector-authorisation').fill('子女，户口簿');
    await page.getByRole('button', { name: '发放 · 先核对姓名、照片' }).waitFor();
    await look(page, 'staff-pickup-agent');
    await page.keyboard.press('Alt+2');
    await page.locator('.list tbody tr').first().waitFor();
    await look(page, 'staff-pickup-ladder');
    await leave(office);
  },
);
