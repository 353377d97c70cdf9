// Every page of the staff in every state (staff/states.ts): the district and the administration.
import { afterAll, beforeAll, it } from 'vitest';
import { Pages } from './pages';
import { proveStates } from './staff/states';
import { adminViews } from './staff/views';

const TIME_MS = 120_000;
let pages: Pages;
beforeAll(async () => {
  pages = await Pages.open();
}, TIME_MS);
afterAll(() => pages.close());

it.each(Object.entries(adminViews))('%s', { timeout: TIME_MS }, (name, view) => proveStates(pages, name, view));
