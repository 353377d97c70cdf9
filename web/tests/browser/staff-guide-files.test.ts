// Pictures and film of a matter's guide in the editor of its draft: sent, put in order by keys, told what is on them,
// refused clearly; and the photo of a member of staff, cut square.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page, Route } from 'playwright-core';
import { blankContent } from '../../src/desk/admin/catalogue/content';
import { Pages } from './pages';
import { look } from './staff/look';
import { LAPTOP, Office, Reply } from './staff/office';

const TIME_MS = 120_000;
const hashOf = (at: number) => String(at).padStart(64, '0');
let pages: Pages;
let drawing: Buffer;
beforeAll(async () => {
  pages = await Pages.open();
  const page = await pages.enter('/pad', { width: 900, height: 600 }, () => undefined);
  await page.setContent(
    '<body style="margin:0;height:600px;background:linear-gradient(#e9e2d3,#cdbf9f)"><div style="margin:80px 120px;width:420px;height:420px;background:#7a1f22;border-radius:14px"></div></body>',
  );
  drawing = await page.screenshot({ type: 'jpeg' });
  await page.context().close();
}, TIME_MS);
afterAll(() => pages.close());

interface Editor {
  readonly office: Office;
  readonly page: Page;
  /** Bodies of what was sent, by route. */
  readonly sent: string[];
}
async function editor(): Promise<Editor> {
  const sent: string[] = [];
  let revision = 1;
  const office = await Office.enter(
    pages,
    '/admin?tab=catalogue',
    ['admin'],
    (opened) => {
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
        content: { ...blankContent(), name: '养老保险参保登记' },
      });
      opened.says('GET /matters/m0', () => ({ ...opened.filler.one('MatterView', 0), claim: null }));
      opened.says('GET /matters/m0/draft', draft);
      opened.says('PUT /matters/m0/draft', ({ body }) => {
        const { content } = body as { content: ReturnType<typeof blankContent> };
        const at = content.details.pictures.findIndex(({ file, alt }) => file !== null && alt === '');
        if (at >= 0) {
          const field = `content.details.pictures[${at}].alt`;
          return Reply.problem(422, 'invalid', { errors: [{ field, code: 'missing', message: '写一句图上有什么，看不见图的人听这一句' }] });
        }
        revision += 1;
        return { ...draft(), content };
      });
    },
    LAPTOP,
  );
  const { page } = office;
  let count = 0;
  const take = async (route: Route) => {
    const body = route.request().postDataBuffer()?.toString('latin1') ?? '';
    const path = new URL(route.request().url()).pathname;
    sent.push(path.split('/').at(-1) ?? '');
    if (body.includes('%PDF'))
      return route.fulfill({
        status: 422,
        json: {
          code: 'invalid',
          errors: [
            { field: 'file', code: 'unsupported_type', message: '只收 JPG、PNG、WebP 图片；这个文件是 PDF，请把那一页存成图片再传' },
          ],
        },
      });
    count += 1;
    return route.fulfill({
      status: 201,
      json: { file: hashOf(count), content_type: 'image/jpeg', size_bytes: 9, width: 1, height: 1, url: '' },
    });
  };
  await page.route(/\/matters\/m0\/guide-(pictures|films)$/, take);
  await page.route('**/draft/guide-files/**', (route) => route.fulfill({ body: drawing, contentType: 'image/jpeg' }));
  await page.getByRole('button', { name: '改…' }).click();
  await page.getByRole('navigation', { name: '哪一块' }).getByText('指南').click();
  return { office, page, sent };
}
const picked = (name: string, buffer = drawing) => ({ name, mimeType: 'image/jpeg', buffer });
const close = async (page: Page) => {
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
};

