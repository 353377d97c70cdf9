// Calls of the public pages: JSON in and out, problem documents as one error type, device token
// and idempotency key where they belong. Knows no page and no rule.
export const DEVICE_TOKEN_KEY = 'yichuang_device_token';
export const DEVICE_SITE_KEY = 'yichuang_device_site';
const ANSWER_MS_MAX = 12_000;

/** What is wrong with one field, by its path in the body. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** A problem document as the pages use it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title?: string;
  readonly detail?: string;
  readonly trace_id?: string;
  readonly guide_text?: string;
  readonly opens_at?: string;
  readonly retry_at?: string;
  /** Every wrong field of a 422. */
  readonly errors?: readonly FieldError[];
}

/** Thrown for every answer that is not 2xx, and for no answer at all (`code` is then `no_answer`). */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Same key for every retry of the same wish. */
  readonly key?: string;
  /** Told the server's time, UTC milliseconds, to the second: a screen's own clock may be wrong. */
  readonly dated?: (serverNow: number) => void;
  /** Whether the device token of this browser goes along, if it has one; what a person does it never does. */
  readonly asDevice?: boolean;
}

/** A fresh key; works on plain http as well, where `randomUUID` does not exist. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function deviceToken(): string | null {
  return localStorage.getItem(DEVICE_TOKEN_KEY);
}

function asProblem(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    return { ...(body as Problem), status };
  }
  return { status, code: `http_${status}` };
}

/** One request; the device token goes along when this browser has one. */
export async function call<T>(path: string, { method = 'GET', body, key, asDevice = true, dated }: Call = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const token = asDevice ? deviceToken() : null;
  if (token !== null) headers['authorization'] = `Bearer ${token}`;
  if (key !== undefined) headers['idempotency-key'] = key;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ANSWER_MS_MAX);
  try {
    const init: RequestInit = { method, headers, signal: patience.signal, cache: 'no-store' };
    if (body !== undefined) init.body = JSON.stringify(body);
    const answer = await fetch(path, init);
    const serverNow = Date.parse(answer.headers.get('date') ?? '');
    if (!Number.isNaN(serverNow)) dated?.(serverNow);
    const text = await answer.text();
    const parsed: unknown = text === '' ? null : JSON.parse(text);
    if (!answer.ok) throw new ProblemError(asProblem(answer.status, parsed));
    return parsed as T;
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError({ status: 0, code: 'no_answer' });
  } finally {
    clearTimeout(timer);
  }
}

/** The problem in whatever was thrown. */
export function problemOf(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : { status: 0, code: 'unknown' };
}
