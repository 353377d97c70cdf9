// Nothing that was typed is lost: when the session ended, when somebody else was first, when the line is cut. At the desk,
// at the approver's and at the pickup window.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { Pages } from './pages';
import { picture } from './look';
import { look } from './staff/look';
import { Office, Reply } from './staff/office';
import { caseOf } from './staff/hall';
import { matterToTake } from './staff/answers';
import { cutFor, oneWish, press, signInAgain } from './staff/wishes';

const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const OPINION = '现场看过了，㐂𠮷嘎查的林子在界桩里面，同意采伐二十棵。';
async function leave(office: Office): Promise<void> {
  expect(pages.troubles.splice(0)).toEqual([]);
  await office.page.context().close();
}
describe('an approver', () => {
  async function writes(): Promise<Office> {
    const office = await Office.enter(pages, '/approve', ['approver']);
    await office.page.locator('#opinion').fill(OPINION);
    return office;
  }
  const typed = (office: Office) => office.page.locator('#opinion').inputValue();

  it('signs in again and goes on with the same opinion', { timeout: TIME_MS }, async () => {
    const office = await writes();
    office.signedIn = false;
    await press(office.page, 'Control+Enter');
    await signInAgain(office.page);
    await office.page.getByText('通过了').waitFor();
    oneWish(office, 'POST /cases/c0/approve', 2);
    expect(office.askedFor('POST /cases/c0/approve')[0]?.body).toMatchObject({ opinion: OPINION });
    await leave(office);
  });

  it('is told that somebody was first, and keeps what was written', { timeout: TIME_MS }, async () => {
    const office = await writes();
    office.says('POST /cases/c0/approve', () => Reply.problem(409, 'case_state'));
    office.says('GET /cases/c0', () => ({ ...caseOf(office.filler, 'c0'), state: 'decided', decision: 'approved', actions: [] }));
    await press(office.page, 'Control+Enter');
    await office.page.getByText('这件刚被别处动过').waitFor();
    const unsent = office.page.getByTestId('unsent').locator('textarea');
    expect(await unsent.inputValue()).toBe(OPINION);
    await look(office.page, 'staff-approve-first');
    // Another case has its own words, and these are still there on the way back.
    await press(office.page, 'Escape', 'j');
    await office.page.locator('#opinion').waitFor();
    expect(await typed(office)).not.toBe(OPINION);
    await press(office.page, 'k');
    await unsent.waitFor();
    expect(await unsent.inputValue()).toBe(OPINION);
    await leave(office);
  });

  it('looks at another case in the middle of a sentence', { timeout: TIME_MS }, async () => {
    const office = await writes();
    await office.page.locator('#main').focus();
    await press(office.page, 'j');
    await office.settled();
    expect(await typed(office)).not.toBe(OPINION);
    await press(office.page, 'k');
    await office.settled();
    expect(await typed(office)).toBe(OPINION);
    await leave(office);
  });

  it('sees a refusal over the dialog that asked, and the reasons stay in it', { timeout: TIME_MS }, async () => {
    const office = await writes();
    office.says('POST /cases/c0/deny', () => Reply.problem(409, 'case_state'));
    await press(office.page, 'Alt+x');
    const dialog = office.page.getByRole('dialog', { name: '不予通过' });
    await dialog.locator('input').first().check();
    await dialog.locator('textarea').fill(OPINION);
    await press(office.page, 'Control+Enter');
    await dialog.getByText('这件刚被别处动过').waitFor();
    expect(await dialog.locator('textarea').inputValue()).toBe(OPINION);
    await picture(office.page, 'staff-deny-first');
    await leave(office);
  });

  it('presses again after the line was cut: the same wish, once', { timeout: TIME_MS }, async () => {
    const office = await writes();
    await cutFor(office, 'Control+Enter');
    await office.page.getByText('没连上，您填的都还在').waitFor();
    expect(await typed(office)).toBe(OPINION);
    await picture(office.page, 'staff-approve-not-sent');
    const tries = office.askedFor('POST /cases/c0/approve').length;
    office.become('full');
    await press(office.page, 'Control+Enter');
    await office.page.getByText('通过了').waitFor();
    oneWish(office, 'POST /cases/c0/approve', tries + 1);
    await leave(office);
  });
});

