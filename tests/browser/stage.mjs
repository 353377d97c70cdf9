// The stage of the browser tests: one Chromium, a page for every person and device at its real size, what went
// wrong on them, pictures of them, and their accessibility. Knows no page's content.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');

/** Sizes of the design language. */
export const sizes = {
  kiosk: { width: 1080, height: 1920 },
  tv: { width: 1920, height: 1080 },
  strip: { width: 1280, height: 320 },
  desk: { width: 1440, height: 900 },
  laptop: { width: 1366, height: 768 },
  phone: { width: 390, height: 844 },
  pad: { width: 1280, height: 800 },
};

/** Answers that a page gets in a normal day: nobody signed in yet, a page from the server itself, a hall cut off on purpose. */
const expected = (response) =>
  (response.status() === 401 && response.url().endsWith('/sessions/current')) || /\/local\/(state|board)$/.test(response.url());

/** Without the windows that nobody sees where it is there: a page opens in half the time. */
const CHROMIUM =
  process.env.YICHUANG_CHROMIUM ?? ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

export class Stage {
  constructor({ url, pictures }) {
    this.url = url;
    this.pictures = pictures;
    this.pages = new Map();
    this.troubles = [];
  }

  async open() {
    await mkdir(this.pictures, { recursive: true });
    this.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--lang=zh-CN', '--force-color-profile=srgb'],
    });
  }

  /** A page of its own person: cookies and storage are shared with nobody. */
  async enter(name, size, { storage } = {}) {
    const context = await this.browser.newContext({
      viewport: sizes[size],
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      hasTouch: ['kiosk', 'phone', 'pad'].includes(size),
      reducedMotion: 'reduce',
    });
    if (storage) {
      await context.addInitScript((entries) => {
        for (const [key, value] of Object.entries(entries)) localStorage.setItem(key, value);
      }, storage);
    }
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.troubles.push(`${name}: ${error.message}`));
    page.on('console', (message) => {
      const isNetwork = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isNetwork) this.troubles.push(`${name}: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400 && !expected(response))
        this.troubles.push(`${name}: ${response.status()} ${response.request().method()} ${response.url()}`);
    });
    // Nothing leaves the host: no font, no script, no figure of anybody's. What the browser shows PDFs with is its own.
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (!['data:', 'blob:', 'chrome:', 'chrome-extension:'].includes(protocol) && hostname !== '127.0.0.1')
        this.troubles.push(`${name}: asks another host: ${request.url()}`);
    });
    this.pages.set(name, page);
    return page;
  }

  page(name) {
    const page = this.pages.get(name);
    if (!page) throw new Error(`nobody called ${name} is here`);
    return page;
  }

  async leave(name) {
    await this.page(name).context().close();
    this.pages.delete(name);
  }

  async picture(name, file) {
    await this.page(name).screenshot({
      path: join(this.pictures, `${file}.png`),
      animations: 'disabled',
    });
  }

  /** What axe finds on a page, all of it, one line each. */
  async violations(name) {
    const { violations } = await new AxeBuilder({
      page: this.page(name),
    }).analyze();
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 5).map((node) => `${name}: ${id} at ${node.target.join(' ')}`));
  }

  /** A page must never scroll sideways, and nothing on it may stick out. */
  async sideways(name) {
    return this.page(name).evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  }

  async close() {
    await this.browser?.close();
  }
}
