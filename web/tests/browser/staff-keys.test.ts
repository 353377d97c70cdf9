// The clerk's, the approver's and the pickup window's day by keyboard alone: no mouse, no touch but the citizen's own
// signature. The keys stand on the buttons, and `?` shows those that act now.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { Pages } from './pages';
import { look } from './staff/look';
import { matterToTake } from './staff/answers';
import { caseOf, worklist } from './staff/hall';
import { Office, Reply } from './staff/office';

const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
/** Every key that stands on a button or beside a field, as it is written there. */
const written = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => [
    ...new Set(
      [...document.querySelectorAll<HTMLElement>('.page kbd')].filter((one) => one.checkVisibility()).map((one) => one.innerText.trim()),
    ),
  ]);
/** The sheet on `?` has each key that is written on the page; Esc closes it. */
async function sheetHasAll(page: Page, name: string): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const onPage = await written(page);
  await press(page, '?');
  const sheet = page.getByRole('dialog', { name: '按键' });
  await sheet.waitFor();
  const listed = await sheet.locator('dt kbd').allInnerTexts();
  // A digit of several that do one thing is listed by the first of them.
  const isListed = (key: string) =>
    key === '↵' ||
    listed.includes(key) ||
    (/^Alt [2-9]$/.test(key) && listed.includes('Alt 1')) ||
    (/^[2-9]$/.test(key) && listed.includes('1')) ||
    (/^([1-9]|Alt)$/.test(key) && listed.includes('Alt 1'));
  expect(
    onPage.filter((key) => key !== '?' && !isListed(key)),
    `${name}: written on the page, not on the sheet`,
  ).toEqual([]);
  await look(page, `staff-keys-${name}`);
  await press(page, 'Escape');
  await sheet.waitFor({ state: 'detached' });
}
const step = (office: Office, action: string) => office.asked.find(({ method, path }) => method === 'POST' && path.endsWith(`/${action}`));
const way = (office: Office, path: string) => office.askedFor(`POST ${path}`);

