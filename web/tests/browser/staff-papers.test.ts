// The texts of papers beside their samples, and the seals that stand on them: written, refused with every fault at its
// text, taken back from an earlier version; by mouse and by keyboard.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PaperSeal, PaperTemplate } from '../../src/shared/contract';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';
import { ago, TODAY } from './words';

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

const place = (name: string, about: string, sample: string, required: boolean) => ({ name, about, sample, required });
const text = (name: string, label: string, words: string, more: object = {}) => ({
  name,
  label,
  text: words,
  default_text: words,
  required: true,
  chars_max: 400,
  must_say: [],
  places: [place('site', '中心名称', '白桦镇便民服务中心', false)],
  ...more,
});
const remedies =
  '如不服本决定，可以自收到本文书之日起{review_term}内依法申请行政复议，也可以自收到本文书之日起{suit_term}内依法向人民法院提起行政诉讼。';
const refusal: PaperTemplate = {
  name: 'refusal',
  title: '不予受理通知书',
  speaker: 'department',
  sealed: true,
  own: true,
  from_site: null,
  version: 3,
  texts: [
    text('issuer', '发文单位（抬头和落款）', '白桦区{department}', {
      default_text: '{department}',
      chars_max: 30,
      places: [place('department', '承办部门', '区林业和草原局', true)],
    }),
    text('opening', '开头', '你（单位）申请办理的“{matter}”，经审查，{ground}，决定不予受理。', {
      must_say: ['不予受理：“不予受理”'],
      places: [place('matter', '事项名称', '林木采伐许可证核发', true), place('ground', '不予受理的情形', '不属于本机关职权范围', true)],
    }),
    text('remedies', '救济途径', remedies, {
      must_say: ['可以申请行政复议（行政许可法第三十八条）：“行政复议”', '可以提起行政诉讼（行政许可法第三十八条）：“行政诉讼”'],
      places: [
        place('review_term', '复议期限，行政复议法第二十条', '六十日', true),
        place('suit_term', '起诉期限，行政诉讼法第四十六条', '六个月', true),
      ],
    }),
    text('note', '结尾的说明', '', { required: false, chars_max: 300 }),
    text('contact', '联系方式', '', { required: false, chars_max: 120 }),
  ],
  versions: [
    { version: 3, state: 'planned', from: '2026-12-01', texts: { issuer: '白桦区{department}' }, at: ago(30), by_name: '斯琴高娃' },
    { version: 2, state: 'in_force', from: '2026-11-02', texts: { issuer: '白桦区{department}' }, at: ago(30_000), by_name: '斯琴高娃' },
    { version: 1, state: 'past', from: '2026-10-08', texts: { contact: '咨询电话：0470-6661234' }, at: ago(60_000), by_name: '王建国' },
  ],
  samples: [],
};
const decision: PaperTemplate = {
  ...refusal,
  name: 'decision',
  title: '准予、不予决定书',
  own: false,
  version: 0,
  versions: [],
  texts: [
    text('opening_granted', '开头（准予）', '你（单位）申请办理的“{matter}”，决定准予。'),
    text('opening_denied', '开头（不予）', '你（单位）申请办理的“{matter}”，决定不予通过。'),
    text('remedies', '救济途径', remedies),
  ],
  samples: [
    { name: 'opening_granted', title: '准予' },
    { name: 'opening_denied', title: '不予' },
  ],
};
const receipt: PaperTemplate = { ...refusal, name: 'receipt', title: '材料接收凭证', speaker: 'centre', own: false, from_site: 's1' };
const seal: PaperSeal = {
  id: 'x0',
  department_id: null,
  owner_name: '白桦镇便民服务中心',
  state: 'in_force',
  size_mm: 42,
  papers: ['receipt'],
  from: '2026-11-01',
  to: null,
  sha256: 'ab',
  added_at: ago(20_000),
  added_by_name: '斯琴高娃',
  removed_at: null,
  removed_by_name: null,
  picture_url: '/api/v1/sites/s0/paper-seals/x0/picture',
};
const PREVIEW = (name: string) => `POST /sites/s0/paper-templates/${name}/preview`;

async function enter(roles: readonly string[] = ['admin']): Promise<Office> {
  return Office.enter(pages, '/admin?tab=papers', roles, (office) => {
    office.says('GET /sites/s0/paper-templates', () => ({ items: [refusal, decision, receipt], next_cursor: null }));
    office.says('GET /sites/s0/paper-seals', () => ({ items: [seal], next_cursor: null }));
  });
}

