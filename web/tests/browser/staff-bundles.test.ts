// The editor of bundles (一件事) by keyboard: matters found and put in order, what several ask put together, what is wrong told at
// its place and gone once it is mended, and what people will see of it. With YICHUANG_PICTURES a picture of each part.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { BundleDraft, Matter } from '../../src/shared/contract';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';

const TIME_MS = 90_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const material = (id: string, name: string) => ({
  id,
  name,
  required: true,
  tolerable: false,
  originals: 1,
  copies: 1,
  situation_ids: [],
  keeping: 'collected',
  kind: 'licence',
});
const form = (name: string, title: string) => ({
  type: 'object',
  properties: { [name]: { type: 'string', title, maxLength: 40 } },
  required: [name],
});
/** Three matters: each asks for an identity card, two ask where somebody lives, under two names. */
const known = [
  { id: 'm0', name: '殡葬费用减免', department_name: '民政局', materials: ['身份证', '火化证明'], field: 'home' },
  { id: 'm1', name: '养老保险注销', department_name: '人社局', materials: ['身份证', '银行卡'], field: 'f_1' },
  { id: 'm2', name: '医保信息变更', department_name: '医保局', materials: ['身份证'], field: undefined },
].map(
  ({ materials, field, ...one }) =>
    ({
      ...one,
      site_id: 's0',
      case_kind: 'promised',
      promised_days: 10,
      statutory_days: 30,
      matter_type: '07',
      applicant_kinds: ['person'],
      conditions: [],
      situations: [],
      materials: materials.map((name, at) => material(`${one.id}-${at}`, name)),
      form_schema: field ? form(field, '家庭住址') : null,
    }) as unknown as Matter,
);

const draftOf = (body: { content: BundleDraft['content']; line_id?: string | null }): BundleDraft => ({
  bundle_id: 'b_dc_1',
  site_id: 's0',
  step: 'editing',
  revision: 1,
  base_version: 0,
  newest_version: 0,
  state: null,
  outdated: false,
  line_id: body.line_id ?? null,
  content: body.content,
  in_force: null,
  problems: [],
  writers: ['王晓明'],
  returned_text: null,
  submitted_by: null,
  actions: ['save', 'submit', 'discard'],
  history: [],
});

async function opened(): Promise<Office> {
  const office = await Office.enter(pages, '/admin?tab=catalogue', ['admin']);
  const { page } = office;
  await page.getByRole('tab', { name: '一件事' }).click();
  await page.locator('.bundles tbody tr').first().waitFor();
  for (const one of known) office.says(`GET /matters/${one.id}`, () => one);
  return office;
}
/** Where lists of matters are asked for, whatever the hall is called. */
function saysOfHall(office: Office, site: string): void {
  office.says(`GET /sites/${site}/matters`, () => ({ items: known, next_cursor: null }));
  office.says(`POST /sites/${site}/bundles`, ({ body }) => {
    const asked = body as { content: BundleDraft['content'] };
    if (asked.content.promised_days === 46) {
      const errors = [
        { field: 'content.promised_days', code: 'too_long', message: '最多 30 个工作日' },
        { field: 'content.matter_ids[1]', code: 'matter_gone', message: '这件事项现在不办' },
      ];
      return Reply.problem(422, 'invalid', { errors });
    }
    return draftOf(asked);
  });
}
async function part(page: Page, name: string): Promise<void> {
  await page.locator('.editor nav').getByRole('button', { name }).click();
}

it('lists the bundles at both sizes', { timeout: TIME_MS }, async () => {
  const { page } = await opened();
  await look(page, 'staff-bundles-list');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-bundles-list-1366');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('puts a bundle together', { timeout: TIME_MS }, async () => {
  const office = await opened();
  const { page } = office;
  const site = office.asked.find(({ path }) => path.endsWith('/bundle-drafts'))?.path.split('/')[2] ?? '';
  saysOfHall(office, site);
  await page.getByRole('button', { name: '新的一件事…' }).click();
  await page.getByLabel('名称').fill('老人走后三件事');
  await part(page, '哪几件');
  await page.getByLabel('找要放进来的事项').focus();
  for (let at = 0; at < known.length; at += 1) {
    await page.locator('.finder button:not(:disabled)').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('ol[aria-label=选好的事项] li').nth(at).waitFor();
  }
  await look(page, 'staff-bundle-members');
  await page.getByRole('button', { name: '养老保险注销往上' }).click();
  expect(await page.locator('ol[aria-label=选好的事项] li').first().innerText()).toContain('养老保险注销');

  await part(page, '共用材料');
  await page.getByText('名称一样的还有 1 份材料').waitFor();
  await page.getByRole('button', { name: '都合起来' }).click();
  await page.getByText('3 件事项共用').waitFor();
  await look(page, 'staff-bundle-materials');
  await part(page, '共用栏目');
  await page.getByRole('button', { name: '都合起来' }).click();
  await page.getByText('2 件事项共用').waitFor();
  await look(page, 'staff-bundle-form');

  await part(page, '基本');
  await page.getByLabel('联办几个工作日').fill('46');
  await page.keyboard.press('Control+s');
  await page.getByText('还有 2 处要改').waitFor();
  expect(await page.getByLabel('联办几个工作日').getAttribute('aria-invalid')).toBe('true');
  await page.getByText('最多 30 个工作日', { exact: true }).waitFor();
  await look(page, 'staff-bundle-wrong');
  await part(page, '哪几件');
  await page.locator('ol[aria-label=选好的事项] li').nth(1).getByText('这件事项现在不办').waitFor();
  await part(page, '基本');
  await page.getByLabel('联办几个工作日').fill('12');
  await page.keyboard.press('Control+s');
  await page.getByText('草稿存好了').waitFor();
  const [, sent] = office.askedFor(`POST /sites/${site}/bundles`);
  expect(sent?.body).toMatchObject({
    content: {
      name: '老人走后三件事',
      matter_ids: ['m1', 'm0', 'm2'],
      promised_days: 12,
      shared: [{ name: '身份证', material_ids: ['m1-0', 'm0-0', 'm2-0'] }],
      shared_fields: [
        {
          fields: [
            { matter_id: 'm1', name: 'f_1' },
            { matter_id: 'm0', name: 'home' },
          ],
        },
      ],
    },
  });

  await part(page, '预览');
  const told = await page.locator('.editor .part').innerText();
  expect(told).toContain('带一次材料 · 3 样');
  expect(told).toContain('几件都要');
  expect(await page.locator('.preview .sf').count()).toBe(1);
  await look(page, 'staff-bundle-preview');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-bundle-preview-1366');
  await part(page, '共用材料');
  await look(page, 'staff-bundle-materials-1366');

  // A matter that goes takes along what was shared with it alone.
  await part(page, '哪几件');
  await page.getByRole('button', { name: '拿掉殡葬费用减免' }).click();
  await part(page, '共用栏目');
  expect(await page.locator('.editor .part .box').count()).toBe(0);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
