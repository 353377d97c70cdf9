// The one way to the server: a typed client with an Idempotency-Key on every POST, retries that keep
// the key, problem documents as errors, and a sign-in that does not lose what was typed.
import createClient from 'openapi-fetch';
import type { paths } from './contract';
import { Problem, problemOf } from './problem';

export interface ApiOptions {
  /** Device or API token; browsers with the session cookie have none. */
  token?: string;
  /** Asks the person to sign in again; true when that worked and the request may be sent once more. */
  signInAgain?: () => Promise<boolean>;
}

const retryDelaysMs = [300, 900, 2000];
const unkeyedPaths = ['/api/v1/sessions', '/api/v1/devices/pair'];

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether trying again soon may help: the service was away, not unwilling. */
const isPassing = (status: number) => status === 502 || status === 503 || status === 504;

/** Keys of POSTs whose outcome is unknown, by path and body: pressing again asks for the same outcome. */
const undecided = new Map<string, string>();

/** A key for a request that is sent in another way than by the client below. 128 random bits; crypto.randomUUID does not exist on a hall's plain http address. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function keyed(request: Request): Promise<{ request: Request; settle: (known: boolean) => void }> {
  const path = new URL(request.url).pathname;
  if (request.method !== 'POST' || unkeyedPaths.includes(path)) return { request, settle: () => undefined };
  const isText = request.headers.get('Content-Type')?.startsWith('application/json') ?? true;
  const print = `${path} ${isText ? await request.clone().text() : ''}`;
  const key = (isText ? undecided.get(print) : undefined) ?? freshKey();
  undecided.set(print, key);
  const headers = new Headers(request.headers);
  headers.set('Idempotency-Key', key);
  return {
    request: new Request(request, { headers }),
    settle: (known) => {
      if (known) undecided.delete(print);
    },
  };
}

async function attempt(request: Request): Promise<Response> {
  for (const delay of retryDelaysMs) {
    try {
      const response = await fetch(request.clone());
      if (!isPassing(response.status)) return response;
    } catch (error) {
      if (request.signal.aborted) throw error;
    }
    await pause(delay);
  }
  return fetch(request.clone());
}

export function createApi(options: ApiOptions = {}) {
  async function send(input: Request): Promise<Response> {
    if (options.token) input.headers.set('Authorization', `Bearer ${options.token}`);
    const { request, settle } = await keyed(input);
    let response = await attempt(request);
    const isSignIn = new URL(request.url).pathname === '/api/v1/sessions';
    if (response.status === 401 && !isSignIn && options.signInAgain && (await options.signInAgain())) {
      response = await attempt(request);
    }
    settle(response.status < 500);
    return response;
  }
  return createClient<paths>({ baseUrl: window.location.origin, fetch: send });
}

/** The body of a successful answer; a refusal or an unreachable server becomes a `Problem`. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem({ status: 0, code: 'unreachable' });
  }
  if (answer.response.ok) return answer.data as T;
  throw problemOf(answer.error, answer.response.status);
}
