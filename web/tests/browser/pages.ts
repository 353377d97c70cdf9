// Pages in a real browser without a service: Vite serves them, what they ask is answered by the test. Knows no page.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.YICHUANG_CHROMIUM ?? '/usr/bin/chromium';

/** Sound without a touch, as the screens of a hall have it (docs/operate.md). */
const CHROMIUM_FLAGS = ['--no-sandbox', '--disable-dev-shm-usage', '--lang=zh-CN', '--autoplay-policy=no-user-gesture-required'];

/** What is answered to a path under `/api/v1`: a body for 200, `undefined` for 404. */
export type Answers = (path: string, method: string) => unknown;

export class Pages {
  private constructor(
    private readonly server: ViteDevServer,
    private readonly browser: Browser,
    private readonly url: string,
    /** What went wrong on the pages. */
    readonly troubles: string[],
  ) {}

  static async open(): Promise<Pages> {
    if (!existsSync(CHROMIUM)) throw new Error(`no Chromium at ${CHROMIUM}: install it, or name it in YICHUANG_CHROMIUM`);
    const server = await createServer({ root, configFile: `${root}/vite.config.ts`, logLevel: 'error', server: { port: 0, hmr: false } });
    await server.listen();
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
    return new Pages(server, browser, server.resolvedUrls?.local[0] ?? '', []);
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
    await page.goto(new URL(path, this.url).href);
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}

interface Enter {
  readonly storage?: Readonly<Record<string, string>>;
  readonly context?: BrowserContextOptions;
  readonly prepare?: (page: Page) => Promise<void>;
}
