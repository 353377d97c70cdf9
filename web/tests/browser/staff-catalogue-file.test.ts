// The catalogue as a file: taken out in both formats, brought back edited, tried first, and only then taken in.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';

const TIME_MS = 60_000;
const IMPORT = 'POST /sites/s0/catalogue-imports';
const none = {
  dry_run: true,
  takes: true,
  rows: 214,
  added: 0,
  changed: 0,
  unchanged: 46,
  retired: 0,
  errors: [],
  changes: [],
  new_departments: [],
};
const file = (name: string) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from('PK') });
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

async function enter(): Promise<Office> {
  const office = await Office.enter(pages, '/admin?tab=catalogue', ['admin']);
  await office.page.locator('button.one').first().waitFor();
  return office;
}
async function leave(office: Office): Promise<void> {
  expect(pages.troubles.splice(0)).toEqual([]);
  await office.page.context().close();
}

it('the whole catalogue is taken out as a spreadsheet or as text files', { timeout: TIME_MS }, async () => {
  const office = await enter();
  const { page } = office;
  await look(page, 'staff-admin-catalogue-file');
  for (const [button, ending] of [
    ['导出 XLSX', 'xlsx'],
    ['导出 CSV', 'zip'],
  ] as const) {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: button }).click();
    expect((await download).suggestedFilename()).toMatch(new RegExp(`^事项目录-.+\\.${ending}$`));
    expect(office.askedFor(`GET /sites/s0/catalogue.${ending}`)).toHaveLength(1);
  }
  office.says('GET /sites/s0/catalogue.xlsx', () =>
    Reply.problem(409, 'cell_too_long', {
      detail: '“事项”里 015A01 的“白话版指南”有 40000 个字，XLSX 一格最多 32767 个；请先改短，或者导出 CSV',
    }),
  );
  await page.getByRole('button', { name: '导出 XLSX' }).click();
  await page.getByText('请先改短，或者导出 CSV').waitFor();
  pages.troubles.splice(0);
  await leave(office);
});

it('a file that changes nothing says so and cannot be taken in', { timeout: TIME_MS }, async () => {
  const office = await enter();
  const { page } = office;
  office.says(IMPORT, () => none);
  await page.getByRole('button', { name: '导入…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('input[type=file]').setInputFiles(file('事项目录.xlsx'));
  await dialog.getByText('没有变化，和系统里的一样').waitFor();
  await expect.poll(() => dialog.getByRole('button', { name: '没有变化' }).isDisabled()).toBe(true);
  await page.keyboard.press('Control+Enter');
  expect(office.askedFor(IMPORT)).toHaveLength(1);
  await leave(office);
});

it('what changes is told field by field, and what is wrong by sheet, row and column', { timeout: TIME_MS }, async () => {
  const office = await enter();
  const { page } = office;
  const errors = [
    { sheet: '事项', line: 7, column: '截止日期', code: 'bad_value', message: '“2026-02-30”不是日期，写成 2026-01-31 的样子' },
    { sheet: '材料', line: 31, column: '选了哪些答案才要（不填：都要）', code: 'bad_value', message: '这个事项的情形里没有问2答1' },
    { sheet: '材料', line: 48, column: '实施编码', code: 'unknown_code', message: '“事项”那一页里没有实施编码 11150702MB0A' },
  ];
  const guide = '…带上身份证、户口簿，到政务服务中心综合窗口。家里几口人、每月收入多少，当场填表；\n收入证明可以后补，五个工作日内交来。';
  const changes = [
    {
      change: 'changed',
      code: '11150702MB0A31234X4152111023001',
      name: '最低生活保障对象认定',
      fields: [
        { column: '承诺期限', before: '20 个工作日', after: '7 个工作日' },
        { column: '生效日期', before: '', after: '2026-12-01' },
        { column: '材料“家庭收入证明”·要不要', before: '必须', after: '必须，可容缺' },
        { column: '材料“居住证明”·名称', before: '居住证明', after: '' },
        { column: '白话版', before: guide.replace('五个', '十个'), after: guide },
      ],
    },
    {
      change: 'changed',
      code: '11150702MB0A31234X4152111023002',
      name: '临时救助对象认定',
      fields: [{ column: 'state', before: 'retired', after: 'published' }],
    },
    { change: 'added', code: '11150702MB0A31234X4152111023009', name: '高龄津贴发放', fields: [] },
  ];
  const tried = { ...none, takes: false, added: 1, changed: 2, unchanged: 43, errors, changes, new_departments: ['云川区老龄事业中心'] };
  office.says(IMPORT, ({ query }) =>
    query.get('skip_bad') === 'true' ? { ...tried, takes: true, dry_run: query.get('dry_run') === 'true' } : tried,
  );
  await page.getByRole('button', { name: '导入…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('input[type=file]').setInputFiles(file('事项目录-改.zip'));
  await dialog.getByText('这个事项的情形里没有问2答1').waitFor();
  const rows = await dialog.locator('tbody tr').allInnerTexts();
  expect(rows[1]?.replace(/\s+/g, ' ')).toBe('材料 31 选了哪些答案才要（不填：都要） 这个事项的情形里没有问2答1');
  await look(page, 'staff-admin-import-errors');
  await dialog.getByRole('tab', { name: '改动' }).click();
  const first = dialog.getByRole('list', { name: '改什么' }).locator('li').first();
  expect((await first.locator('dt').allInnerTexts()).slice(0, 2)).toEqual(['承诺期限', '生效日期']);
  expect((await first.locator('dd').first().innerText()).replace(/\s+/g, ' ')).toBe('20 个工作日 → 7 个工作日');
  await dialog.getByText('系统里没有的部门会新建：云川区老龄事业中心').waitFor();
  await look(page, 'staff-admin-import-changes');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-admin-import-changes-1366');
  await dialog.getByText('跳过有错的行').click();
  await dialog.getByRole('button', { name: '导入 3 条' }).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText('导好了：新增 1，改动 2，停用 0').waitFor();
  const sent = office.askedFor(IMPORT).map(({ query }) => `${query.get('dry_run')} ${query.get('skip_bad')}`);
  expect(sent).toEqual(['true false', 'true true', 'false true']);
  await leave(office);
});
