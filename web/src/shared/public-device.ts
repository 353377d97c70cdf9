// This browser as a hall device: its token from pairing, the hall it belongs to.
// Knows no page of it.
import { call, DEVICE_SITE_KEY, DEVICE_TOKEN_KEY, deviceToken, problemOf } from './public-http';

interface Paired {
  readonly device_id: string;
  readonly token: string;
  readonly site_id?: string;
}

/** Whether this browser must be paired before it can show anything. */
export function needsPairing(): boolean {
  return deviceToken() === null;
}

/** Trades the 8-digit code for this browser's token. */
export async function pair(code: string): Promise<void> {
  const paired = await call<Paired>('/api/v1/devices/pair', { method: 'POST', body: { code } });
  localStorage.setItem(DEVICE_TOKEN_KEY, paired.token);
  if (paired.site_id !== undefined) localStorage.setItem(DEVICE_SITE_KEY, paired.site_id);
}

/** What `GET /devices/current` tells of this device. */
export interface OwnDevice {
  readonly device_id?: string;
  readonly kind?: string;
  readonly site_id: string;
  readonly window_id?: string | null;
}

let own: Promise<OwnDevice> | null = null;

async function lookUp(): Promise<OwnDevice> {
  const named = new URLSearchParams(location.search).get('site') ?? localStorage.getItem(DEVICE_SITE_KEY);
  if (named !== null) return { site_id: named };
  return call<OwnDevice>('/api/v1/devices/current');
}

/** The hall of this device: named in the address, kept from pairing, or told by the server. */
export async function siteOfDevice(): Promise<string> {
  own ??= lookUp();
  try {
    return (await own).site_id;
  } catch (error) {
    own = null;
    if (problemOf(error).status === 401) localStorage.removeItem(DEVICE_TOKEN_KEY);
    throw error;
  }
}
