// Charts of the staff pages: what is drawn, the same numbers as a table, words for who cannot see, the states, paper,
// high contrast; and that what draws comes only with a page that shows a chart.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { Figures } from '../../src/shared/contract';
import { Pages } from './pages';
import { picture, violations } from './look';
import { look } from './staff/look';
import { LAPTOP, Office } from './staff/office';
import { TODAY } from './words';

const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

type Group = Figures['hours'][number];
/** One group with waits of so many minutes. */
function group(issued: number, minutes: number | null): Omit<Group, 'hour'> {
  const lengths = (share: number) => ({ count: issued, ...(minutes === null ? {} : { average_s: minutes * 60 * share }) });
  const waiting = {
    count: minutes === null ? 0 : issued,
    average_s: minutes === null ? null : minutes * 60,
    p50_s: minutes === null ? null : minutes * 50,
    p90_s: minutes === null ? null : minutes * 105,
    max_s: minutes === null ? null : minutes * 130,
  };
  return {
    tickets_issued: issued,
    tickets_done: issued - 1,
    tickets_abandoned: 1,
    tickets_expired: 0,
    tickets_unserved: 0,
    tickets_not_back: 0,
    abandonment_share: issued ? 1 / issued : null,
    calls: issued,
    misses: 0,
    waiting,
    way: lengths(0.1),
    serving: lengths(0.6),
  };
}
/** 24 November is a Tuesday; the Tuesdays before waited less, and on one of them the hall was closed. */
function reportOf(made: Figures, from: string, to: string): Figures {
  const isToday = from === TODAY;
  const isClosed = from === '2026-11-10';
  const hours = (isToday ? [8, 9, 10] : [8, 9, 10, 11, 14, 15, 16]).map((hour, at) => ({
    hour,
    ...group(isToday ? 6 + at * 2 : 4 + at, isToday ? 4 + at * 9 : 3 + (at % 4) * 4),
  }));
  return {
    ...made,
    from,
    to,
    tickets_issued: isClosed ? 0 : 60,
    definitions: [
      { key: 'waiting', name: '等候', text: '从取号起，到叫到他为止。' },
      { key: 'issued', name: '取号', text: '这些天发出的号。' },
      { key: 'abandonment', name: '流失率', text: '没办成的除以结束的。' },
    ],
    hours: isClosed ? [] : hours,
    days: ['2026-11-19', '2026-11-20', '2026-11-23', '2026-11-24'].map((date, at) => ({ date, ...group(20 + at, 8 + at * 5) })),
  };
}
async function enter(path: string, roles: readonly string[], visit: Office['visit'] = 'serving'): Promise<Office> {
  const office = await Office.enter(pages, path, roles, (opened) => {
    opened.visit = visit;
    opened.says('GET /sites/s0/figures', ({ query }) =>
      opened.mood === 'full' ? reportOf(opened.filler.one('FiguresView'), query.get('from') ?? TODAY, query.get('to') ?? TODAY) : undefined,
    );
  });
  await office.page.locator('.page #main').waitFor();
  return office;
}
const chart = (page: Page, title: string) => page.getByRole('figure', { name: title, exact: true });
/** The texts of a picture, as somebody sees them. */
const written = (page: Page, title: string) => chart(page, title).locator('svg text').allTextContents();
const tableOf = (page: Page, title: string) =>
  chart(page, title)
    .locator('tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((one) => (one as HTMLElement).innerText)));

it('today against the same weekday of the last weeks', { timeout: TIME_MS }, async () => {
  const office = await enter('/hall', ['supervisor']);
  const { page } = office;
  await chart(page, '平均等待（分钟）').locator('svg text').first().waitFor();
  await office.settled();
  const asked = office.asked.filter(({ path }) => path === '/sites/s0/figures').map(({ query }) => query.get('from'));
  expect(new Set(asked)).toEqual(new Set([TODAY, '2026-11-17', '2026-11-10', '2026-11-03', '2026-10-27']));
  // The goal's line has its words; the end of today's line its value.
  expect(await written(page, '平均等待（分钟）')).toEqual(expect.arrayContaining(['目标 20 分钟', '22:00', '8:00', '16:00']));
  await page.getByText('只有 3 天开门').waitFor();
  const words = await chart(page, '平均等待（分钟）').getByRole('img').getAttribute('aria-label');
  expect(words).toContain('今天：最高 22:00（10:00），最低 4:00（8:00）');
  await look(page, 'staff-charts-hall');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-charts-hall-1366');
  // The same as a table, with each of the days; after now there is nothing of today.
  await page.getByRole('button', { name: '平均等待（分钟）：看表格' }).click();
  const waits = await tableOf(page, '平均等待（分钟）');
  expect(waits[0]).toEqual(['钟点', '今天', '前 4 个星期二', '11月17日', '11月3日', '10月27日', '目标']);
  expect(waits[3]).toEqual(['10:00', '22:00', '11:00', '11:00', '11:00', '11:00', '20:00']);
  expect(waits.at(-1)).toEqual(['16:00', '—', '11:00', '11:00', '11:00', '11:00', '20:00']);
  await picture(page, 'staff-charts-hall-table-1366');
  // Who comes in an hour: the hour that goes on is not told, it would seem to fall.
  await page.getByRole('button', { name: '人数' }).click();
  const visits = await tableOf(page, '每小时来的人');
  expect(visits.slice(1, 4).map((row) => row.slice(0, 3))).toEqual([
    ['8:00', '6', '4'],
    ['9:00', '8', '5'],
    ['10:00', '—', '6'],
  ]);
  await page.getByRole('button', { name: '每小时来的人怎么算' }).click();
  await page.getByText('没开门的不算').waitFor();
  // The devices stand behind what needs somebody.
  await page.getByRole('tab', { name: /^设备/ }).click();
  await page.locator('.dev li').first().waitFor();
  await look(page, 'staff-charts-hall-devices-1366');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('a chart without its numbers says why, and comes by itself', { timeout: TIME_MS }, async () => {
  const office = await enter('/hall', ['supervisor']);
  const { page } = office;
  await chart(page, '平均等待（分钟）').locator('svg text').first().waitFor();
  office.says('GET /sites/s0/figures', () => undefined);
  office.become('fault');
  await office.later(15_000);
  await chart(page, '平均等待（分钟）').getByText('没读到').waitFor();
  // Nobody came today: the weeks before stand there alone. A hall that opened today has nothing.
  office.become('bare');
  await office.later(15_000);
  const image = chart(page, '平均等待（分钟）').getByRole('img');
  await expect.poll(() => image.getAttribute('aria-label')).toContain('今天：没有数');
  await office.go('/demo');
  await page.getByText('组件与状态').waitFor();
  await office.go('/hall');
  await chart(page, '平均等待（分钟）').getByText('今天有人取号，这里马上出现').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.context().close();
});

it('hours and days of the report: waits with the goal, and who gave up', { timeout: TIME_MS }, async () => {
  const office = await enter('/figures', ['supervisor']);
  const { page } = office;
  await page.locator('.main table').first().waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const hours = page.getByRole('region', { name: '按钟点' });
  await hours.locator('svg text').first().waitFor();
  await office.settled();
  const texts = await hours.locator('svg text').allTextContents();
  expect(texts).toEqual(expect.arrayContaining(['8:00', '9:00', '10:00', '目标 20 分钟']));
  await look(page, 'staff-charts-figures');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-charts-figures-1366');
  // High contrast while one looks: the picture follows.
  const strokes = () => hours.locator('svg path[stroke]').evaluateAll((all) => all.map((one) => one.getAttribute('stroke')));
  const before = await strokes();
  await page.evaluate(() => (document.documentElement.dataset.contrast = 'high'));
  await expect.poll(strokes).not.toEqual(before);
  await look(page, 'staff-charts-figures-contrast-1366');
  await page.evaluate(() => (document.documentElement.dataset.contrast = ''));
  await hours.getByRole('button', { name: '等候：看表格' }).click();
  expect(await hours.getByRole('region', { name: '等候的表格' }).locator('tr').first().innerText()).toMatch(
    /钟点\s+平均\s+中位数\s+九成\s+目标/,
  );
  await picture(page, 'staff-charts-figures-table-1366');
  await hours.getByRole('button', { name: '等候：看图' }).click();
  // Paper shows hours and days, the pictures as wide as it is.
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 1040, height: 900 });
  await picture(page, 'staff-charts-figures-print');
  const widths = await page
    .locator('.charts svg')
    .evaluateAll((all) => all.map((one) => [one.clientWidth, one.parentElement?.clientWidth] as const));
  // Those of the buttons are not on paper.
  const drawn = widths.filter(([own]) => own > 0);
  expect(drawn).toHaveLength(4);
  for (const [own, room] of drawn) expect(Math.abs((own ?? 0) - (room ?? -9))).toBeLessThan(2);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('sites of the district against the goal of each', { timeout: TIME_MS }, async () => {
  const office = await enter('/district?tab=figures', ['district']);
  const { page } = office;
  await page.locator('.main tbody tr').first().waitFor();
  await page.getByRole('button', { name: '各场所：看图' }).click();
  const figure = chart(page, '各场所的平均等候');
  await figure.locator('svg text').first().waitFor();
  await office.settled();
  expect((await figure.locator('svg text').allTextContents()).filter((text) => text.endsWith('没到')).length).toBeGreaterThan(0);
  await look(page, 'staff-charts-district');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-charts-district-1366');
  await page.keyboard.press('Escape');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('ratings of the windows: table and picture side by side', { timeout: TIME_MS }, async () => {
  const office = await enter('/evaluations', ['supervisor']);
  const { page } = office;
  await page.keyboard.press('3');
  await page.locator('.rates tbody tr').first().waitFor();
  await chart(page, '近 30 天的评价').locator('svg text').first().waitFor();
  await office.settled();
  await look(page, 'staff-charts-rates');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-charts-rates-1366');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('what draws comes with a chart and not before; where it does not come the table stands there', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/it', ['it', 'supervisor', 'admin']);
  const { page } = office;
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.locator('.page #main').waitFor();
  await office.settled();
  expect(loaded.filter((url) => /echarts|zrender|chart-engine/.test(url))).toEqual([]);
  await page.route(/chart-engine/, (route) => route.abort());
  office.says('GET /sites/s0/figures', () => reportOf(office.filler.one('FiguresView'), TODAY, TODAY));
  await office.go('/hall');
  await page.getByText('图没打开，先看表格').waitFor();
  expect((await tableOf(page, '平均等待（分钟）'))[1]?.slice(0, 2)).toEqual(['8:00', '4:00']);
  await page.context().close();
});