describe('a desk', () => {
  /** Somebody sits there and his application is filled in. */
  async function fills(): Promise<Office> {
    const office = await Office.enter(pages, '/desk', ['clerk'], (opened) => {
      opened.visit = 'serving';
      opened.says('GET /matters/m0', () => matterToTake(opened.filler));
      opened.says('GET /sites/s0/bundles', () => ({ items: [] }));
    });
    const { page } = office;
    office.says('POST /cases', () => ({
      ...caseOf(office.filler, 'c0'),
      state: 'received',
      actions: ['accept', 'request-correction', 'propose-refusal'],
    }));
    await page.getByRole('option').first().waitFor();
    await page.getByRole('combobox').press('Enter');
    await page.locator('#applicant-name').fill('欧阳㐂𠮷·买买提艾力');
    await page.locator('#applicant-id-number').fill('110101199003078515');
    await page.locator('#applicant-phone').fill('13912345520');
    await page.locator('#main').focus();
    const materials = await page.locator('aside.m li').count();
    for (let at = 0; at < materials; at += 1) await press(page, 'Space');
    return office;
  }
  async function isStillFilled(page: Page): Promise<void> {
    expect(await page.locator('#applicant-name').inputValue()).toBe('欧阳㐂𠮷·买买提艾力');
    expect(await page.locator('#applicant-id-number').inputValue()).toBe('110101199003078515');
    expect(await page.locator('#applicant-phone').inputValue()).toBe('13912345520');
  }

  it('signs in again and accepts what was filled in', { timeout: TIME_MS }, async () => {
    const office = await fills();
    await look(office.page, 'staff-desk-filled');
    office.says('POST /cases/c0/accept', () => ({ ...caseOf(office.filler, 'c0'), state: 'accepted', actions: [] }));
    office.signedIn = false;
    await press(office.page, 'Control+Enter');
    await office.page.getByRole('dialog', { name: '登录已过期，填的都在' }).waitFor();
    await look(office.page, 'staff-desk-expired');
    await signInAgain(office.page);
    await office.page.getByRole('heading', { name: '受理了' }).waitFor();
    oneWish(office, 'POST /cases', 2);
    await look(office.page, 'staff-desk-accepted');
    await leave(office);
  });

  it('is told that the case was moved on, and the form is still filled in', { timeout: TIME_MS }, async () => {
    const office = await fills();
    office.says('POST /cases/c0/accept', () => Reply.problem(409, 'case_state'));
    office.says('GET /cases/c0', () => ({ ...caseOf(office.filler, 'c0'), state: 'received', actions: ['accept'] }));
    await press(office.page, 'Control+Enter');
    await office.page.locator('.act').getByText('这件刚被别处动过').waitFor();
    await isStillFilled(office.page);
    expect(office.askedFor('GET /cases/c0').length).toBe(1);
    await look(office.page, 'staff-desk-moved-on');
    // As it is now it can be accepted: by the same case, not by a second one.
    office.says('POST /cases/c0/accept', () => ({ ...caseOf(office.filler, 'c0'), state: 'accepted', actions: [] }));
    await press(office.page, 'Control+Enter');
    await office.page.getByRole('heading', { name: '受理了' }).waitFor();
    expect(office.askedFor('POST /cases').length).toBe(1);
    await leave(office);
  });

  it('presses again after the line was cut: one case', { timeout: TIME_MS }, async () => {
    const office = await fills();
    await cutFor(office, 'Control+Enter');
    await office.page.locator('.act').getByText('没连上，您填的都还在').waitFor();
    await isStillFilled(office.page);
    await look(office.page, 'staff-desk-not-sent');
    const tries = office.askedFor('POST /cases').length;
    office.become('full');
    office.says('POST /cases/c0/accept', () => ({ ...caseOf(office.filler, 'c0'), state: 'accepted', actions: [] }));
    await press(office.page, 'Control+Enter');
    await office.page.getByRole('heading', { name: '受理了' }).waitFor();
    oneWish(office, 'POST /cases', tries + 1);
    await leave(office);
  });
});

