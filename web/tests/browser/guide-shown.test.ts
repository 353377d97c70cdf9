// 图例版 and 视频版 of a guide, on a telephone and a desk's screen: pictures with their words, a film that begins when it
// is asked to, and what stands there when neither comes.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { picture, violations } from './look';
import { Pages, type Answers } from './pages';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1366, height: 768 };
const TIME_MS = 120_000;
const FILES = '/api/v1/matters/m/guide-files';
const site = { id: 's', kind: 'center', name: '白桦镇便民服务中心', phone: '0499-8000200', address: '白桦镇向阳路 8 号' };
const step = (name: string, title: string, text: string, alt: string) => ({
  icon: 'doc',
  title,
  text,
  alt,
  picture_url: `${FILES}/${name}`,
  small_url: `${FILES}/${name}/small`,
});
const matter = {
  id: 'm',
  name: '城乡居民基本养老保险参保登记',
  site_id: 's',
  applicant_kinds: ['person'],
  handling_forms: ['window'],
  situations: [],
  materials: [{ id: 'mt1', name: '居民身份证', kind: 'original', copies: 1 }],
  guide: '本人带身份证来，当场就能办。',
  pictures: [
    step('one', '带上身份证和户口本', '户口本带首页和本人那一页', '打开的户口本，旁边放着身份证'),
    step('two', '在取号机上取号', '点“社会保障”，不会用就问导办台', '取号机的屏幕，手指点着社会保障'),
    { icon: 'bell', title: '听叫号到窗口', text: '', alt: '', picture_url: null, small_url: null },
  ],
  video: { title: '两分钟看懂怎么参保', url: `${FILES}/film`, transcript: '先带上身份证和户口本。\n到大厅取号，等叫号。', is_here: true },
};
const answers: Answers = (path) => {
  if (path === '/matters/m') return matter;
  if (path === '/sites/s') return site;
  if (path === '/sites/s/lines' || path === '/sites/s/appointment-lines') return { items: [] };
  return undefined;
};

let pages: Pages;
let drawing: Buffer;
let film: Buffer;
beforeAll(async () => {
  pages = await Pages.open();
  const page = await pages.enter('/pad', { width: 1200, height: 800 }, () => undefined);
  await page.setContent(`<body style="margin:0;height:800px;background:linear-gradient(#e9e2d3,#cdbf9f);position:relative;font:600 44px sans-serif;overflow:hidden">
    <div style="position:absolute;left:90px;top:110px;width:560px;height:600px;background:#7a1f22;color:#e9c877;border-radius:14px;padding:90px 60px;box-sizing:border-box">居民户口簿</div>
    <div style="position:absolute;left:700px;top:330px;width:430px;height:270px;background:#eef5f7;border-radius:20px;padding:34px;box-sizing:border-box">样本 证件</div></body>`);
  drawing = await page.screenshot({ type: 'jpeg' });
  // A second of film, made by the browser that will play it.
  const bytes = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 360];
    const paper = canvas.getContext('2d')!;
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const over = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    for (let at = 0; at < 25; at += 1) {
      paper.fillStyle = '#0d5660';
      paper.fillRect(0, 0, 640, 360);
      paper.fillStyle = '#fff';
      paper.font = '600 48px sans-serif';
      paper.fillText('怎么参保', 210, 190);
      paper.fillRect(40, 300, at * 22, 8);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await over;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  });
  film = Buffer.from(bytes);
  await page.context().close();
}, TIME_MS);
afterAll(() => pages.close());

/** Opens the guide; the names of the files that were asked for. */
async function open(size: { width: number; height: number }, gone: readonly string[] = []): Promise<{ page: Page; asked: string[] }> {
  const asked: string[] = [];
  const page = await pages.enter('/guide/m', size, answers, {
    prepare: async (opened) => {
      await opened.route(`**${FILES}/**`, async (route) => {
        const name = new URL(route.request().url()).pathname.slice(FILES.length + 1);
        asked.push(name);
        if (gone.some((one) => name.startsWith(one))) return route.fulfill({ status: 404 });
        const isFilm = name === 'film';
        return route.fulfill({ body: isFilm ? film : drawing, contentType: isFilm ? 'video/webm' : 'image/jpeg' });
      });
    },
  });
  await page.locator('.editions').waitFor();
  return { page, asked };
}
const close = async (page: Page) => {
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
};
const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

for (const [name, size] of [
  ['390', PHONE],
  ['1366', DESK],
] as const) {
  it(`shows pictures with words, and a film, at ${name}`, { timeout: TIME_MS }, async () => {
    const { page, asked } = await open(size);
    expect(asked, 'who reads the words loads no picture').toEqual([]);
    await page.getByRole('button', { name: '看图' }).click();
    const first = page.getByRole('img', { name: '打开的户口本，旁边放着身份证' });
    await first.scrollIntoViewIfNeeded();
    await expect.poll(() => first.evaluate((one: HTMLImageElement) => one.complete && one.naturalWidth > 0)).toBe(true);
    expect(await page.locator('.shown li').allInnerTexts()).toEqual([
      expect.stringContaining('1. 带上身份证和户口本'),
      expect.stringContaining('2. 在取号机上取号'),
      expect.stringContaining('3. 听叫号到窗口'),
    ]);
    // A narrow column takes the smaller one.
    if (size === PHONE) expect(asked[0]).toBe('one/small');
    expect(await fits(page)).toBe(true);
    expect(await violations(page)).toEqual([]);
    await picture(page, `guide-pictures-${name}`, { fullPage: true });

    await page.getByRole('button', { name: '看视频' }).click();
    const video = page.locator('video');
    await video.waitFor();
    await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.readyState)).toBeGreaterThan(0);
    expect(await video.evaluate((one: HTMLVideoElement) => [one.autoplay, one.controls, one.paused])).toEqual([false, true, true]);
    expect(await page.locator('.transcript').innerText()).toContain('到大厅取号');
    await video.evaluate((one: HTMLVideoElement) => one.play());
    await expect.poll(() => video.evaluate((one: HTMLVideoElement) => one.currentTime)).toBeGreaterThan(0);
    expect(await fits(page)).toBe(true);
    expect(await violations(page)).toEqual([]);
    await picture(page, `guide-film-${name}`, { fullPage: true });
    await close(page);
  });
}

it('says what is on a picture and in a film that do not come', { timeout: TIME_MS }, async () => {
  const { page } = await open(PHONE, ['two', 'film']);
  await page.getByRole('button', { name: '看图' }).click();
  await page.locator('.shown li').nth(1).scrollIntoViewIfNeeded();
  await page.getByText('取号机的屏幕，手指点着社会保障').waitFor();
  await page.getByRole('button', { name: '看视频' }).click();
  await page.getByText('这里放不出来，请看下面的字').waitFor();
  expect(await page.locator('video').count()).toBe(0);
  expect(await page.locator('.transcript').innerText()).toContain('先带上身份证');
  expect(await violations(page)).toEqual([]);
  await picture(page, 'guide-film-lost', { fullPage: true });
  await close(page);
});
