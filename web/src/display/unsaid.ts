// Calls that this screen shows but did not say: they were too old when it heard of them, or too many. The board and the
// person in charge are told, so that no call falls silent unnoticed. Knows no sound.
import type { BoardCall } from './board';

/** The board says so this long. */
export const UNSAID_SHOWN_MS = 300_000;
/** More are kept by no name. */
const NAMED_MAX = 20;

export interface Unsaid {
  /** Numbers, the newest first. */
  readonly numbers: readonly string[];
  /** There were more than these: which, nobody knows here. */
  readonly more: boolean;
  /** When it was noticed last, in milliseconds of `Date.now`. */
  readonly at: number;
}

/** What was not said so far, and what came to it now; `calls` are the newest first. */
export function withUnsaid(before: Unsaid | null, calls: readonly BoardCall[], more: boolean, at: number): Unsaid | null {
  if (calls.length === 0 && !more) return before;
  const known = before !== null && at - before.at < UNSAID_SHOWN_MS ? before : null;
  const numbers = [...new Set([...calls.map((call) => call.number), ...(known?.numbers ?? [])])];
  return { numbers: numbers.slice(0, NAMED_MAX), more: more || numbers.length > NAMED_MAX || (known?.more ?? false), at };
}

/** Without a number that is said after all. */
export function withoutSaid(before: Unsaid | null, number: string): Unsaid | null {
  if (!before?.numbers.includes(number)) return before;
  const numbers = before.numbers.filter((one) => one !== number);
  return numbers.length === 0 && !before.more ? null : { ...before, numbers };
}

/** Tells the display's own program, which tells the server. */
export async function reportUnsaid({ numbers, more }: Unsaid): Promise<void> {
  const body = JSON.stringify({ numbers, more });
  await fetch('/local/unsaid', { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => undefined);
}
