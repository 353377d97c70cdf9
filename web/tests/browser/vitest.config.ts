// Pages in Chromium: one Vite and one browser for all of them, two of these files at a time.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['tests/browser/**/*.test.ts'], globalSetup: 'tests/browser/house.ts', maxWorkers: 2 },
});
