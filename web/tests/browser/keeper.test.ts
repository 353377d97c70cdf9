// The reduced desk that the hall's keeper serves while the line is cut: sign in by PIN, call, recall, miss, call back,
// transfer, end; what it says when it is refused, when nobody answers, and when the line is back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page, Route } from 'playwright-core';
import type { Clerk, HallTicket, HallWindow, KeeperState } from '../../src/keeper/hall';
import { Pages } from './pages';
import { look } from './staff/look';
import { ago, lines, NOW, people, places } from './words';

const TIME_MS = 60_000;
const SIZES = { desk: { width: 1440, height: 900 }, laptop: { width: 1366, height: 768 } };
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

const clerk: Clerk = {
  id: 'p0',
  name: people[0] as string,
  username: 'clerk1',
  site_id: 's0',
  operates: true,
  supervises: false,
  issues: true,
};
const PIN = '204815';
const actions: Partial<Record<HallTicket['state'], readonly string[]>> = {
  called: ['start', 'recall', 'miss'],
  serving: ['finish', 'park', 'transfer'],
  parked: ['resume'],
  missed: ['requeue'],
};
const refusal = (status: number, code: string, more: object = {}) => ({ status, json: { status, code, title: code, ...more } });

/** A keeper small enough to follow: what it is asked for it does, and remembers. */
class Keeper {
  state: KeeperState = {
    is_keeper: true,
    is_deciding: true,
    online: false,
    unsent: 12,
    series: 'K',
    trouble: null,
    site_id: 's0',
    site_name: places[0] as string,
  };
  signedIn = false;
  /** Nobody answers, or somebody else does. */
  gone: 'dead' | 'server' | undefined;
  refuses: { status: number; json: object } | undefined;
  readonly keys: string[] = [];
  readonly windows: HallWindow[] = [1, 2, 3].map((number) => ({
    id: `w${number}`,
    number,
    state: 'closed',
    text: null,
    line_ids: ['l0'],
    staff_id: null,
    serving: null,
  }));
  readonly tickets: HallTicket[] = [0, 1, 2, 3].map((at) => this.ticket(at, 'waiting'));

  ticket(at: number, state: HallTicket['state']): HallTicket {
    const issued_at = ago(40 - at * 6);
    const number = `AK00${at + 1}`;
    const rest = { window_id: null, called_at: null, started_at: null, recall_count: 0, waited_since: issued_at, left: false };
    return {
      id: `t${at}`,
      number,
      line_id: 'l0',
      line_name: lines[0] as string,
      state,
      priority: 'ordinary',
      issued_at,
      actions: [],
      ...rest,
    };
  }
  private set(id: string, state: HallTicket['state'], more: Partial<HallTicket> = {}): HallTicket {
    const at = this.tickets.findIndex((one) => one.id === id);
    const next = { ...this.tickets[at]!, state, actions: actions[state] ?? [], ...more };
    this.tickets[at] = next;
    const isThere = state === 'called' || state === 'serving';
    this.windows.forEach((one, place) => {
      if (one.serving === id && !isThere) this.windows[place] = { ...one, serving: null };
    });
    return next;
  }
  private window(id: string, more: Partial<HallWindow>): HallWindow {
    const at = this.windows.findIndex((one) => one.id === id);
    return (this.windows[at] = { ...this.windows[at]!, ...more });
  }

  async answer(route: Route): Promise<void> {
    const request = route.request();
    const path = new URL(request.url()).pathname.replace('/api/v1', '');
    const method = request.method();
    if (this.gone === 'dead') return route.abort('connectionrefused');
    if (path === '/keeper/state')
      return this.gone === 'server' ? route.fulfill(refusal(404, 'not_found')) : route.fulfill({ json: this.state });
    if (path === '/sessions' && method === 'POST') {
      const { username, pin } = request.postDataJSON() as { username: string; pin: string };
      this.signedIn = username === clerk.username && pin === PIN;
      return this.signedIn
        ? route.fulfill({ status: 201, json: { staff: clerk } })
        : route.fulfill(refusal(401, 'invalid_credentials', { detail: '登录名或断网口令不对，还能再试 4 次' }));
    }
    if (!this.signedIn) return route.fulfill(refusal(401, 'not_signed_in'));
    if (path === '/sessions/current') {
      this.signedIn = method !== 'DELETE';
      return route.fulfill({ json: { staff: clerk } });
    }
    if (method === 'GET') return route.fulfill({ json: { items: this.list(path) } });
    this.keys.push(request.headers()['idempotency-key'] ?? '');
    if (this.refuses) {
      const said = this.refuses;
      this.refuses = undefined;
      return route.fulfill(said);
    }
    return route.fulfill({ json: this.does(path, request.postDataJSON() as Record<string, string>) });
  }

