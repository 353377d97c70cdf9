// What a window took on paper while everything was down, entered at the desk: with its true time, the form's number and why;
// how near silence is, said before anything is saved; everything wrong at once; and found again by a supervisor.
import { afterAll, beforeAll, expect, it } from 'vitest';
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

async function leave(office: Office): Promise<void> {
  expect(pages.troubles.splice(0)).toEqual([]);
  await office.page.context().close();
}
const paper = {
  received_at: '2026-11-18T09:05:00.000+08:00',
  entered_at: '2026-11-24T10:20:00.000+08:00',
  entered_by_name: '陈晓燕',
  form_number: '纸-0031',
  reason: '停电，系统用不了',
};

it('enters what was taken on paper with its true time', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/desk', ['clerk'], (opened) => {
    opened.visit = 'free';
    opened.says('GET /matters/m0', () => matterToTake(opened.filler));
    opened.says('GET /sites/s0/policy', () => ({ policy: { cases: { paper_days: 9 } } }));
    opened.says('GET /sites/s0/paper-standing', ({ query }) => {
      const isOld = query.get('received_at')?.startsWith('2026-11-16');
      return { standing: isOld ? 'lapsed' : 'pressing', last_day: isOld ? '2026-11-23' : '2026-11-25', deemed_from: '2026-11-24' };
    });
    const wrong = [
      { field: 'paper.received_at', code: 'too_old', message: '只能补录 7 天以内的；更早的请主管看怎么办' },
      { field: 'paper.form_number', code: 'missing', message: '请填写' },
      { field: 'paper.reason', code: 'missing', message: '请填写' },
    ];
    opened.says('POST /cases', () => Reply.problem(422, 'invalid', { errors: wrong }));
  });
  const { page } = office;
  await page.locator('.idle .figures').waitFor();
  await page.keyboard.press('Alt+u');
  const dialog = page.getByRole('dialog', { name: '补录纸质受理' });
  await dialog.getByRole('option').first().waitFor();
  await dialog.getByRole('combobox').press('Enter');
  await page.locator('#paper-time').waitFor();
  await dialog.getByLabel('哪天收的').selectOption('2026-11-16');
  await dialog.getByLabel('几点收的').fill('905');
  await page.keyboard.press('Tab');
  expect(await dialog.getByLabel('几点收的').inputValue()).toBe('09:05');
  await dialog.getByTestId('paper-standing').filter({ hasText: '依法算已受理' }).waitFor();
  expect(office.askedFor('GET /sites/s0/paper-standing').at(-1)?.query.get('received_at')).toBe('2026-11-16T09:05:00+08:00');
  await look(page, 'staff-paper-lapsed');

  await page.locator('#applicant-name').fill('欧阳㐂𠮷·买买提艾力');
  await page.locator('#applicant-id-number').fill('110101199003078515');
  await page.locator('#applicant-phone').fill('13912345520');
  const materials = await dialog.locator('aside.m li').count();
  await dialog.locator('aside.m').click({ position: { x: 20, y: 10 } });
  for (let at = 0; at < materials; at += 1) await page.keyboard.press('Space');
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('只能补录 7 天以内的').waitFor();
  expect(await dialog.getByText('请填写').count(), 'everything wrong at once').toBe(2);
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-paper-wrong-1366');

  await dialog.getByLabel('哪天收的').selectOption('2026-11-18');
  await dialog.getByTestId('paper-standing').filter({ hasText: '11月25日' }).waitFor();
  await dialog.getByLabel('单子编号').fill('纸-0031');
  await dialog.getByLabel('为什么用纸').fill('停电，系统用不了');
  office.says('POST /cases', () => ({ ...caseOf(office.filler, 'c0'), state: 'received', actions: ['accept'], paper }));
  office.says('POST /cases/c0/accept', () => ({ ...caseOf(office.filler, 'c0'), state: 'accepted', actions: [], paper }));
  await page.keyboard.press('Control+Enter');
  await page.getByText('补录了，办件编号').waitFor();
  expect(await dialog.count()).toBe(0);
  const body = office.askedFor('POST /cases').at(-1)?.body as Record<string, unknown>;
  expect(body.paper).toEqual({ received_at: '2026-11-18T09:05:00+08:00', form_number: '纸-0031', reason: '停电，系统用不了' });
  expect(body).not.toHaveProperty('ticket_id');
  expect(office.askedFor('POST /cases/c0/accept').length).toBe(1);
  await leave(office);
});

it('a supervisor finds what was entered late, with both times', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/desk', ['clerk'], (opened) => {
    opened.visit = 'free';
    const record = caseOf(opened.filler, 'c0');
    const row = {
      ...opened.filler.one('CaseSummary', 0),
      id: 'c0',
      number: record.number,
      state: 'closed',
      actions: [],
      entered_late: true,
    };
    const [entry] = record.history;
    const history = [
      { ...entry!, text: '接件', at: paper.received_at, entered_at: paper.entered_at, by: paper.entered_by_name, note: null },
    ];
    opened.says('GET /cases', ({ query }) => ({ items: query.get('entered_late') === 'true' ? [row] : [], next_cursor: null }));
    opened.says('GET /cases/c0', () => ({ ...record, history, paper }));
  });
  const { page } = office;
  await page.locator('.idle .figures').waitFor();
  await page.keyboard.press('Alt+h');
  await page.getByLabel('只看补录的纸质受理').check();
  await page.locator('.rows button', { hasText: '补录' }).first().click();
  const told = page.getByTestId('paper-receipt');
  await told.waitFor();
  expect((await told.innerText()).replace(/\s+/g, ' ')).toMatch(/纸-0031.*11月18日 09:05 收.*11月24日 10:20 陈晓燕补录：停电，系统用不了/);
  await page.locator('details summary').click();
  await page.locator('.his').getByText('补录').waitFor();
  await look(page, 'staff-paper-late');
  await leave(office);
});
