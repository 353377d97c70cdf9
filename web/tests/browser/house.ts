// Starts what all browser tests share, once: the pages, built as they are shipped (a page of the development server asks for
// hundreds of files, each test anew), and Chromium. Ends both.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the pages are served. */
    address: string;
    /** Where Chromium takes orders. */
    chromium: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Without the windows that nobody sees where it is there: a page opens in half the time. */
const CHROMIUM =
  process.env.YICHUANG_CHROMIUM ?? ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

export default async function open(project: TestProject): Promise<() => Promise<void>> {
  if (CHROMIUM === undefined) throw new Error('no Chromium: install chromium-headless-shell, or name one in YICHUANG_CHROMIUM');
  const outDir = mkdtempSync(join(tmpdir(), 'yichuang-pages-'));
  const options = { root, configFile: `${root}/vite.config.ts`, logLevel: 'error' as const };
  // Names stay as written, so that an error on a page says where it comes from.
  await build({ ...options, build: { outDir, emptyOutDir: true, minify: false, reportCompressedSize: false } });
  const server = await preview({ ...options, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
  const browser = await chromium.launchServer({
    executablePath: CHROMIUM,
    // Sound without a touch, as the screens of a hall have it (docs/operate.md).
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--lang=zh-CN',
      '--force-color-profile=srgb',
      '--autoplay-policy=no-user-gesture-required',
      // Two cameras that show a moving picture, and a person who lets every page use them.
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream=device-count=2',
    ],
  });
  project.provide('address', server.resolvedUrls?.local[0] ?? '');
  project.provide('chromium', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.close();
    rmSync(outDir, { recursive: true });
  };
}
