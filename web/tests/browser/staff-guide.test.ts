// The guide desk: from what somebody wants to the exact list of what he brings and his number, by keyboard.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Pages } from './pages';
import { matterToTake } from './staff/answers';
import { look } from './staff/look';
import { LAPTOP, Office } from './staff/office';

const TIME_MS = 60_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

it('the materials follow the answers, and the number comes with one key', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/guide-desk', ['guide'], (opened) =>
    opened.says('GET /matters/m0', () => {
      const made = matterToTake(opened.filler);
      const [one] = made.materials;
      const only = (id: string, name: string, situations: readonly string[]) => ({ ...one!, id, name, situation_ids: [...situations] });
      return {
        ...made,
        situations: [
          {
            question: '给谁办',
            many: false,
            options: [
              { id: 'o1', name: '给自己' },
              { id: 'o2', name: '给家里人' },
            ],
          },
        ],
        materials: [only('mt0', '居民身份证', []), only('mt1', '户口簿', ['o2']), only('mt2', '委托书', ['o2'])],
      };
    }),
  );
  const { page } = office;
  await page.locator('#main .side').waitFor();
  await page.getByRole('option').first().waitFor();
  let keys = 0;
  const press = async (key: string) => {
    keys += 1;
    await page.keyboard.press(key);
  };
  await page.getByRole('combobox').first().focus();
  await press('Enter');
  const list = page.locator('.bring li');
  await list.first().waitFor();
  expect(await list.allInnerTexts()).toHaveLength(1);
  await press('Alt+2');
  await expect.poll(() => list.count()).toBe(3);
  await page.getByText('要带 3 样').waitFor();
  await look(page, 'staff-guide-bring');
  await page.setViewportSize(LAPTOP);
  await look(page, 'staff-guide-bring-1366');
  await press('Control+Enter');
  await page.getByTestId('taken').waitFor();
  expect(office.askedFor('POST /sites/s0/tickets')[0]?.body).toMatchObject({ matter_ids: ['m0'] });
  // A key is well under a second; twenty seconds are for talking.
  expect(keys).toBe(3);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('who types fast gets what was typed, not the first of an older list', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/guide-desk', ['guide'], (opened) => {
    const all = [0, 1, 2].map((at) => opened.filler.one('MatterSummary', at) as { id: string; name: string });
    opened.says('GET /sites/s0/matters', async ({ query }) => {
      const asked = query.get('query') ?? '';
      // The list of what is typed now comes late.
      if (asked) await new Promise((resolve) => setTimeout(resolve, 300));
      return { items: all.filter(({ name }) => name.includes(asked)), next_cursor: null };
    });
    for (const one of all) opened.says(`GET /matters/${one.id}`, () => ({ ...opened.filler.one('MatterView', 0), ...one, situations: [] }));
  });
  const { page } = office;
  await page.getByRole('option').nth(2).waitFor();
  const field = page.getByRole('combobox').first();
  await field.fill('林木');
  await field.press('Enter');
  await page.locator('.picked li').first().waitFor();
  expect(await page.locator('.picked .one b').allInnerTexts()).toEqual(['林木采伐许可']);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
