// A view of the staff in every state that a walk through a working hall does not come by: full of long texts and rare
// signs, bare, still reading, broken, cut off, not for this post. Each says what there is to know and the next step, fits
// the screens that are there, and axe is content.
import { expect } from 'vitest';
import { picture, violations } from '../look';
import type { Pages } from '../pages';
import { look, misfits } from './look';
import { DESK, LAPTOP, Office } from './office';
import type { View } from './views';

/** Away to a page that asks nothing, and back to the one that is looked at, in the mood that the service is in. */
async function comeBack(office: Office, view: View): Promise<void> {
  await office.go('/password');
  await office.page.locator('#password-new').waitFor();
  await office.go(view.path);
  await office.page.locator('.page #main').waitFor();
  await office.settled();
  for (const key of view.keys ?? []) await office.page.keyboard.press(key);
}
const alerts = (office: Office) => office.page.locator('#main [role=alert]:visible, .strip.d[role=alert]:visible');
const busySigns = '#main .sk:visible, #main [aria-busy=true]:visible';

/** One view in every state, in one page: the service changes its mood and the view is left and entered anew. */
export async function proveStates(pages: Pages, name: string, view: View): Promise<void> {
  const office = await Office.enter(pages, view.path, view.roles, (opened) => (opened.visit = view.visit ?? 'away'));
  const { page } = office;
  await page.locator('.page #main').waitFor();
  await office.settled();
  for (const key of view.keys ?? []) await page.keyboard.press(key);

  // Full: everything that the service may tell, at both sizes.
  await page.locator(view.ready).first().waitFor();
  await view.act?.(page);
  await office.settled();
  await look(page, `staff-${name}-full`);
  await page.setViewportSize(LAPTOP);
  await look(page, `staff-${name}-full-1366`, false);
  await page.setViewportSize(DESK);

  // Cut off while one looks at it: what was read stays, and where the page follows something it says since when.
  office.become('cut');
  for (const wait of [61_000, 400, 1_000, 2_100, 400]) {
    await office.later(wait);
    await office.settled();
  }
  expect.soft(await page.locator(view.ready).count(), `${name}: what was read stays`).toBeGreaterThan(0);
  if (view.live) expect.soft(await alerts(office).count(), `${name}: says that it is cut off`).toBeGreaterThan(0);
  await look(page, `staff-${name}-cut`, false);

  if (!view.always) await proveBare(office, name, view);

  // Still reading: something says so.
  office.become('waiting');
  await comeBack(office, view);
  await office.later(400);
  // Grey bars come after a moment; their words are there at once.
  expect.soft((await page.locator('#main').textContent())?.trim(), `${name}: not an empty page`).not.toBe('');
  await picture(page, `staff-${name}-waiting`);
  expect.soft(await violations(page), `${name}, reading: what axe finds`).toEqual([]);

  // Broken: what happened, a number to report, and once more leads to the page.
  office.become('fault');
  await comeBack(office, view);
  await office.settled();
  await alerts(office).first().waitFor();
  await look(page, `staff-${name}-fault`);
  office.become('full');
  if (view.live) await office.later(61_000);
  else await page.locator('#main [role=alert] button').first().click();
  await page.locator(view.ready).first().waitFor();

  // Not for this post.
  office.become('barred');
  await comeBack(office, view);
  await office.settled();
  await picture(page, `staff-${name}-barred`);
  expect.soft(await misfits(page), `${name}, barred: what does not fit`).toEqual([]);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
}

/** Nothing there: no spinner, and words for what will come. */
async function proveBare(office: Office, name: string, view: View): Promise<void> {
  const { page } = office;
  office.become('bare');
  await comeBack(office, view);
  await office.settled();
  await page
    .locator(view.bare ? `text=${view.bare}` : '#main :is(.state, .empty, input, textarea, .figures, .kp, dl)')
    .first()
    .waitFor();
  expect.soft(await page.locator(busySigns).count(), `${name}: nothing turns for ever`).toBe(0);
  await look(page, `staff-${name}-bare`);
}
