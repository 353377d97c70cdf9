// Pages in Chromium: one Vite and one browser for all of them, three of these files at a time, since each waits half of its time.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: 'tests/browser/house.ts',
    maxWorkers: 3,
    // What is waited for comes when the machine gets to it.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
  },
});
