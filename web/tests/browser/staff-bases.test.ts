// On which documents somebody decides in a department's name: an administrator enters them and sees what wants a look,
// an approver sees the own ones.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blankContent } from '../../src/desk/admin/catalogue/content';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';
import { dayFrom } from './words';

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

it('an administrator names kind, document and days, and sees what ends or lacks its document', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/admin?tab=staff', ['admin'], (opened) => {
    const basis = opened.filler.one('BasisView', 0);
    const account = (at: number, name: string, more: object) => ({
      ...opened.filler.one('AccountView', at),
      id: `s_dc_${at}`,
      name,
      username: `approver${at}`,
      roles: ['approver'],
      active: true,
      department_id: null,
      cover_id: null,
      access_until: null,
      bases: [{ ...basis, department_id: 'd0', document: '白政发〔2023〕31号', to: null, ...more }],
    });
    opened.says('GET /sites/s0/staff', () => ({
      items: [account(1, '孟克巴特尔', {}), account(2, '陈立', { document: null }), account(3, '苏日娜', { to: dayFrom(9) })],
      next_cursor: null,
    }));
    opened.says('GET /sites/s0/departments', () => ({
      items: [
        { id: 'd0', name: '白桦镇人民政府', code: '' },
        { id: 'd1', name: '云川区民政局', code: '' },
      ],
      next_cursor: null,
    }));
  });
  const { page } = office;
  await page.getByText('未登记文件').waitFor();
  await page.getByText('还有 9 天').waitFor();
  await look(page, 'staff-bases-list');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-bases-list-1366');
  await page.getByRole('button', { name: '依据要看一看 2' }).click();
  expect(await page.locator('tbody tr').count()).toBe(2);

  await page.locator('tr', { hasText: '陈立' }).getByRole('button', { name: '改' }).click();
  const dialog = page.getByRole('dialog', { name: '改 陈立 的账号' });
  const document_ = dialog.getByLabel('第 1 条凭哪份文件');
  expect(await document_.inputValue()).toBe('');
  await dialog.getByLabel('第 1 条的方式').selectOption('seconded');
  office.says('PUT /staff/s_dc_2', () =>
    Reply.problem(422, 'invalid', {
      errors: [{ field: 'bases[0].document', code: 'missing', message: '写明凭哪份文件：文号或文件名' }],
    }),
  );
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('写明凭哪份文件').waitFor();
  expect(await document_.getAttribute('aria-invalid')).toBe('true');
  await document_.scrollIntoViewIfNeeded();
  await look(page, 'staff-bases-form-1366');
  await page.setViewportSize({ width: 1440, height: 900 });
  await look(page, 'staff-bases-form');
  await document_.fill('云民函〔2026〕12号');
  // Another one, by keys alone.
  await dialog.getByRole('button', { name: '加一条依据' }).focus();
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('第 2 条的部门');
  await dialog.getByLabel('第 2 条的部门').selectOption('d1');
  await dialog.getByLabel('第 2 条凭哪份文件').fill('云民函〔2026〕13号');
  await dialog.getByLabel('第 2 条到哪天').fill('2027-12-31');
  office.says('PUT /staff/s_dc_2', () => office.filler.one('AccountView', 2));
  await page.keyboard.press('Control+Enter');
  await dialog.waitFor({ state: 'detached' });
  const body = office.askedFor('PUT /staff/s_dc_2').at(-1)?.body as { bases: object[] };
  expect(body.bases).toEqual([
    { department_id: 'd0', kind: 'seconded', document: '云民函〔2026〕12号', from: '2024-01-01', to: null },
    { department_id: 'd1', kind: 'seconded', document: '云民函〔2026〕13号', from: dayFrom(0), to: '2027-12-31' },
  ]);
  await leave(office);
});

it('an approver sees the own bases, and what ends soon on the button', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver']);
  const { page } = office;
  await page.locator('.sheet .mats li').first().waitFor();
  await page.getByRole('button', { name: '我的依据' }).waitFor();
  await page.locator('aside.o').getByText('还有 12 天').waitFor();
  await page.keyboard.press('Alt+y');
  const dialog = page.getByRole('dialog', { name: '我的审批依据' });
  await dialog.getByText('授权（白政发〔2023〕31号）').waitFor();
  await dialog.getByText('派驻（未登记文件）').waitFor();
  await look(page, 'staff-bases-own');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-bases-own-1366');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await leave(office);
});

it("the matter's own templates of opinions come first, those that deny in their place", { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver'], (opened) => {
    opened.says('GET /cases/c0/opinion-templates', () => ({
      items: [0, 1, 2].map((at) => opened.filler.one('OpinionTemplateView', at)),
      next_cursor: null,
    }));
  });
  const { page } = office;
  const opinion = page.locator('#opinion');
  await expect.poll(() => opinion.inputValue()).toBe('经审核，申请人符合条件，同意发放两项补贴。');
  await look(page, 'staff-opinions');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-opinions-1366');
  await page.keyboard.press('Alt+2');
  expect(await opinion.inputValue()).toBe('经审核，同意发放护理补贴。');
  await page.keyboard.press('Alt+3');
  expect(await opinion.inputValue()).toContain('材料齐全，同意');
  await page.keyboard.press('Alt+x');
  const dialog = page.getByRole('dialog', { name: '不予通过' });
  await dialog.getByRole('button', { name: '已领护理费' }).click();
  expect(await dialog.locator('#deny-text').inputValue()).toBe('经核查，申请人已领取护理费，不予通过。');
  await look(page, 'staff-opinions-deny');
  await leave(office);
});

it('the templates of a matter are written beside its steps', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/admin?tab=catalogue', ['admin'], (opened) => {
    const draft = () => ({
      ...opened.filler.one('DraftView', 0),
      matter_id: 'm0',
      revision: 4,
      newest_version: 3,
      step: 'editing',
      outdated: false,
      returned_text: null,
      effective_from: null,
      actions: ['save', 'submit'],
      line_id: 'l0',
      content: {
        ...blankContent(),
        name: '残疾人两项补贴',
        opinions: [{ name: '两项都符合', text: '经审核，同意发放两项补贴。', denies: false }],
      },
    });
    opened.says('GET /matters/m0', () => ({ ...opened.filler.one('MatterView', 0), claim: null }));
    opened.says('GET /matters/m0/draft', draft);
    opened.says('PUT /matters/m0/draft', () =>
      Reply.problem(422, 'invalid', { errors: [{ field: 'content.opinions[1].name', code: 'twice', message: '两条模板叫同一个名字' }] }),
    );
  });
  const { page } = office;
  await page.getByRole('button', { name: '改…' }).click();
  await page.locator('.part input').first().waitFor();
  await page.getByRole('button', { name: /审批步骤/ }).click();
  const part = page.getByRole('region', { name: '意见模板' });
  await part.getByRole('button', { name: '加一条模板' }).click();
  await part.getByLabel('第 2 条模板叫什么').fill('两项都符合');
  await part.getByLabel('第 2 条模板用在').selectOption({ label: '不予、不同意时' });
  await part.getByLabel('第 2 条模板的内容').fill('已领护理费，不予通过。');
  await page.keyboard.press('Control+s');
  await part.getByText('两条模板叫同一个名字').waitFor();
  await look(page, 'staff-opinions-editor');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-opinions-editor-1366');
  const body = office.askedFor('PUT /matters/m0/draft').at(-1)?.body as { content: { opinions: object[] } };
  expect(body.content.opinions[1]).toEqual({ name: '两项都符合', text: '已领护理费，不予通过。', denies: true });
  await leave(office);
});
