// A member of staff at a page, in whatever mood the service is: full, bare, slow, broken, cut off, or unwilling. The
// answers come from the contract; what a test says about one way of it comes first.
import type { Page, Route, WebSocketRoute } from 'playwright-core';
import type { DeskEvent, DeskState } from '../../../src/shared/contract';
import { answerTo, Filler } from '../contract';
import type { Pages } from '../pages';
import { NOW, people } from '../words';
import { checklist, entryList, settings, shapes } from './answers';
import { caseOf, decided, hallOf, ME, worklist, type Visit } from './hall';

export const DESK = { width: 1440, height: 900 };
export const LAPTOP = { width: 1366, height: 768 };

/** How the service answers. */
export type Mood = 'full' | 'bare' | 'waiting' | 'fault' | 'cut' | 'barred';
/** A refusal, or a body with another status than the contract's. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
  static problem(status: number, code: string, more: object = {}): Reply {
    return new Reply(status, { type: 'about:blank', title: code, status, code, trace_id: '7f3k21aa09', ...more });
  }
}
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly key: string | undefined;
}
/** An answer; a promise of one where the test says when it comes. */
type Own = (asked: Asked) => unknown;

const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mM8c+bMfwAGgAL+3vYkWQAAAABJRU5ErkJggg==', 'base64');

/** One empty page: what a sample of a paper is made of here. */
const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

export class Office {
  mood: Mood = 'full';
  visit: Visit = 'away';
  /** Whether the cookie still means somebody. */
  signedIn = true;
  readonly asked: Asked[] = [];
  private readonly own = new Map<string, Own>();
  private readonly feeds = new Set<WebSocketRoute>();
  private held: (() => void)[] = [];
  private open = 0;
  private seq = 1;

  private constructor(
    readonly page: Page,
    private readonly roles: readonly string[],
  ) {}

  /** Opens a page as somebody with these roles. `begin` sets the mood before anything is asked. */
  static async enter(pages: Pages, path: string, roles: readonly string[], begin?: (office: Office) => void, size = DESK): Promise<Office> {
    let office: Office | undefined;
    const page = await pages.enter(path, size, () => undefined, {
      prepare: async (opened) => {
        office = new Office(opened, roles);
        begin?.(office);
        await opened.clock.install({ time: new Date(NOW) });
        await opened.routeWebSocket(/\/feed(\?|$)/, (socket) => office?.feed(socket));
        await opened.route('**/api/v1/**', (route) => office?.answer(route));
      },
    });
    if (office === undefined || office.page !== page) throw new Error('no page was opened');
    return office;
  }

