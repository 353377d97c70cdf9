// What happens to somebody in the middle of a wish: the session ends, the line is cut, and the wish is told again.
import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import type { Office } from './office';

export const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
/** The name and the password again, by keyboard, in the dialog over the page. */
export async function signInAgain(page: Page): Promise<void> {
  await page.getByRole('dialog', { name: '登录已过期，填的都在' }).waitFor();
  await page.keyboard.type('clerk1');
  await press(page, 'Tab');
  await page.keyboard.type('demo-clerk1');
  await press(page, 'Enter');
  await page.getByRole('dialog', { name: '登录已过期，填的都在' }).waitFor({ state: 'detached' });
}
/** The tries of a step: the same wish each time. */
export function oneWish(office: Office, way: string, tries: number): void {
  const asked = office.askedFor(way);
  expect(asked.length).toBe(tries);
  expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
  expect(new Set(asked.map(({ body }) => JSON.stringify(body))).size).toBe(1);
}
/** The line is cut for one press of a key: all tries of it fail. */
export async function cutFor(office: Office, key: string): Promise<void> {
  office.become('cut');
  await press(office.page, key);
  for (const wait of [350, 950, 2_050]) {
    await office.settled();
    await office.later(wait);
  }
  await office.settled();
}
