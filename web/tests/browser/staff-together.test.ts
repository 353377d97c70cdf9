// Nothing that was typed is lost, as in staff-sharing.test.ts: in the hall, in the ledger, at the guide desk, for a leader's
// signature and in a draft of the catalogue. The session ends, somebody else is first, the line is cut.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { blankContent } from '../../src/desk/admin/catalogue/content';
import { Pages } from './pages';
import { look } from './staff/look';
import { caseOf } from './staff/hall';
import { Office, Reply } from './staff/office';
import { cutFor, oneWish, press, signInAgain } from './staff/wishes';
import { lines } from './words';

const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

async function leave(office: Office): Promise<void> {
  expect(pages.troubles.splice(0)).toEqual([]);
  await office.page.context().close();
}

interface Place {
  /** Opens the page and writes on it. */
  readonly begin: () => Promise<Office>;
  /** The key that sends what was written, and where it is pressed when that is not where one writes. */
  readonly key: string;
  readonly aim?: (page: Page) => Promise<void>;
  /** Where it goes. */
  readonly way: string;
  /** Where it stands, and what it is. */
  readonly typed: (page: Page) => Promise<string>;
  readonly words: string;
  /** What is read when it was done. */
  readonly done: (page: Page) => Promise<unknown>;
  /** The answer to a wish that came too late, and what is read then. */
  readonly late: { readonly code: string; readonly says: (page: Page) => Promise<unknown> };
}

const REASON = '窗口电脑坏了，人在旁边等，㐂书记让先退回去';
const PROGRESS = '发了 3 批通知，𠮷祥嘎查的两户补齐了材料，还差一户联系不上。';
const SIGNED = '同意现场核查的意见，请林草局周五前报结果。';

const places: Readonly<Record<string, Place>> = {
  'a supervisor puts back a ticket of a window': {
    begin: async () => {
      const office = await Office.enter(pages, '/hall', ['supervisor'], (opened) => {
        opened.visit = 'serving';
        opened.says('POST /tickets/t0/put-back', () => opened.hall.tickets[0]);
      });
      await office.page.getByRole('button', { name: '处理 1 号窗口' }).click();
      await office.page.locator('#stuck-reason').fill(REASON);
      return office;
    },
    key: 'Enter',
    aim: (page) => page.getByRole('button', { name: '退回排队' }).focus(),
    way: 'POST /tickets/t0/put-back',
    typed: (page) => page.locator('#stuck-reason').inputValue(),
    words: REASON,
    done: (page) => page.locator('#stuck-reason').waitFor({ state: 'detached' }),
    late: { code: 'ticket_state', says: (page) => page.getByRole('dialog').getByText('这个号刚被别处动过').waitFor() },
  },
  'a site reports in the ledger': {
    begin: async () => {
      const office = await Office.enter(pages, '/district?tab=ledger', ['supervisor']);
      const { page } = office;
      await page.locator('li[data-site=s0]').getByRole('button', { name: '改' }).click();
      await page.locator('#text-s0').fill(PROGRESS);
      return office;
    },
    key: 'Control+Enter',
    way: 'POST /sites/s0/ledger/progress',
    typed: (page) => page.locator('#text-s0').inputValue(),
    words: PROGRESS,
    done: (page) => page.locator('#text-s0').waitFor({ state: 'detached' }),
    late: { code: 'week_cut', says: (page) => page.getByText('这一步现在做不了').first().waitFor() },
  },
  'a guide takes a number for somebody': {
    begin: async () => {
      const office = await Office.enter(pages, '/guide-desk', ['guide']);
      const { page } = office;
      await page.locator('#guide-line').selectOption({ value: 'l0' });
      await page.locator('#guide-phone').fill('13912345520');
      return office;
    },
    key: 'Control+Enter',
    way: 'POST /sites/s0/tickets',
    typed: (page) => page.locator('#guide-phone').inputValue(),
    words: '13912345520',
    done: (page) => page.getByTestId('taken').waitFor(),
    late: { code: 'line_stopped', says: (page) => page.locator('.take [role=alert]').waitFor() },
  },
  'a leader signs a step': {
    begin: async () => {
      const office = await Office.enter(pages, '/approve', ['leader'], (opened) => {
        opened.says('GET /cases/c0', () => ({ ...caseOf(opened.filler, 'c0'), actions: ['sign-step'] }));
        opened.says('POST /cases/c0/sign-step', () => caseOf(opened.filler, 'c0'));
      });
      await office.page.locator('#opinion').fill(SIGNED);
      return office;
    },
    key: 'Control+Enter',
    way: 'POST /cases/c0/sign-step',
    typed: (page) => page.locator('#opinion, #unsent').first().inputValue(),
    words: SIGNED,
    done: (page) => page.getByText('签了同意').waitFor(),
    late: { code: 'case_state', says: (page) => page.getByText('这件刚被别处动过').waitFor() },
  },
};