it('an approver claims, reads, looks at the files, turns them, writes and decides', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver']);
  const { page } = office;
  await page.locator('.sheet').waitFor();
  await sheetHasAll(page, 'approve');
  // From the group's shelf to one's own.
  await press(page, '2');
  await page.getByRole('button', { name: /领取 2 件/ }).waitFor();
  const list = worklist(office.filler).map((one) =>
    one.claimed_by ? one : { ...one, claimed_by: 'p0', mine: true, actions: ['approve', 'deny'] },
  );
  office.says('GET /worklist', () => ({ items: list, next_cursor: null }));
  await press(page, 'Shift+L');
  await page.getByText('领到 2 件').waitFor();
  expect([way(office, '/cases/c4/claim').length, way(office, '/cases/c5/claim').length]).toEqual([1, 1]);
  // Down the list and up, to the first; its files, larger, turned, away.
  await press(page, '1');
  await office.settled();
  await press(page, 'j', 'j', 'k', 'k');
  await office.settled();
  await press(page, ']', ']', '[', 'v');
  await page.getByRole('region', { name: '附件' }).or(page.locator('.view')).first().waitFor();
  await office.settled();
  await press(page, '+', 'r');
  expect(await page.locator('.paper img').getAttribute('style')).toContain('rotate(90deg)');
  await sheetHasAll(page, 'approve-files');
  await press(page, 'ArrowRight', 'Escape');
  await page.locator('.sheet').waitFor();
  // The whole number is seen with a reason, the special procedure is asked for, both by key.
  await press(page, 'Alt+p');
  await page.getByRole('dialog').waitFor();
  await press(page, 'Escape', 'Alt+q');
  await page.getByRole('dialog', { name: '特别程序' }).waitFor();
  await press(page, 'ArrowDown', 'Control+Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // As many days as the matter has for it.
  expect(step(office, 'suspend')?.body).toMatchObject({ procedure: 'hearing', days: 12 });
  await office.settled();
  // One is refused with a reason of the list, the next is approved with the opinion that stands there.
  await press(page, 'Alt+x');
  await page.getByRole('dialog', { name: '不予通过' }).waitFor();
  await press(page, 'Space', 'Tab');
  await page.keyboard.type('林子在自然保护区里，法律不准采。');
  await press(page, 'Control+Enter');
  await page.getByText('不予通过，已办结').waitFor();
  expect(step(office, 'deny')?.body).toMatchObject({
    reason_code: 'conditions_not_met',
    opinion: '林子在自然保护区里，法律不准采。',
  });
  await office.settled();
  // After those of the matter; the number stands on it.
  await page.locator('.o .chips button', { hasText: '只批护理补贴' }).first().waitFor();
  const place = (await page.locator('.o .chips button', { hasText: '容缺通过' }).innerText()).trim().charAt(0);
  await press(page, `Alt+${place}`, 'Control+Enter');
  await page.getByText('通过了').waitFor();
  const [passed] = office.asked.filter(({ path }) => /\/cases\/c\d\/approve$/.test(path));
  expect(passed?.body).toMatchObject({ opinion: expect.stringContaining('容缺') as string });
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('a refusal of the desk is judged by keyboard', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver']);
  const { page } = office;
  await page.locator('.sheet').waitFor();
  await press(page, '3');
  await page.getByText('窗口上报的理由').waitFor();
  office.says('GET /cases/c6', () => ({ ...caseOf(office.filler, 'c6'), state: 'accepted', actions: [] }));
  await press(page, 'Alt+1', 'Control+Enter');
  await page.getByText('已受理，时限从现在起算').waitFor();
  expect(way(office, '/cases/c6/overturn-refusal').length).toBe(1);
  await page.context().close();
});

it('a desk shows its keys', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/desk', ['clerk']);
  await office.page.locator('.page #main').waitFor();
  for (const [visit, sign] of [
    ['away', '.tile[aria-checked=true]'],
    ['free', '.idle .figures'],
    ['called', '.wk .act'],
    ['serving', '.wk .act'],
  ] as const) {
    office.sits(visit);
    await office.page.locator(sign).first().waitFor();
    await office.settled();
    await sheetHasAll(office.page, `desk-${visit}`);
  }
  await office.page.context().close();
});

/** Presses Tab until the field is reached, as somebody does who sees the focus go; how often that was. */
async function tabTo(page: Page, selector: string): Promise<number> {
  const isThere = () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  for (let pressed = 1; pressed <= 12; pressed += 1) {
    await press(page, 'Tab');
    if (await isThere()) return pressed;
  }
  throw new Error(`${selector} is not reached by Tab`);
}

/** From calling to an accepted case with three materials, beside what is typed from the papers (docs/use/clerk.md). */
const KEYS_TO_ACCEPT = 12;

