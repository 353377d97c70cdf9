// What an applicant settles from the timeline on a phone: who only holds the code is asked for the phone first; then the
// parcel with its address, and the agent, each with what is wrong at its field, and taken back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { picture, violations } from './look';
import { Pages } from './pages';

const TIME_MS = 90_000;
const PHONE = { width: 390, height: 844 };
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const site = { id: 's', kind: 'center', name: '白桦镇便民服务中心', phone: '0499-8000200', address: '向阳路 8 号' };
const tracking = {
  tracking_code: 'ABCD',
  site,
  ticket: null,
  cases: [
    {
      id: 'c1',
      number: '2026-152301-000123',
      matter_name: '林木采伐许可证核发',
      state: 'decided',
      decision: 'approved',
      closed_as: null,
      budget_days: 10,
      working_days_left: 3,
      materials_missing: [],
      next_step: '来领证照',
    },
  ],
  timeline: [{ at: '2026-11-24T10:00:00+08:00', title: '出结果：准予', detail: null, done: true }],
  evaluations: [],
  next_step: null,
};
const own = {
  id: 'c1',
  number: '2026-152301-000123',
  matter_name: '林木采伐许可证核发',
  delivery: 'window',
  recipient: null,
  courier_offered: true,
  authorisation: null,
  authorisation_days_max: 365,
  actions: ['delivery', 'authorise'],
};
const masked = { name: '王*明', phone: '139****5520', address: '内蒙古通辽市科尔沁区***' };
const agent = { agent: { name: '李*梅', phone: null, address: null }, submits: true, collects: true, until: '2026-12-31' };

interface Sent {
  readonly way: string;
  readonly body: Record<string, unknown>;
}

/** A service that knows one applicant: signed in after the code, and then whatever was settled. */
async function enter(isSignedIn: boolean, isTheirs = true): Promise<{ page: Page; sent: Sent[] }> {
  const sent: Sent[] = [];
  const state: { isSignedIn: boolean; case: Record<string, unknown> } = { isSignedIn, case: { ...own } };
  const page = await pages.enter('/t/ABCD', PHONE, () => undefined, {
    prepare: async (opened) => {
      await opened.route('**/api/v1/**', async (route) => {
        const request = route.request();
        const path = new URL(request.url()).pathname.replace('/api/v1', '');
        const way = `${request.method()} ${path}`;
        if (path.startsWith('/tracking/ABCD')) return route.fulfill({ json: tracking });
        if (way === 'POST /citizens/codes') return route.fulfill({ status: 201, json: { expires_in_s: 300, resend_in_s: 60 } });
        if (way === 'POST /citizens/sessions') {
          state.isSignedIn = true;
          return route.fulfill({ status: 201, json: { citizen: { phone: '139****5520' } } });
        }
        if (!state.isSignedIn) return route.fulfill({ status: 401, json: { code: 'not_signed_in' } });
        if (path === '/citizens/sessions/current') return route.fulfill({ json: { citizen: { phone: '139****5520' } } });
        if (way === 'GET /citizens/cases') return route.fulfill({ json: { items: isTheirs ? [state.case] : [], next_cursor: null } });
        const body = JSON.parse(request.postData() ?? '{}') as Record<string, unknown>;
        sent.push({ way, body });
        const recipient = body['recipient'] as { address?: string } | undefined;
        if (path.endsWith('/delivery') && body['way'] === 'courier' && !recipient?.address) {
          const errors = [{ field: 'recipient.address', code: 'missing', message: '写上收件地址，到门牌号' }];
          return route.fulfill({ status: 422, json: { code: 'invalid', errors } });
        }
        if (path.endsWith('/delivery'))
          state.case = { ...state.case, delivery: body['way'], recipient: body['way'] === 'courier' ? masked : null };
        if (path.endsWith('/authorise'))
          state.case = { ...state.case, authorisation: { ...agent, state: 'open' }, actions: ['delivery', 'withdraw-authorisation'] };
        if (path.endsWith('/withdraw-authorisation'))
          state.case = { ...state.case, authorisation: { ...agent, state: 'withdrawn' }, actions: ['delivery', 'authorise'] };
        return route.fulfill({ json: state.case });
      });
    },
  });
  await page.locator('[data-testid=own-open]').click();
  return { page, sent };
}

async function sound(page: Page, name: string): Promise<void> {
  expect(await violations(page), name).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} scrolls sideways`).toBeLessThanOrEqual(0);
  await picture(page, name, { fullPage: true });
}

it('asks who holds the code for the applicant’s phone, then takes the parcel', { timeout: TIME_MS }, async () => {
  const { page, sent } = await enter(false);
  await page.locator('#citizen-phone').fill('13912345520');
  await page.locator('[data-testid=send-code]').click();
  await page.locator('#citizen-code').fill('123456');
  await page.locator('[data-testid=enter]').click();
  await page.locator('[data-testid=delivery]').waitFor();
  await sound(page, 'own-window');
  await page.locator('[data-testid=courier]').click();
  await page.locator('#recipient-name').fill('王小明');
  await page.locator('#recipient-phone').fill('13912345520');
  await page.locator('[data-testid=save-delivery]').click();
  await page.locator('#say-recipient-address.field-error').waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('recipient-address');
  await sound(page, 'own-courier-wrong');
  await page.locator('#recipient-address').fill('内蒙古通辽市科尔沁区建国路 8 号 3 单元 501');
  await page.locator('[data-testid=save-delivery]').click();
  await page.getByText('寄给 王*明，139****5520').waitFor();
  expect(await page.locator('[data-testid=own]').textContent()).not.toContain('501');
  await sound(page, 'own-courier');
  await page.locator('[data-testid=window]').click();
  await expect.poll(() => sent.at(-1)?.body).toEqual({ way: 'window' });
  await expect.poll(() => page.locator('[data-testid=window]').getAttribute('aria-pressed')).toBe('true');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('authorises an agent and takes that back', { timeout: TIME_MS }, async () => {
  const { page, sent } = await enter(true);
  await page.locator('[data-testid=authorise]').click();
  await page.locator('#agent-name').fill('李红梅');
  await page.locator('#agent-id').fill('150105198507120024');
  await page.locator('#agent-phone').fill('13987654321');
  await page.locator('[data-testid=give]').click();
  await page.locator('#say-agent-id.field-error').waitFor();
  expect(sent, 'the check digit is looked at before anything is sent').toEqual([]);
  await sound(page, 'own-agent-wrong');
  await page.locator('#agent-id').fill('150105198507120025');
  await page.locator('input[name=submits]').uncheck();
  await page.locator('[data-testid=give]').click();
  await page.locator('[data-testid=take-back]').waitFor();
  const { body } = sent[0] as Sent;
  expect(body).toMatchObject({
    agent: { name: '李红梅', id_number: '150105198507120025', phone: '13987654321' },
    submits: false,
    collects: true,
  });
  expect(body['until']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  await sound(page, 'own-agent');
  await page.locator('[data-testid=take-back]').click();
  await page.getByText('给 李*梅 的授权撤回了').waitFor();
  await page.locator('[data-testid=authorise]').waitFor();
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('settles nothing for who has another phone', { timeout: TIME_MS }, async () => {
  const { page } = await enter(true, false);
  await page.locator('[data-testid=not-yours]').waitFor();
  await sound(page, 'own-not-yours');
  expect(await page.locator('[data-testid=delivery]').count()).toBe(0);
  await page.context().close();
});