  /** What is answered to `POST /cases/c0/approve` and its like; the last word counts. */
  says(way: string, own: Own): void {
    this.own.set(way, own);
  }
  askedFor(way: string): readonly Asked[] {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === way);
  }

  get hall(): DeskState {
    return hallOf(this.filler, this.visit, this.mood === 'bare');
  }
  get filler(): Filler {
    return new Filler(shapes, this.mood === 'bare');
  }

  /** The service changes its mood; what hung is answered in the new one, and who listened loses the line where it is cut. */
  become(mood: Mood): void {
    this.mood = mood;
    for (const release of this.held.splice(0)) release();
    if (mood === 'cut' || mood === 'fault' || mood === 'barred') for (const feed of [...this.feeds]) this.hangUp(feed);
  }
  /** Something happened in the hall. */
  tell(event: DeskEvent): void {
    const prev = this.seq++;
    const frame = JSON.stringify({ kind: 'event', epoch: 1, seq: this.seq, prev, at: NOW, event });
    for (const feed of this.feeds) feed.send(frame);
  }

  /** How far the visit at window 1 is from now on; whoever follows the hall is shown all of it. */
  sits(visit: Visit): void {
    this.visit = visit;
    this.seq = 1;
    for (const feed of this.feeds) feed.send(JSON.stringify({ kind: 'snapshot', epoch: 1, seq: 1, state: this.hall }));
  }

  /** Everything asked was answered, and what came is on the page. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      quiet = this.open - this.held.length === 0 ? quiet + 1 : 0;
    }
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined))));
  }
  /** Time passes on the page: every timer that is due by then rings. */
  async later(milliseconds: number): Promise<void> {
    await this.page.clock.runFor(milliseconds);
  }
  /** To another page within the program, as a link does it. */
  async go(path: string): Promise<void> {
    await this.page.evaluate((to) => {
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate', { state: null }));
    }, path);
    await this.page.waitForFunction((to) => location.pathname === to, path.split('?')[0]);
  }

  private feed(socket: WebSocketRoute): void {
    if (this.mood === 'cut' || this.mood === 'fault' || this.mood === 'barred') return void socket.close({ code: 1011 });
    this.feeds.add(socket);
    socket.onClose(() => this.feeds.delete(socket));
    if (this.mood === 'waiting') return;
    this.seq = 1;
    socket.send(JSON.stringify({ kind: 'snapshot', epoch: 1, seq: 1, state: this.hall }));
  }
  private hangUp(socket: WebSocketRoute): void {
    this.feeds.delete(socket);
    void socket.close({ code: 1011 });
  }

  private async answer(route: Route): Promise<void> {
    const request = route.request();
    const { pathname, searchParams: query } = new URL(request.url());
    const path = decodeURIComponent(pathname.replace('/api/v1', ''));
    const method = request.method();
    const text = request.postData();
    const isJson = request.headers()['content-type']?.startsWith('application/json') ?? false;
    const asked = {
      method,
      path,
      query,
      body: isJson && text ? (JSON.parse(text) as unknown) : text,
      key: request.headers()['idempotency-key'],
    };
    this.asked.push(asked);
    this.open += 1;
    try {
      await this.respond(route, asked);
    } catch (error) {
      // Whoever asked has left.
      if (!this.page.isClosed()) throw error;
    } finally {
      this.open -= 1;
    }
  }

  private async respond(route: Route, asked: Asked): Promise<void> {
    const { method, path } = asked;
    const isSession = path.startsWith('/sessions');
    if (this.mood === 'waiting' && !isSession) await new Promise<void>((resolve) => this.held.push(resolve));
    if (this.mood === 'cut') return route.abort('internetdisconnected');
    if (!this.signedIn && !(isSession && method === 'POST')) return this.refuse(route, 401, 'not_signed_in');
    const own = this.own.get(`${method} ${path}`);
    const said = await own?.(asked);
    if (said instanceof Reply) return route.fulfill({ status: said.status, json: said.body });
    if (said !== undefined) return route.fulfill({ json: said });
    if (isSession && !path.endsWith('password') && !path.endsWith('hall-pin')) {
      this.signedIn = method !== 'DELETE';
      return route.fulfill({ status: method === 'POST' ? 201 : 200, json: { staff: this.staff() } });
    }
    if (this.mood === 'fault') return this.refuse(route, 500, 'internal');
    if (this.mood === 'barred') return this.refuse(route, 403, 'forbidden');
    // A year that nobody entered is not there.
    if (this.mood === 'bare' && path === '/calendar') return this.refuse(route, 404, 'not_found');
    if (/\.png$|\/attachments\/|\/picture$/.test(path)) return route.fulfill({ contentType: 'image/png', body: PICTURE });
    if (method === 'GET' && /\/photo$/.test(path)) return route.fulfill({ contentType: 'image/png', body: PICTURE });
    if (/\/paper-templates\/[^/]+\/preview$/.test(path)) return route.fulfill({ contentType: 'application/pdf', body: PDF });
    const usual = this.usual(method, path);
    if (usual !== undefined) return route.fulfill({ json: usual });
    const made = answerTo(this.filler, `/api/v1${path}`, method);
    if (made === undefined) return this.refuse(route, 404, 'not_found');
    return made.body === undefined ? route.fulfill({ status: made.status }) : route.fulfill({ status: made.status, json: made.body });
  }

  /** What the contract cannot make: answers without a schema, and those that belong to others. */
  private usual(method: string, path: string): unknown {
    const bare = this.mood === 'bare';
    if (method !== 'GET') return undefined;
    if (path === '/worklist') return { items: bare ? [] : worklist(this.filler), next_cursor: null };
    if (path === '/cases') return { items: bare ? [] : decided(this.filler), next_cursor: null };
    if (/^\/cases\/c\d+$/.test(path)) return caseOf(this.filler, path.split('/').at(-1) ?? 'c0');
    if (path.endsWith('/policy')) return settings(bare);
    if (path.endsWith('/policy/scheduled')) return { items: [] };
    if (path.endsWith('/ledger/tasks')) return { version: 1, title: '效能提升行动计划', columns: [], tasks: [], figures: [], sites: [] };
    if (path.endsWith('/entry-list')) return { site_id: 's0', version: 1, items: bare ? [] : entryList };
    if (path.endsWith('/tier-checklist')) return { site_id: 's0', version: 1, items: bare ? [] : checklist };
    if (path.endsWith('/ledger/contacts')) return { contacts: [] };
    if (path === '/sites')
      return { items: [this.filler.one('SiteView', 0), ...(bare ? [] : [this.filler.one('SiteView', 1)])], next_cursor: null };
    return undefined;
  }

  private staff(): object {
    const [name] = people;
    const bases = this.roles.includes('approver') ? [0, 1, 2].map((at) => this.filler.one('BasisView', at)) : [];
    return { id: ME, name, roles: this.roles, site_id: 's0', department_id: 'd0', must_change_password: false, practice: false, bases };
  }
  private refuse(route: Route, status: number, code: string): Promise<void> {
    return route.fulfill({ status, json: Reply.problem(status, code).body });
  }
}