it('a clerk calls, fills in and accepts: in few keys, none of them a mouse', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/desk', ['clerk'], (opened) => {
    opened.visit = 'free';
    opened.says('GET /matters/m0', () => matterToTake(opened.filler));
    opened.says('GET /sites/s0/bundles', () => ({ items: [] }));
    opened.says('POST /windows/w0/call-next', () => {
      opened.sits('called');
      return { ticket: opened.hall.tickets[0], reason: opened.hall.tickets[0]?.reason ?? null };
    });
    opened.says('POST /tickets/t0/start', () => {
      opened.sits('serving');
      return opened.hall.tickets[0];
    });
    opened.says('POST /cases', () => ({ ...caseOf(opened.filler, 'c0'), state: 'received', actions: ['accept'] }));
    opened.says('POST /cases/c0/accept', () => ({ ...caseOf(opened.filler, 'c0'), state: 'accepted', actions: [] }));
  });
  const { page } = office;
  let keys = 0;
  const key = async (...pressed: string[]) => {
    await press(page, ...pressed);
    keys += pressed.length;
  };
  await page.locator('.idle .figures').waitFor();
  await key('F2');
  await page.getByText('来了，开始办').first().waitFor();
  await key('Enter');
  await page.locator('[role=combobox]:focus').waitFor();
  await page.getByRole('option').first().waitFor();
  await key('Enter');
  await page.locator('#applicant-name:focus').waitFor();
  await page.keyboard.type('欧阳㐂𠮷·买买提艾力');
  keys += await tabTo(page, '#applicant-id-number');
  await page.keyboard.type('110101199003078515');
  keys += await tabTo(page, '#applicant-phone');
  await page.keyboard.type('13912345520');
  await key('Alt+m');
  await page.locator('aside.m ul:focus').waitFor();
  const materials = await page.locator('aside.m li').count();
  for (let at = 0; at < materials; at += 1) await key('Space');
  await key('Control+Enter');
  await page.getByRole('heading', { name: '受理了' }).waitFor();
  expect(way(office, '/cases/c0/accept').length).toBe(1);
  expect(keys, 'keys from call-next to accepted').toBeLessThanOrEqual(KEYS_TO_ACCEPT);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('a desk calls back and puts back into the queue by keyboard', { timeout: TIME_MS }, async () => {
  const free = await Office.enter(pages, '/desk', ['clerk'], (opened) => (opened.visit = 'free'));
  await free.page.locator('.page #main').waitFor();
  await free.settled();
  // Somebody is parked for longer than was said: one key, whatever list is open.
  await press(free.page, 'Alt+r');
  await free.settled();
  expect(way(free, '/tickets/t11/resume').length).toBe(1);
  await press(free.page, 'Alt+3');
  await free.page.getByRole('tab', { name: /过号/ }).and(free.page.locator('[aria-selected=true]')).waitFor();
  await sheetHasAll(free.page, 'desk-missed');
  await press(free.page, 'Alt+r');
  await free.settled();
  expect(way(free, '/tickets/t12/requeue').length).toBe(1);
  expect(pages.troubles.splice(0)).toEqual([]);
  await free.page.context().close();
});

