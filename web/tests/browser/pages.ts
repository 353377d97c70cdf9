// Pages in a real browser without a service: Vite serves them, what they ask is answered by the test. Knows no page.
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { inject } from 'vitest';

/** What is answered to a path under `/api/v1`: a body for 200, `undefined` for 404. */
export type Answers = (path: string, method: string) => unknown;

export class Pages {
  private constructor(
    private readonly browser: Browser,
    private readonly url: string,
    /** What went wrong on the pages. */
    readonly troubles: string[],
  ) {}

  static async open(): Promise<Pages> {
    return new Pages(await chromium.connect(inject('chromium')), inject('address'), []);
  }

  /** A new person's page. `prepare` runs before the address is opened. */
  async enter(path: string, size: { width: number; height: number }, answers: Answers, more: Enter = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: size,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
      ...more.context,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.troubles.push(error.message));
    page.on('request', (request) => {
      if (leavesHost(request.url(), this.url)) this.troubles.push(`asks another host: ${request.url()}`);
    });
    await page.addInitScript((kept) => {
      for (const [key, value] of Object.entries(kept)) if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
    }, more.storage ?? {});
    await page.route(/\/(api|local)\//, async (route) => {
      const { pathname } = new URL(route.request().url());
      const body = answers(pathname.replace('/api/v1', ''), route.request().method());
      if (body === undefined) await route.fulfill({ status: 404, json: { code: 'not_found' } });
      else await route.fulfill({ json: body });
    });
    await more.prepare?.(page);
    // The first page of all waits until Vite has made it.
    await page.goto(new URL(path, this.url).href, { timeout: 60_000 });
    return page;
  }

  /** Ends them; what went wrong and no test looked at fails here. */
  async close(): Promise<void> {
    await this.browser.close();
    if (this.troubles.length > 0) throw new Error(this.troubles.join('\n'));
  }
}

/** Whether what a page asks for lies elsewhere than the page itself. */
export function leavesHost(asked: string, page: string): boolean {
  return !/^(data|blob):/.test(asked) && new URL(asked).host !== new URL(page).host;
}

interface Enter {
  readonly storage?: Readonly<Record<string, string>>;
  readonly context?: BrowserContextOptions;
  readonly prepare?: (page: Page) => Promise<void>;
}

/** What a page holds, after what nobody holds any more was swept. */
export interface Held {
  readonly nodes: number;
  readonly listeners: number;
  readonly heap: number;
}

/** Reads what a page holds, again and again. */
export async function holding(page: Page): Promise<() => Promise<Held>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
    return { nodes: of('Nodes'), listeners: of('JSEventListeners'), heap: of('JSHeapUsedSize') };
  };
}