  private list(path: string): readonly unknown[] {
    if (path.endsWith('/windows')) return this.windows;
    if (path.endsWith('/tickets')) return this.tickets;
    return lines.map((name, at) => ({
      id: `l${at}`,
      name,
      prefix: 'ABCZ'[at],
      waiting: at ? 0 : this.tickets.filter(({ state }) => state === 'waiting').length,
      open: at !== 2,
      stopped_text: null,
    }));
  }
  private does(path: string, body: Record<string, string>): unknown {
    const [, noun, id = '', act] = path.split('/');
    if (noun === 'sites') {
      this.tickets.push(this.ticket(this.tickets.length, 'waiting'));
      return this.tickets.at(-1);
    }
    if (noun === 'windows') {
      if (act !== 'call-next')
        return this.window(id, {
          state: act === 'open' ? 'open' : act === 'pause' ? 'paused' : 'closed',
          staff_id: act === 'close' ? null : clerk.id,
        });
      const next = this.tickets.find(({ state, line_id }) => state === 'waiting' && line_id === 'l0');
      if (!next) return { ticket: null };
      this.window(id, { serving: next.id });
      return { ticket: this.set(next.id, 'called', { called_at: NOW, window_id: id }) };
    }
    if (act === 'recall') return this.set(id, 'called', { recall_count: this.tickets.find((one) => one.id === id)!.recall_count + 1 });
    if (act === 'transfer') return this.set(id, 'waiting', { line_id: body['line_id'] ?? '' });
    const to = { start: 'serving', miss: 'missed', park: 'parked', resume: 'serving', requeue: 'waiting', finish: 'done' }[act ?? ''];
    const next = this.set(id, (to ?? 'done') as HallTicket['state']);
    if (act === 'resume') this.window(this.windows.find((one) => one.staff_id === clerk.id)!.id, { serving: id });
    return next;
  }
}

async function enter(keeper: Keeper): Promise<Page> {
  return pages.enter('/keeper.html', SIZES.desk, () => undefined, {
    prepare: async (page) => {
      await page.clock.install({ time: new Date(NOW) });
      await page.route('**/api/v1/**', (route) => keeper.answer(route));
      await page.route('**/keeper/state', (route) => keeper.answer(route));
    },
  });
}
async function lookAtBoth(page: Page, name: string): Promise<void> {
  await look(page, `keeper-${name}`);
  await page.setViewportSize(SIZES.laptop);
  await look(page, `keeper-${name}-1366`);
  await page.setViewportSize(SIZES.desk);
}
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const current = (page: Page) => page.locator('.cur .no');
async function said(page: Page, text: string): Promise<void> {
  await page.locator('.said', { hasText: text }).waitFor();
  // The next press counts once the hall was read again.
  await page.locator('.desk :is(.lead, .ask .btn, .pick):enabled').first().waitFor();
}
async function signIn(page: Page): Promise<void> {
  await page.locator('#kp-user:focus').waitFor();
  await page.keyboard.type(clerk.username);
  await press(page, 'Tab');
  await page.keyboard.type(PIN);
  await press(page, 'Enter');
  await page.locator('.desk').waitFor();
}