it('a writer sends pictures, says what is on them, and puts them in order by keys', { timeout: TIME_MS }, async () => {
  const { office, page, sent } = await editor();
  await page.getByRole('tab', { name: '图例版' }).click();
  await page.getByLabel('传图，一张一步').setInputFiles([picked('一.jpg'), picked('二.jpg')]);
  await page.locator('.steps img').nth(1).waitFor();
  expect(sent).toEqual(['guide-pictures', 'guide-pictures']);
  await page.getByLabel('第 1 步', { exact: true }).fill('带上户口本');
  await page.getByLabel('第 2 步', { exact: true }).fill('到大厅取号');
  await page.getByRole('button', { name: /存草稿/ }).click();
  // What is missing is told at its place.
  await page.getByText('写一句图上有什么').first().waitFor();
  await look(page, 'staff-guide-pictures-missing');
  await page
    .getByLabel(/图上有什么/)
    .nth(0)
    .fill('打开的户口本');
  await page
    .getByLabel(/图上有什么/)
    .nth(1)
    .fill('取号机的屏幕');
  // By keys: the second goes first, and the focus with it.
  await page.getByLabel('第 2 步', { exact: true }).focus();
  await page.keyboard.press('Alt+ArrowUp');
  expect(await page.getByLabel('第 1 步', { exact: true }).inputValue()).toBe('到大厅取号');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('step-0');
  await page.getByRole('button', { name: '第 1 步往后' }).click();
  expect(await page.getByLabel('第 1 步', { exact: true }).inputValue()).toBe('带上户口本');
  await page.getByRole('button', { name: '第 2 步往前' }).click();
  // And by the mouse, there and back.
  for (const title of ['带上户口本', '到大厅取号']) {
    await page.locator('.grip').nth(0).dragTo(page.locator('.steps li').nth(1));
    await expect.poll(() => page.getByLabel('第 1 步', { exact: true }).inputValue()).toBe(title);
  }
  await page.getByRole('button', { name: /加一步，用小图标/ }).click();
  await page.getByLabel('第 3 步', { exact: true }).fill('听叫号到窗口');
  await look(page, 'staff-guide-pictures');
  await page.getByRole('button', { name: /存草稿/ }).click();
  await page.getByText('草稿存好了').waitFor();
  const last = office.askedFor('PUT /matters/m0/draft').at(-1)?.body as { content: ReturnType<typeof blankContent> };
  expect(last.content.details.pictures.map(({ title, file, alt }) => [title, file, alt])).toEqual([
    ['到大厅取号', hashOf(2), '取号机的屏幕'],
    ['带上户口本', hashOf(1), '打开的户口本'],
    ['听叫号到窗口', null, ''],
  ]);
  await close(page);
});

it('a file that is no picture is refused in words, and the step stays', { timeout: TIME_MS }, async () => {
  const { page } = await editor();
  await page.getByRole('tab', { name: '图例版' }).click();
  await page.getByLabel('传图，一张一步').setInputFiles([picked('身份证.jpg', Buffer.from('%PDF-1.7'))]);
  await page.getByText('这个文件是 PDF').waitFor();
  await look(page, 'staff-guide-pictures-refused');
  await page.getByLabel('第 1 步传图').setInputFiles([picked('身份证.jpg')]);
  await page.locator('.steps img').waitFor();
  expect(await page.getByText('这个文件是 PDF').count()).toBe(0);
  await page.getByRole('button', { name: '去掉第 1 步' }).click();
  expect(await page.locator('.steps li').count()).toBe(0);
  await close(page);
});

it('a writer sends a film, and is told when a browser cannot play it', { timeout: TIME_MS }, async () => {
  const { page, sent } = await editor();
  await page.getByRole('tab', { name: '视频版' }).click();
  await page.getByLabel('传视频').setInputFiles([{ name: '怎么办.mp4', mimeType: 'video/mp4', buffer: Buffer.from('x') }]);
  await page.locator('video').waitFor();
  expect(sent).toEqual(['guide-films']);
  // What is answered here is no film.
  await page.getByText('这个浏览器放不出来').waitFor();
  await page.getByLabel(/片里说了什么/).fill('先带上身份证和户口本。');
  await look(page, 'staff-guide-film');
  await close(page);
});

it('a photo is cut square before it is sent, and taken away', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/password', ['clerk'], undefined, LAPTOP);
  const { page } = office;
  let photo: Buffer | null = null;
  await page.route('**/api/v1/staff/*/photo?*', (route) =>
    photo ? route.fulfill({ body: photo, contentType: 'image/jpeg' }) : route.fulfill({ status: 204 }),
  );
  await page.route('**/api/v1/staff/*/photo', (route) => {
    photo = route.request().postDataBuffer();
    return route.fulfill({ json: office.filler.one('AccountView', 0) });
  });
  await page.route('**/api/v1/staff/*/photo/remove', (route) => {
    photo = null;
    return route.fulfill({ json: office.filler.one('AccountView', 0) });
  });
  await page.getByText('放照片').waitFor();
  await page.locator('.photo input[type=file]').setInputFiles([picked('我.jpg')]);
  await page.getByRole('dialog').locator('canvas').waitFor();
  await page.getByLabel('放大').fill('1.5');
  await look(page, 'staff-photo-crop');
  await page.getByRole('button', { name: '用这张' }).click();
  await page.getByText('照片换好了').waitFor();
  const size = await page.evaluate(
    async (bytes) => {
      const shown = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }));
      return [shown.width, shown.height];
    },
    [...(photo as unknown as Buffer)],
  );
  expect(size).toEqual([400, 400]);
  await page.getByRole('img', { name: /的照片/ }).waitFor();
  await look(page, 'staff-photo');
  await page.getByRole('button', { name: '去掉照片' }).click();
  await page.getByText('照片去掉了').waitFor();
  // What is no picture is told before it is sent.
  await page.locator('.photo input[type=file]').setInputFiles([picked('坏.jpg', Buffer.from('GIF89a'))]);
  await page.getByText('照片打不开').waitFor();
  await close(page);
});