it('a desk answers any question, brings in an agent and counts the papers by keyboard', { timeout: TIME_MS }, async () => {
  const question = (name: string, at: number, options: readonly string[]) => ({
    question: name,
    many: false,
    after: [],
    options: options.map((text, place) => ({ id: `o${at}${place}`, name: text })),
  });
  const office = await Office.enter(pages, '/desk', ['clerk'], (opened) => {
    opened.visit = 'serving';
    opened.says('GET /sites/s0/bundles', () => ({ items: [] }));
    opened.says('GET /matters/m0', () => {
      const made = matterToTake(opened.filler);
      const [one] = made.materials;
      return {
        ...made,
        situations: [question('给谁办', 0, ['给自己', '给家里人']), question('以前办过吗', 1, ['头一回', '换新的'])],
        materials: [{ ...one!, keeping: 'collected', originals: 1, copies: 0 }],
      };
    });
  });
  const { page } = office;
  await page.getByRole('option').first().waitFor();
  await page.getByRole('combobox').press('Enter');
  await page.getByText('给谁办', { exact: true }).waitFor();
  await page.locator('#main').focus();
  await press(page, '1', '2');
  expect(await page.getByRole('radio', { name: /给自己/ }).getAttribute('aria-checked')).toBe('true');
  expect(await page.getByRole('radio', { name: /换新的/ }).getAttribute('aria-checked')).toBe('true');
  // Back to the first question: its answer changes, and only that.
  await press(page, '[', '2');
  expect(await page.getByRole('radio', { name: /给家里人/ }).getAttribute('aria-checked')).toBe('true');
  expect(await page.getByRole('radio', { name: /换新的/ }).getAttribute('aria-checked')).toBe('true');
  await press(page, 'Alt+d');
  await page.locator('#agent-name').waitFor();
  // Taken in, with three copies more than the matter asks for.
  await page.locator('#main').focus();
  await press(page, 'Space');
  await page.getByLabel('复印件').fill('3');
  await page.getByLabel('复印件').press('Tab');
  await sheetHasAll(page, 'desk-filling');
  await page.setViewportSize({ width: 1366, height: 768 });
  await look(page, 'staff-keys-desk-filling-1366');
  await page.locator('#applicant-name').fill('欧阳㐂𠮷·买买提艾力');
  await page.locator('#applicant-id-number').fill('110101199003078515');
  await page.locator('#applicant-phone').fill('13912345520');
  await press(page, 'Alt+d');
  await press(page, 'Control+Enter');
  await office.settled();
  await expect.poll(() => way(office, '/cases').length).toBe(1);
  expect(way(office, '/cases')[0]?.body).toMatchObject({ materials: [{ status: 'collected', originals: 1, copies: 3 }] });
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('a pickup window finds by the slot, fills in who collects and hands over', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/pickup', ['issuer']);
  const { page } = office;
  await page.locator('.sl.told').first().waitFor();
  await sheetHasAll(page, 'pickup');
  // From shelf to shelf, and back.
  await press(page, 'Alt+3', 'Alt+2', 'Alt+1', '/');
  await page.locator('#scan:focus').waitFor();
  await page.keyboard.type('A01');
  await press(page, 'Enter');
  await page.locator('#collector-name').waitFor();
  await tabTo(page, '#collector-name');
  await page.keyboard.type('阿卜杜热合曼·图尔荪托合提');
  await tabTo(page, '#collector-id');
  await page.keyboard.type('110101199003078515');
  // The one hand that is not the clerk's.
  const pad = (await page.locator('.sig canvas').boundingBox())!;
  await page.mouse.move(pad.x + 40, pad.y + 40);
  await page.mouse.down();
  await page.mouse.move(pad.x + 160, pad.y + 70, { steps: 6 });
  await page.mouse.up();
  await tabTo(page, '.form label.check input');
  await press(page, 'Space');
  await sheetHasAll(page, 'pickup-hand-over');
  await press(page, 'Control+Enter');
  await page.getByText('发出去了，回证已记').waitFor();
  expect(way(office, '/certificates/x0/hand-over')[0]?.body).toMatchObject({
    collector: { name: '阿卜杜热合曼·图尔荪托合提', id_number: '110101199003078515', relation: 'self' },
  });
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('a scan of the marked material is looked at and removed by key', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/desk', ['clerk'], (opened) => {
    opened.visit = 'serving';
    opened.says('GET /sites/s0/bundles', () => ({ items: [] }));
    opened.says('GET /matters/m0', () => matterToTake(opened.filler));
    const draft = () => ({
      ...caseOf(opened.filler, 'c0'),
      state: 'received',
      actions: ['accept', 'attach', 'remove-attachment'],
      attachments: [{ ...opened.filler.one('AttachmentView', 0), case_id: 'c0', material_id: 'mt0' }],
    });
    opened.says('POST /cases', draft);
    opened.says('POST /cases/c0/accept', () => Reply.problem(409, 'case_state'));
    opened.says('GET /cases/c0', draft);
  });
  const { page } = office;
  await page.getByRole('option').first().waitFor();
  await page.getByRole('combobox').press('Enter');
  await page.locator('#applicant-name').fill('欧阳㐂𠮷·买买提艾力');
  await page.locator('#applicant-id-number').fill('110101199003078515');
  await page.locator('#applicant-phone').fill('13912345520');
  await page.locator('#main').focus();
  const count = await page.locator('aside.m li').count();
  for (let at = 0; at < count; at += 1) await press(page, 'Space');
  for (let at = 0; at < count; at += 1) await press(page, 'ArrowUp');
  await press(page, 'Control+Enter');
  await page.getByText('V 看').waitFor();
  await press(page, 'd');
  await page.getByRole('dialog').getByText('传错了才删').waitFor();
  await press(page, 'Escape', 'v');
  await page.locator('.over').waitFor();
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