it('a morning without a line, by keyboard', { timeout: TIME_MS }, async () => {
  const keeper = new Keeper();
  const page = await enter(keeper);
  await page.locator('#kp-user:focus').waitFor();
  await lookAtBoth(page, 'sign-in');
  await press(page, 'Enter');
  await page.getByText('写登录名').waitFor();
  await page.keyboard.type(clerk.username);
  await press(page, 'Tab');
  await page.keyboard.type('111111');
  await press(page, 'Enter');
  await page.getByText('登录名或断网口令不对').waitFor();
  await look(page, 'keeper-sign-in-wrong');
  // The name stays, the PIN is typed anew where the focus is.
  expect(await page.locator('#kp-user').inputValue()).toBe(clerk.username);
  await page.keyboard.type(PIN);
  await press(page, 'Enter');
  await page.getByText('选您坐的窗口').waitFor();
  await lookAtBoth(page, 'choose');
  await page
    .getByRole('button', { name: /坐这里/ })
    .first()
    .press('Enter');
  await said(page, '1 号窗口开了');
  await lookAtBoth(page, 'free');

  await press(page, 'F2');
  await said(page, '请 AK001 到 1 号窗口');
  expect(await current(page).innerText()).toBe('AK001');
  await lookAtBoth(page, 'called');
  await press(page, 'F4');
  await said(page, 'AK001 重呼');
  await page.getByText('重呼 1 次').waitFor();
  await press(page, 'F8');
  await said(page, 'AK001 过号');
  // He comes after all: back in the queue; meanwhile the next one is served, parked, called back, sent on.
  await page.getByRole('button', { name: '归队' }).press('Enter');
  await said(page, 'AK001 归队');
  await press(page, 'F2');
  await said(page, '请 AK001 到 1 号窗口');
  await press(page, 'F2');
  await said(page, 'AK001 开始办');
  await lookAtBoth(page, 'serving');
  await press(page, 'F9');
  await said(page, 'AK001 挂起');
  await page.getByRole('button', { name: '回呼' }).press('Enter');
  await said(page, 'AK001 回呼');
  await press(page, 'Alt+t');
  await page.getByRole('group', { name: '转到哪条队' }).waitFor();
  await look(page, 'keeper-transfer');
  await page.getByRole('button', { name: /出证/ }).first().press('Enter');
  await said(page, '转到 出证');
  await press(page, 'F2');
  await said(page, '请 AK002 到 1 号窗口');
  await press(page, 'F2');
  await said(page, 'AK002 开始办');
  await press(page, 'F2');
  await page.getByRole('group', { name: '这次办成了什么' }).waitFor();
  await lookAtBoth(page, 'finish');
  await press(page, '1');
  await said(page, 'AK002 办完');
  await press(page, 'Alt+p');
  await said(page, '窗口暂停了');
  await look(page, 'keeper-paused');
  expect(new Set(keeper.keys).size).toBe(keeper.keys.length);
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('a refusal is said and the question stays; a lost answer is asked for again with the same key', { timeout: TIME_MS }, async () => {
  const keeper = new Keeper();
  keeper.signedIn = true;
  const page = await enter(keeper);
  await page
    .getByRole('button', { name: /坐这里/ })
    .first()
    .press('Enter');
  await said(page, '1 号窗口开了');
  await press(page, 'F2');
  await said(page, 'AK001');
  await press(page, 'F2');
  await said(page, '开始办');
  await press(page, 'F2', '3');
  await said(page, '办完');
  keeper.refuses = refusal(409, 'window_busy', { detail: '这个窗口还有一位没办完' });
  await press(page, 'F2');
  await said(page, '这个窗口还有一位没办完');
  await look(page, 'keeper-refused');
  await press(page, 'F2');
  await said(page, 'AK002');
  await press(page, 'F2');
  await said(page, '开始办');
  await press(page, 'F2');
  keeper.refuses = refusal(503, 'disk_full', { detail: '守门机的磁盘写不进去' });
  await press(page, '1');
  await said(page, '守门机的磁盘写不进去');
  await page.getByRole('group', { name: '这次办成了什么' }).waitFor();
  await press(page, '1');
  await said(page, 'AK002 办完');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('says when nobody answers, when it is in doubt, when it is not well, and when the line is back', { timeout: TIME_MS }, async () => {
  const keeper = new Keeper();
  const page = await enter(keeper);
  await signIn(page);
  keeper.gone = 'dead';
  await page.clock.runFor(2_500);
  await page.getByText('连不上守门机').waitFor();
  await lookAtBoth(page, 'lost');
  expect(await page.locator('.desk button:enabled').count()).toBe(0);
  keeper.gone = undefined;
  keeper.state = { ...keeper.state, is_deciding: false };
  await page.clock.runFor(2_500);
  await page.getByText('正在切换，请等几秒').waitFor();
  await look(page, 'keeper-switching');
  keeper.state = { ...keeper.state, is_deciding: true, trouble: 'clock_wrong', unsent: 0 };
  await page.clock.runFor(2_500);
  await page.getByText('守门机的时钟不对').waitFor();
  await look(page, 'keeper-trouble');
  keeper.gone = 'server';
  await page.clock.runFor(2_500);
  await page.getByRole('button', { name: '回到窗口' }).waitFor();
  await lookAtBoth(page, 'back');
  expect(pages.troubles.splice(0)).toEqual([]);
  await page.context().close();
});

it('a keeper that does not answer from the start says so and comes by itself', { timeout: TIME_MS }, async () => {
  const keeper = new Keeper();
  keeper.gone = 'dead';
  const page = await enter(keeper);
  await page.getByText('连不上守门机').waitFor();
  await look(page, 'keeper-none');
  keeper.gone = undefined;
  await page.clock.runFor(2_500);
  await page.locator('#kp-user').waitFor();
  await page.context().close();
});