describe.each(Object.entries(places))('%s', (name, { begin, key, aim, way, typed, words, done, late }) => {
  it('signs in again and goes on', { timeout: TIME_MS }, async () => {
    const office = await begin();
    await aim?.(office.page);
    office.signedIn = false;
    await press(office.page, key);
    await office.page.getByRole('dialog', { name: '登录已过期，填的都在' }).waitFor();
    expect(await typed(office.page)).toBe(words);
    await signInAgain(office.page);
    await done(office.page);
    oneWish(office, way, 2);
    await leave(office);
  });

  it('is told that somebody was first, and keeps what was written', { timeout: TIME_MS }, async () => {
    const office = await begin();
    await aim?.(office.page);
    office.says(way, () => Reply.problem(409, late.code));
    await press(office.page, key);
    await late.says(office.page);
    expect(await typed(office.page)).toBe(words);
    await look(office.page, `together-${name.replaceAll(' ', '-')}`);
    await leave(office);
  });

  it('presses again after the line was cut: the same wish, once', { timeout: TIME_MS }, async () => {
    const office = await begin();
    await aim?.(office.page);
    await cutFor(office, key);
    await office.page.getByText('没连上').first().waitFor();
    expect(await typed(office.page)).toBe(words);
    const tries = office.askedFor(way).length;
    office.become('full');
    await aim?.(office.page);
    await press(office.page, key);
    await done(office.page);
    oneWish(office, way, tries + 1);
    await leave(office);
  });
});

it(
  'a draft that was saved elsewhere meanwhile: what was written stays, and is saved over it when one wants',
  { timeout: TIME_MS },
  async () => {
    const NAME = '林木采伐许可（自留山、㐂字号林场）';
    let revision = 4;
    const office = await Office.enter(pages, '/admin?tab=catalogue', ['admin'], (opened) => {
      const draft = () => ({
        ...opened.filler.one('DraftView', 0),
        matter_id: 'm0',
        revision,
        newest_version: 3,
        step: 'editing',
        outdated: false,
        returned_text: null,
        effective_from: null,
        actions: ['save', 'submit'],
        line_id: 'l0',
        content: { ...blankContent(), name: lines[0] },
      });
      opened.says('GET /matters/m0', () => ({ ...opened.filler.one('MatterView', 0), claim: null }));
      opened.says('GET /matters/m0/draft', draft);
      opened.says('PUT /matters/m0/draft', () => {
        if (revision === 4) {
          revision = 5;
          return Reply.problem(409, 'draft_changed', { detail: '草稿刚被别人改过' });
        }
        return draft();
      });
    });
    const { page } = office;
    await page.getByRole('button', { name: '改…' }).click();
    const field = page.locator('.part input').first();
    await field.waitFor();
    await field.fill(NAME);
    await press(page, 'Control+s');
    await page.getByText('别处刚存过这份草稿').waitFor();
    expect(await field.inputValue()).toBe(NAME);
    await look(page, 'together-draft-overtaken');
    await press(page, 'Control+s');
    await page.getByText('草稿存好了').waitFor();
    expect(office.askedFor('PUT /matters/m0/draft').map(({ body }) => (body as { revision: number }).revision)).toEqual([4, 5]);
    await leave(office);
  },
);