it('texts of a paper are written as a version, and every fault stands at its text', { timeout: TIME_MS }, async () => {
  const office = await enter();
  const { page } = office;
  const remedy = page.locator('[data-field=remedies]');
  await remedy.waitFor();
  await office.later(700);
  await page.locator('iframe[title="不予受理通知书的样张"]').waitFor();
  expect(office.askedFor(PREVIEW('refusal')).at(-1)?.body).toMatchObject({ texts: { remedies }, sample: null });
  await remedy.click();
  await page.getByText('可以申请行政复议（行政许可法第三十八条）').waitFor();
  await look(page, 'staff-admin-papers');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-admin-papers-1366');

  office.says(PREVIEW('refusal'), () =>
    Reply.problem(422, 'invalid', {
      errors: [
        { field: 'texts.remedies', code: 'missing_place', message: '少了 {suit_term}（起诉期限，行政诉讼法第四十六条）' },
        { field: 'texts.contact', code: 'no_glyph', message: '文书的字体里没有“☎”，印不出来' },
      ],
    }),
  );
  await remedy.fill('不服的可以申请行政复议，\n期限{review_term}');
  expect(await remedy.inputValue()).toBe('不服的可以申请行政复议，期限{review_term}');
  await office.later(700);
  await page.getByText('少了 {suit_term}').waitFor();
  await page.getByText('印不出来').waitFor();
  expect(await page.getByRole('button', { name: '保存' }).isDisabled()).toBe(true);
  await page.getByLabel('和默认的比').check();
  await page.getByText('默认：').first().waitFor();
  await look(page, 'staff-admin-papers-wrong');

  // A place goes in where the cursor stands; the key saves, from the day that was chosen.
  office.says(PREVIEW('refusal'), () => undefined);
  await remedy.focus();
  await page.keyboard.press('Control+End');
  await page.getByRole('button', { name: '起诉期限' }).click();
  expect(await remedy.inputValue()).toBe('不服的可以申请行政复议，期限{review_term}{suit_term}');
  await office.later(700);
  await expect.poll(() => page.getByRole('button', { name: '保存' }).isEnabled()).toBe(true);
  await page.getByLabel('从哪天起用').fill('2026-12-05');
  office.says('PUT /sites/s0/paper-templates/refusal', () => ({ ...refusal, version: 4 }));
  await remedy.press('Control+s');
  await page.getByText('定好了，2026-12-05 起用').waitFor();
  const [sent] = office.askedFor('PUT /sites/s0/paper-templates/refusal');
  expect(sent?.body).toMatchObject({ version: 3, from: '2026-12-05', texts: { issuer: '白桦区{department}' } });

  // An earlier version is a place to begin from: whole, with the house's words where it had none of its own.
  await page.getByRole('listitem').filter({ hasText: '第 1 版' }).getByRole('button', { name: '照这一版改' }).click();
  expect(await page.getByLabel('联系方式').inputValue()).toBe('咨询电话：0470-6661234');
  expect(await page.getByLabel('发文单位').inputValue()).toBe('{department}');
  office.says('POST /sites/s0/paper-templates/refusal/reset', () => ({ ...refusal, own: false, version: 5 }));
  await page.getByRole('button', { name: '恢复成上一级的' }).click();
  await page.getByText('系统默认').first().waitFor();
  await leave(office);
});

it('a text that only one sample shows brings that sample', { timeout: TIME_MS }, async () => {
  const office = await enter(['district']);
  const { page } = office;
  await page.getByRole('button', { name: '准予、不予决定书' }).click();
  expect(await page.getByRole('button', { name: '印章' }).count(), 'seals are for administrators').toBe(0);
  await page.getByRole('radio', { name: '准予', checked: true }).waitFor();
  await page.getByLabel('开头（不予）').focus();
  await page.getByRole('radio', { name: '不予', checked: true }).waitFor();
  await office.later(700);
  await expect.poll(() => (office.askedFor(PREVIEW('decision')).at(-1)?.body as { sample: string }).sample).toBe('opening_denied');
  await look(page, 'staff-admin-papers-decision');
  await leave(office);
});

it('a seal is handed in with everything that is wrong at its field, and taken away', { timeout: TIME_MS }, async () => {
  const office = await enter();
  const { page } = office;
  await page.getByRole('button', { name: '印章' }).click();
  await page.getByText('42 毫米').waitFor();
  await look(page, 'staff-admin-seals');
  await page.getByRole('button', { name: '上传印章…' }).click();
  const dialog = page.getByRole('dialog', { name: '上传印章' });
  expect(await dialog.getByLabel('材料接收凭证').isChecked()).toBe(true);
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mM8c+bMfwAGgAL+3vYkWQAAAABJRU5ErkJggg==', 'base64');
  await dialog.getByLabel('图片').setInputFiles({ name: '公章.png', mimeType: 'image/png', buffer: png });
  await dialog.getByAltText('印章').waitFor();
  office.says('POST /sites/s0/paper-seals', () =>
    Reply.problem(422, 'invalid', {
      errors: [
        { field: 'picture', code: 'too_small', message: '图片只有 1×1 像素，每边至少 300 像素' },
        { field: 'papers', code: 'overlaps', message: '这些文书里有的在这段时间已经有章了，先停用原来的，或者改日期、改文书' },
      ],
    }),
  );
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('图片只有 1×1 像素').waitFor();
  await dialog.getByText('已经有章了').waitFor();
  await look(page, 'staff-admin-seal-new');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-admin-seal-new-1366');
  const [sent] = office.askedFor('POST /sites/s0/paper-seals');
  expect(sent?.body).toMatchObject({
    department_id: null,
    size_mm: 42,
    from: TODAY,
    to: null,
    papers: ['receipt'],
    picture: png.toString('base64'),
  });
  office.says('POST /sites/s0/paper-seals', () => ({ ...seal, id: 'x1' }));
  await page.keyboard.press('Control+Enter');
  await page.getByText('印章收好了').waitFor();
  await page.getByRole('button', { name: '停用…' }).click();
  office.says('POST /sites/s0/paper-seals/x0/remove', () => ({ ...seal, state: 'removed' }));
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await page.getByText('停用了，以后出的文书不再盖').waitFor();
  await leave(office);
});
