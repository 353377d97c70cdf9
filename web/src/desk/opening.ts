// The way to a page that could not be gone: nobody knows yet who one is, or the page itself did not come.
import { shallowRef } from 'vue';
import type { Problem } from '../shared/problem';

/** Why the page that was asked for is not there, and where one was going. */
export const unopened = shallowRef<{ problem: Problem; to: string }>();
