// Signing in on a phone: with the identity platform where there is one, with the code alone where there is none; and what
// is said when the platform sent somebody back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { picture, violations } from './look';
import { Pages } from './pages';

const TIME_MS = 90_000;
const PHONE = { width: 390, height: 844 };
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const enter = (path: string, label: string | null | undefined) =>
  pages.enter(path, PHONE, (asked) => (asked === '/citizens/identity' && label !== undefined ? { label } : undefined), {
    prepare: async (page) => {
      const signedOut = { status: 401, json: { code: 'not_signed_in' } };
      await page.route('**/api/v1/citizens/sessions/current', (route) => route.fulfill(signedOut));
    },
  });

it('offers the platform beside the code, and comes back to the same page', { timeout: TIME_MS }, async () => {
  const page = await enter('/apply?sign_in=away', '内蒙古统一身份认证');
  const button = page.locator('[data-testid=identity]');
  await button.waitFor();
  expect(await button.textContent()).toContain('用内蒙古统一身份认证登录');
  expect(await button.getAttribute('href')).toBe('/api/v1/citizens/identity/begin?to=%2Fapply');
  expect(await page.locator('[data-testid=why-not]').textContent()).toContain('连不上');
  expect(await page.locator('#citizen-phone').isVisible()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await picture(page, 'identity-away');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('says each thing that can go wrong there, in words of its own', { timeout: TIME_MS }, async () => {
  const said = new Set<string>();
  for (const why of ['away', 'stale', 'cancelled', 'unproven', 'no_phone', 'other_person']) {
    const page = await enter(`/apply?sign_in=${why}`, null);
    await page.locator('[data-testid=why-not]').waitFor();
    said.add((await page.locator('[data-testid=why-not]').textContent()) ?? '');
    await page.context().close();
  }
  expect(said.size).toBe(6);
});

it('shows no button where there is no platform, or the service does not say', { timeout: TIME_MS }, async () => {
  for (const label of [null, undefined]) {
    const page = await enter('/apply?sign_in=nonsense', label);
    await page.locator('[data-testid=sign-in]').waitFor();
    await page.waitForTimeout(300);
    expect(await page.locator('[data-testid=identity], [data-testid=why-not]').count()).toBe(0);
    await page.context().close();
  }
  expect(pages.troubles.splice(0)).toEqual([]);
});
