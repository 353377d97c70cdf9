// Files at the desk and at the approver's: two side by side, and pictures by the desk's camera with their edges.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { Pages } from './pages';
import { picture } from './look';
import { look } from './staff/look';
import { matterToTake } from './staff/answers';
import { LAPTOP, Office } from './staff/office';

const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const styleOf = (page: Page, region: string) => page.getByRole('region', { name: region }).locator('img').getAttribute('style');

it('an approver lays two files side by side, zooms both, turns one, chooses the second', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/approve', ['approver'], undefined, LAPTOP);
  const { page } = office;
  await page.locator('.sheet').waitFor();
  await page.keyboard.press('v');
  await page.getByRole('region', { name: '内容' }).locator('img').waitFor();
  await page.getByRole('button', { name: /对比/ }).locator('kbd').getByText('C').waitFor();
  await page.keyboard.press('c');
  await page.getByRole('region', { name: '右边的内容' }).locator('img').waitFor();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.keyboard.press('r');
  // The right one has the keys: it turned, both grew.
  expect(await styleOf(page, '左边的内容')).toContain('rotate(0deg); --zoom: 1.5');
  expect(await styleOf(page, '右边的内容')).toContain('rotate(90deg); --zoom: 1.5');
  await look(page, 'staff-files-compare-1366');
  // They show the same part.
  await page.addStyleTag({ content: '.paper img { min-width: 3000px !important; min-height: 3000px !important; }' });
  await page.getByRole('region', { name: '左边的内容' }).evaluate((one) => (one.scrollTop = (one.scrollHeight - one.clientHeight) / 2));
  await expect
    .poll(() => page.getByRole('region', { name: '右边的内容' }).evaluate((one) => one.scrollTop / (one.scrollHeight - one.clientHeight)))
    .toBeCloseTo(0.5, 1);
  // Another second one, by the list and by arrows; Esc takes it away first, then leaves.
  const options = await page.getByLabel('和哪一份比').locator('option').count();
  expect(options).toBeGreaterThan(1);
  await page.getByLabel('和哪一份比').selectOption({ index: options - 1 });
  await page.getByRole('region', { name: '右边的内容' }).locator('img').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: '右边的内容' }).waitFor({ state: 'detached' });
  await page.getByRole('region', { name: '内容' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.sheet').waitFor();
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

/** A clerk whose matter is chosen: its materials are to come in. */
async function atDesk(): Promise<Office> {
  const office = await Office.enter(
    pages,
    '/desk',
    ['clerk'],
    (opened) => {
      opened.visit = 'serving';
      opened.says('GET /matters/m0', () => matterToTake(opened.filler));
      opened.says('GET /sites/s0/bundles', () => ({ items: [] }));
    },
    LAPTOP,
  );
  office.page.setDefaultTimeout(60_000);
  await office.page.getByRole('option').first().waitFor();
  await office.page.getByRole('combobox').press('Enter');
  await office.page.locator('.m li').first().waitFor();
  return office;
}

it('a clerk shoots a material several times, cropped and turned by keyboard and mouse', { timeout: TIME_MS }, async () => {
  const { page } = await atDesk();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('Alt+c');
  const dialog = page.getByRole('dialog', { name: /^拍“/ });
  const left = dialog.getByRole('slider', { name: '裁切的左边' });
  await left.waitFor();
  await picture(page, 'staff-files-capture-1366');
  // By keyboard: a hundredth a press, five with Shift.
  await left.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
  expect(await left.getAttribute('aria-valuenow')).toBe('7');
  // By mouse: the bottom edge to the middle.
  const bottom = dialog.getByRole('slider', { name: '裁切的下边' });
  const from = await bottom.boundingBox();
  const stage = await dialog.locator('.stage').boundingBox();
  if (!from || !stage) throw new Error('nothing to drag');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(stage.x + stage.width / 2, stage.y + stage.height / 2, { steps: 4 });
  await page.mouse.up();
  expect(Number(await bottom.getAttribute('aria-valuenow'))).toBeCloseTo(50, -0.5);
  await page.keyboard.press('Alt+c');
  await dialog.getByText('拍了 1 张').waitFor();
  // Turned, the edges turn along.
  await page.keyboard.press('r');
  expect(await dialog.getByRole('slider', { name: '裁切的上边' }).getAttribute('aria-valuenow')).toBe('7');
  await page.keyboard.press('Alt+c');
  await dialog.getByText('拍了 2 张').waitFor();
  await look(page, 'staff-files-captured-1366');
  const sizes = await dialog
    .locator('.pic img')
    .evaluateAll((all) => (all as HTMLImageElement[]).map((one) => one.naturalWidth / one.naturalHeight));
  expect(sizes).toHaveLength(2);
  // The first is broad, the second is the same turned.
  expect(sizes[0]).toBeGreaterThan(1);
  expect((sizes[0] ?? 0) * (sizes[1] ?? 0)).toBeCloseTo(1, 1);
  // Another camera is remembered.
  const chooser = dialog.getByLabel('用哪个摄像头');
  const second = await chooser.locator('option').nth(1).getAttribute('value');
  await chooser.selectOption(second);
  await expect.poll(() => page.evaluate(() => localStorage.getItem('yichuang.camera'))).toBe(second);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await page.locator('.m li').first().locator('.pic').count()).toBeGreaterThanOrEqual(2);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('where there is no camera the way out is a file', { timeout: TIME_MS }, async () => {
  const { page } = await atDesk();
  await page.evaluate(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }));
  await page.getByRole('button', { name: /^拍“/ }).first().click();
  const dialog = page.getByRole('dialog', { name: /^拍“/ });
  await dialog.getByText('这个地址不能用摄像头').waitFor();
  await look(page, 'staff-files-no-camera-1366');
  const chooser = page.waitForEvent('filechooser');
  await dialog.locator('button.btn', { hasText: '选文件' }).click();
  await (await chooser).setFiles({ name: 'hukou.jpg', mimeType: 'image/jpeg', buffer: Buffer.from([255, 216, 255, 217]) });
  await page.keyboard.press('Escape');
  await page.locator('.m li').first().locator('.pic').first().waitFor();
  await page.context().close();
});
