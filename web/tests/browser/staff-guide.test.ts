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
  // Somebody wants no paper.
  await page.getByLabel('直接选队').selectOption({ index: 1 });
  await page.getByLabel('不打小票').check();
  await press('Control+Enter');
  await page.getByText('没打小票，把号念给他').waitFor();
  expect(office.askedFor('POST /sites/s0/tickets')[1]?.body).toMatchObject({ no_slip: true });
  expect(await page.getByLabel('不打小票').isChecked(), 'the next one gets a slip').toBe(false);
  await look(page, 'staff-guide-no-slip');
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

it('who asks and takes no number is noted, and what is owed stays until it is answered', { timeout: TIME_MS }, async () => {
  const office = await Office.enter(pages, '/guide-desk', ['guide'], (opened) => {
    const owed = { ...opened.filler.one('FirstContactView', 0), id: 'fc0', mine: true, actions: ['hand-over', 'reply', 'reveal'] };
    let items: unknown[] = [];
    opened.says('GET /sites/s0/first-contacts', () => ({ items, colleagues: [{ id: 'p7', name: '乌云其木格' }] }));
    opened.says('POST /sites/s0/first-contacts', ({ body }) => {
      items = [{ ...owed, about: (body as { about?: string }).about ?? null }];
      return items[0];
    });
    opened.says('POST /first-contacts/fc0/reveal', () => ({ name: '王小明', phone: '13800138000' }));
    opened.says('POST /first-contacts/fc0/hand-over', () => items[0]);
    opened.says('POST /first-contacts/fc0/reply', () => {
      items = [{ ...owed, ending: 'replied', ended_at: owed.at, text: '不用公证', actions: [] }];
      return items[0];
    });
  });
  const { page } = office;
  await page.locator('#main .side').waitFor();
  await page.keyboard.press('Alt+w');
  const panel = page.getByRole('region', { name: '首问登记' });
  await page.getByText('今天还没有只问事的').waitFor();
  await page.keyboard.type('孩子随父落户要不要先公证');
  await page.keyboard.press('Enter');
  await panel.getByText('等答复 1 条').waitFor();
  expect(office.askedFor('POST /sites/s0/first-contacts').at(-1)?.body).toEqual({ ending: 'answered', about: '孩子随父落户要不要先公证' });
  await panel.getByRole('radio', { name: '回头答复' }).click();
  await panel.getByLabel('怎么称呼').fill('王小明');
  await panel.getByLabel('电话', { exact: true }).fill('13800138000');
  await look(page, 'staff-guide-contact-owed');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => office.askedFor('POST /sites/s0/first-contacts').at(-1)?.body)
    .toEqual({ ending: 'owed', person: { kind: 'person', name: '王小明', phone: '13800138000' } });
  await panel.getByRole('button', { name: '看电话…' }).click();
  await page.getByRole('dialog', { name: '看全号' }).locator('#reveal-reason').fill('回电话');
  await page.keyboard.press('Enter');
  await panel.getByText('13800138000').waitFor();
  await panel.getByRole('button', { name: '转给…' }).click();
  const colleague = page.getByRole('dialog', { name: '转给同事' }).getByRole('button', { name: /乌云其木格/ });
  await colleague.waitFor();
  await look(page, 'staff-guide-contact-give');
  await colleague.click();
  await colleague.waitFor({ state: 'detached' });
  expect(office.askedFor('POST /first-contacts/fc0/hand-over').at(-1)?.body).toEqual({ staff_id: 'p7' });
  // Another panel in between, and what was typed is still there.
  await panel.getByLabel('问了什么').fill('几点下班');
  await page.keyboard.press('Alt+l');
  await page.keyboard.press('Alt+w');
  await expect.poll(() => panel.getByLabel('问了什么').inputValue()).toBe('几点下班');
  await panel.getByRole('button', { name: '答复了…' }).click();
  await page.getByRole('dialog', { name: '答复了' }).getByLabel('怎么答复的').fill('不用公证');
  await page.keyboard.press('Enter');
  await panel.getByText('答复了：不用公证').waitFor();
  expect(await panel.getByText('等答复').count()).toBe(0);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
