// What the field bag's page asks for: drafts with photos, and receipts. Knows no page.
import type { ApplicantKind, IdType, SubmissionStatus } from '../shared/contract';
import { call, ProblemError, type Problem } from '../shared/public-http';

/** How the bag is; told to everybody at the machine. */
export interface BagState {
  readonly is_packed: boolean;
  readonly site_name: string;
  readonly site_phone: string | null;
  readonly public_url: string | null;
  readonly packed_at: string | null;
  readonly online: boolean;
  readonly unsent: number;
  readonly trouble: 'disk_low' | 'journal_damaged' | null;
}

export interface BagStaff {
  readonly id: string;
  readonly name: string;
  readonly username: string;
}

export interface MatterLine {
  readonly id: string;
  readonly name: string;
  readonly case_kind: 'instant' | 'promised';
  readonly promised_days: number;
  readonly materials: number;
}

export interface BagMaterial {
  readonly id: string;
  readonly name: string;
  readonly originals: number;
  readonly copies: number;
  readonly required: boolean;
  readonly tolerable: boolean;
  readonly keeping: 'collected' | 'verified';
  readonly acceptance_points: readonly string[];
  readonly situation_ids: readonly string[];
}

export interface BagQuestion {
  readonly question: string;
  readonly many: boolean;
  readonly options: readonly { readonly id: string; readonly name: string }[];
  readonly asked_if?: readonly string[];
}

export interface BagMatter {
  readonly id: string;
  readonly name: string;
  readonly case_kind: 'instant' | 'promised';
  readonly promised_days: number;
  readonly statutory_days: number | null;
  readonly applicant_kinds: readonly ApplicantKind[];
  readonly materials: readonly BagMaterial[];
  readonly situations: readonly BagQuestion[];
  readonly conditions: readonly string[];
  readonly form_schema?: unknown;
}

export interface BagPerson {
  kind: ApplicantKind | '';
  name: string;
  id_type: IdType | '';
  id_number: string;
  phone: string;
  address: string;
}

export interface FilledMaterial {
  id: string;
  status: SubmissionStatus;
  originals: number;
  copies: number;
}

export interface Filled {
  situation_ids: string[];
  materials: FilledMaterial[];
  applicant: BagPerson;
  agent: BagPerson | null;
  form: Record<string, unknown>;
}

export interface Photo {
  readonly sha: string;
  readonly material_id: string;
}

export interface Draft {
  readonly id: string;
  readonly matter_id: string;
  readonly matter_name: string;
  readonly changed_at: string;
  readonly filled: Filled;
  readonly photos: readonly Photo[];
}

export interface SentMaterial {
  readonly name: string;
  readonly status: SubmissionStatus;
  readonly originals: number;
  readonly copies: number;
  readonly photos: number;
}

export interface Sent {
  readonly case_id: string;
  readonly number: string;
  readonly query_code: string;
  readonly tracking_code: string;
  readonly matter_name: string;
  readonly at: string;
  readonly by_name: string;
  readonly applicant: string;
  readonly materials: readonly SentMaterial[];
  readonly as_draft: boolean;
  readonly is_taken: boolean;
}

const BAG = '/api/v1/bag';
const own = { asDevice: false } as const;

export const readBag = (): Promise<BagState> => call<BagState>(`${BAG}/state`, own);

export async function bagStaff(): Promise<BagStaff> {
  return (await call<{ staff: BagStaff }>(`${BAG}/sessions/current`, own)).staff;
}

export async function enterBag(username: string, pin: string): Promise<BagStaff> {
  return (await call<{ staff: BagStaff }>(`${BAG}/sessions`, { ...own, method: 'POST', body: { username, pin } })).staff;
}

export async function leaveBag(): Promise<void> {
  await call(`${BAG}/sessions/current`, { ...own, method: 'DELETE' });
}

export async function findMatters(query: string): Promise<readonly MatterLine[]> {
  return (await call<{ items: readonly MatterLine[] }>(`${BAG}/matters?query=${encodeURIComponent(query)}`, own)).items;
}

export const readMatter = (id: string): Promise<BagMatter> => call<BagMatter>(`${BAG}/matters/${id}`, own);

export const readCases = (): Promise<{ drafts: readonly Draft[]; sent: readonly Sent[] }> => call(`${BAG}/cases`, own);

export const beginCase = (matter_id: string): Promise<Draft> =>
  call<Draft>(`${BAG}/cases`, { ...own, method: 'POST', body: { matter_id } });

export const keepCase = (id: string, filled: Filled): Promise<Draft> =>
  call<Draft>(`${BAG}/cases/${id}`, { ...own, method: 'PUT', body: filled });

export async function discardCase(id: string): Promise<void> {
  await call(`${BAG}/cases/${id}`, { ...own, method: 'DELETE' });
}

export const receiveCase = (id: string, as_draft: boolean): Promise<Sent> =>
  call<Sent>(`${BAG}/cases/${id}/receive`, { ...own, method: 'POST', body: { as_draft } });

export const photoUrl = (id: string, sha: string): string => `${BAG}/cases/${id}/photos/${sha}`;

export async function addPhoto(id: string, material: string, jpeg: Blob): Promise<Draft> {
  const path = `${BAG}/cases/${id}/photos?material_id=${encodeURIComponent(material)}`;
  const init: RequestInit = { method: 'POST', headers: { accept: 'application/json', 'content-type': 'image/jpeg' }, body: jpeg };
  const answer = await fetch(path, init).catch(() => {
    throw new ProblemError({ status: 0, code: 'no_answer' });
  });
  const body: unknown = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ProblemError({ code: 'unknown', ...(body as Partial<Problem>), status: answer.status });
  return body as Draft;
}

export const removePhoto = (id: string, sha: string): Promise<Draft> =>
  call<Draft>(`${BAG}/cases/${id}/photos/${sha}`, { ...own, method: 'DELETE' });

export const nobody = (): BagPerson => ({ kind: '', name: '', id_type: '', id_number: '', phone: '', address: '' });

/** What is wrong with a field, from the last refusal. */
export const faultIn = (problem: Problem | undefined, field: string): string | undefined =>
  problem?.errors?.find((error) => error.field === field)?.message;
