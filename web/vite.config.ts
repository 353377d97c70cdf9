// Builds one html entry per surface into web/dist. The server serves
// /sign-in /desk /approve /pickup /hall from desk.html, / and /t/{code} from portal.html,
// and /kiosk /display /pad from the pages of the same names; keeper.html is served by the hall's keeper while the line is cut,
// bag.html by a field bag on its own machine.
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { besideServer } from './dev/server.ts';

const page = (name: string) => fileURLToPath(new URL(`${name}.html`, import.meta.url));

export default defineConfig(({ command }) => ({
  base: '/',
  plugins: [vue(), ...(command === 'serve' ? [besideServer()] : [])],
  build: {
    outDir: 'dist',
    target: 'chrome109', // the last Chromium on Windows 7
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // no data: addresses: the content policy is default-src 'self'
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: Object.fromEntries(['desk', 'portal', 'kiosk', 'display', 'pad', 'keeper', 'bag'].map((name) => [name, page(name)])),
    },
  },
}));