describe('a pickup window', () => {
  /** A certificate on the table, with the collector's name, document and signature. */
  async function hands(): Promise<Office> {
    const office = await Office.enter(pages, '/pickup', ['issuer']);
    const { page } = office;
    await page.locator('.sl.told').first().click();
    await page.locator('#collector-name').fill('阿卜杜热合曼·图尔荪托合提');
    await page.locator('#collector-id').fill('110101199003078515');
    const pad = (await page.locator('.sig canvas').boundingBox())!;
    await page.mouse.move(pad.x + 40, pad.y + 40);
    await page.mouse.down();
    await page.mouse.move(pad.x + 160, pad.y + 70, { steps: 6 });
    await page.mouse.up();
    await page.locator('.form label.check input').check();
    return office;
  }
  const way = 'POST /certificates/x0/hand-over';
  async function isStillFilled(page: Page): Promise<void> {
    expect(await page.locator('#collector-name').inputValue()).toBe('阿卜杜热合曼·图尔荪托合提');
    expect(await page.locator('#collector-id').inputValue()).toBe('110101199003078515');
    await page.getByRole('img', { name: '签字：已签' }).waitFor();
  }

  it('signs in again and hands over with the same signature', { timeout: TIME_MS }, async () => {
    const office = await hands();
    office.signedIn = false;
    await press(office.page, 'Control+Enter');
    await office.page.getByRole('dialog', { name: '登录已过期，填的都在' }).waitFor();
    await isStillFilled(office.page);
    await signInAgain(office.page);
    await office.page.getByText('发出去了，回证已记').waitFor();
    oneWish(office, way, 2);
    await leave(office);
  });

  it('is told that it was given away elsewhere, and sees what was typed', { timeout: TIME_MS }, async () => {
    const office = await hands();
    office.says(way, () => Reply.problem(409, 'certificate_state', { detail: '这份证照刚在别处发走了' }));
    office.says('GET /sites/s0/cabinet', () => {
      const page = { items: [0, 1, 2].map((at) => office.filler.one('CertificateView', at)), next_cursor: null };
      page.items[0] = { ...page.items[0]!, id: 'x0', custody: 'handed_over', actions: [] };
      return page;
    });
    await press(office.page, 'Control+Enter');
    await office.page.getByText('这份刚在别处动过：已领').waitFor();
    await isStillFilled(office.page);
    await look(office.page, 'staff-pickup-first');
    await office.page.getByRole('button', { name: '知道了' }).click();
    await office.page.getByText('已经领走').waitFor();
    await leave(office);
  });

  it('presses again after the line was cut: handed over once', { timeout: TIME_MS }, async () => {
    const office = await hands();
    await cutFor(office, 'Control+Enter');
    await office.page.getByText('没连上，您填的都还在').waitFor();
    await isStillFilled(office.page);
    await look(office.page, 'staff-pickup-not-sent');
    const tries = office.askedFor(way).length;
    office.become('full');
    await press(office.page, 'Control+Enter');
    await office.page.getByText('发出去了，回证已记').waitFor();
    oneWish(office, way, tries + 1);
    await leave(office);
  });

  it('is told that somebody else made the document, and the number is still there', { timeout: TIME_MS }, async () => {
    const office = await Office.enter(pages, '/pickup', ['issuer']);
    const { page } = office;
    await page.locator('.sl.told').first().waitFor();
    await press(page, 'Alt+5');
    await page.getByRole('button', { name: '制证', exact: true }).first().click();
    await page.locator('#make-number').fill('采字（2026）第 0001 号');
    office.says('POST /cases/c0/certificate', () => Reply.problem(409, 'case_state'));
    office.says('GET /cases', () => ({ items: [], next_cursor: null }));
    await press(page, 'Control+Enter');
    await page.getByText('这件刚被别处制好了').waitFor();
    expect(await page.locator('#make-number').inputValue()).toBe('采字（2026）第 0001 号');
    await look(page, 'staff-make-first');
    await leave(office);
  });
});
