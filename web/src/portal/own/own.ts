// What an applicant can settle about the own case, and the calls that do it.
import { call } from '../../shared/public-http';

export interface MaskedPerson {
  readonly name: string | null;
  readonly phone: string | null;
  readonly address: string | null;
}
export interface Authorisation {
  readonly agent: MaskedPerson;
  readonly submits: boolean;
  readonly collects: boolean;
  readonly until: string;
  readonly state: 'open' | 'expired' | 'withdrawn' | 'used';
}
export interface OwnCase {
  readonly id: string;
  readonly number: string;
  readonly matter_name: string;
  readonly delivery: 'window' | 'courier';
  readonly recipient: MaskedPerson | null;
  readonly courier_offered: boolean;
  readonly authorisation: Authorisation | null;
  readonly authorisation_days_max: number;
  readonly actions: readonly string[];
}
export interface AgentCase {
  readonly number: string;
  readonly matter_name: string;
  readonly applicant_name: string;
  readonly until: string;
  readonly timeline: readonly { readonly title: string; readonly done: boolean }[];
  readonly next_step: { readonly title: string } | null;
}

export async function ownCases(code: string): Promise<readonly OwnCase[]> {
  const path = `/api/v1/citizens/cases?tracking_code=${encodeURIComponent(code)}`;
  return (await call<{ items: readonly OwnCase[] }>(path, { asDevice: false })).items;
}

export async function agentCases(): Promise<readonly AgentCase[]> {
  return (await call<{ items: readonly AgentCase[] }>('/api/v1/citizens/agent-cases?limit=200', { asDevice: false })).items;
}

/** `delivery`, `authorise` or `withdraw-authorisation`; answers the case as it is then. */
export const settle = (id: string, action: string, body: object, key: string): Promise<OwnCase> =>
  call<OwnCase>(`/api/v1/citizens/cases/${encodeURIComponent(id)}/${action}`, { method: 'POST', body, key, asDevice: false });
