// Starts what all browser tests share, once: Vite, which serves the pages, and Chromium. Ends both.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where Vite serves the pages. */
    address: string;
    /** Where Chromium takes orders. */
    chromium: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.YICHUANG_CHROMIUM ?? '/usr/bin/chromium';

export default async function open(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(CHROMIUM)) throw new Error(`no Chromium at ${CHROMIUM}: install it, or name it in YICHUANG_CHROMIUM`);
  const server = await createServer({ root, configFile: `${root}/vite.config.ts`, logLevel: 'error', server: { port: 0, hmr: false } });
  await server.listen();
  const browser = await chromium.launchServer({
    executablePath: CHROMIUM,
    // Sound without a touch, as the screens of a hall have it (docs/operate.md).
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--lang=zh-CN',
      '--force-color-profile=srgb',
      '--autoplay-policy=no-user-gesture-required',
      // Two cameras that show a moving picture; a page gets them only where the test allows it.
      '--use-fake-device-for-media-stream=device-count=2',
    ],
  });
  project.provide('address', server.resolvedUrls?.local[0] ?? '');
  project.provide('chromium', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.close();
  };
}
