// Whether a citizen is signed in with a phone in this browser. The token lies in a cookie that no script reads.
import { ref } from 'vue';
import { call, problemOf } from '../../shared/public-http';
import { forgetAll } from './draft';

/** The masked phone; null for nobody. */
export const citizen = ref<string | null>(null);

interface Told {
  readonly citizen: { readonly phone: string };
}

export async function loadCitizen(): Promise<void> {
  try {
    citizen.value = (await call<Told>('/api/v1/citizens/sessions/current', { asDevice: false })).citizen.phone;
  } catch (error) {
    if (problemOf(error).status !== 401) throw error;
    citizen.value = null;
  }
}

export async function askForCode(phone: string): Promise<number> {
  const sent = await call<{ resend_in_s: number }>('/api/v1/citizens/codes', { method: 'POST', body: { phone }, asDevice: false });
  return sent.resend_in_s;
}

/** What the button of the identity platform says; null where there is none. */
export async function identityLabel(): Promise<string | null> {
  return (await call<{ label: string | null }>('/api/v1/citizens/identity', { asDevice: false })).label;
}

/** Where a browser goes to sign in with the identity platform, and comes back to this page. */
export function identityAddress(): string {
  const here = new URL(location.href);
  here.searchParams.delete('sign_in');
  return `/api/v1/citizens/identity/begin?to=${encodeURIComponent(here.pathname + here.search)}`;
}

/** The phone signed in with last on this phone: who signs in again means the same account. */
const PHONE_KEY = 'yichuang_apply_phone';
export const lastPhone = (): string => localStorage.getItem(PHONE_KEY) ?? '';

/** Signs in and answers the masked phone; whoever asked says so to the page. */
export async function signIn(phone: string, code: string): Promise<string> {
  const told = await call<Told>('/api/v1/citizens/sessions', { method: 'POST', body: { phone, code }, asDevice: false });
  localStorage.setItem(PHONE_KEY, phone);
  return told.citizen.phone;
}

/** Signs out, and forgets what was typed on this phone. */
export async function signOut(): Promise<void> {
  forgetAll();
  citizen.value = null;
  await call('/api/v1/citizens/sessions/current', { method: 'DELETE', asDevice: false }).catch(() => null);
}
