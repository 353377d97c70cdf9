// A citizen's application on a slow line: whatever is typed while the first answer is on its way, it is begun once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Filler } from './contract';
import { Pages } from './pages';
import { shapes, matterToTake } from './staff/answers';

const TIME_MS = 60_000;
const PHONE = { width: 390, height: 844 };
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

interface Sent {
  readonly way: string;
  readonly key: string | undefined;
  readonly body: string;
}

it('is begun once, though the first answer is late and lost', { timeout: TIME_MS }, async () => {
  const filler = new Filler(shapes, false);
  const sent: Sent[] = [];
  let isRead = false;
  let release: () => void = () => undefined;
  const page = await pages.enter('/apply/m0', PHONE, () => undefined, {
    prepare: async (opened) => {
      await opened.route('**/api/v1/**', async (route) => {
        const request = route.request();
        const path = new URL(request.url()).pathname.replace('/api/v1', '');
        const method = request.method();
        if (path === '/matters/m0') return route.fulfill({ json: { ...matterToTake(filler), handling_forms: ['web'] } });
        if (path === '/citizens/sessions/current') return route.fulfill({ json: { citizen: { phone: '139****5520' } } });
        if (path.startsWith('/sites/')) return route.fulfill({ json: filler.one('SiteView', 0) });
        if (path === '/applications' && method === 'GET') {
          await route.fulfill({ json: { items: [], next_cursor: null } });
          isRead = true;
          return;
        }
        if (path.startsWith('/applications')) {
          sent.push({ way: `${method} ${path}`, key: request.headers()['idempotency-key'], body: request.postData() ?? '' });
          if (sent.length === 1) {
            await new Promise<void>((resolve) => (release = resolve));
            return route.abort('connectionreset');
          }
          return route.fulfill({
            status: method === 'POST' ? 201 : 200,
            json: { id: 'c0', step: 'filling', attachments: [], materials: [] },
          });
        }
        return route.fulfill({ status: 404, json: { code: 'not_found' } });
      });
    },
  });
  const name = page.locator('[id="applicant.name"]');
  await expect.poll(() => isRead).toBe(true);
  await page.waitForTimeout(300);
  await name.fill('欧阳㐂');
  await expect.poll(() => sent.length, { timeout: 10_000 }).toBe(1);
  // More is typed while the answer is out: it waits its turn.
  await name.fill('欧阳㐂𠮷');
  await page.waitForTimeout(2_500);
  expect(sent.length).toBe(1);
  release();
  await expect
    .poll(() => sent.map(({ way }) => way), { timeout: 10_000 })
    .toEqual(['POST /applications', 'POST /applications', 'PATCH /applications/c0']);
  expect(sent[1]?.key).toBe(sent[0]?.key);
  expect(sent[1]?.body).toBe(sent[0]?.body);
  expect(sent[2]?.body).toContain('欧阳㐂𠮷');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});
