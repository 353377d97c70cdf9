// 用以前交过的: asking whether there is something, the consent, and taking it over. What was filled in then comes by the
// way of every whole read of personal data: on record.
import { answersOf, type Answers } from '../../shared/form-schema';
import { take } from '../../shared/client';
import type { Case } from '../../shared/contract';
import type { components } from '../../shared/api';
import { actOnCase } from '../acts';
import { api } from '../session';
import type { Visit } from './visit';

export type Earlier = components['schemas']['EarlierView'];
export type EarlierCount = components['schemas']['EarlierCountView'];

const REVEAL_REASON = '申请人同意用以前填过的信息，填进这一件的申请表';

/** That there is something; `undefined` when it cannot be asked. */
export function countEarlier(siteId: string, visit: Visit): Promise<EarlierCount | undefined> {
  const { kind, name, id_type, id_number } = visit.applicant;
  const applicant = { kind, name: name.trim(), id_type, id_number: id_number.trim().toUpperCase() };
  const body = { matter_id: visit.matter?.id ?? '', situation_ids: visit.situationIds, applicant };
  return take(api.POST('/api/v1/sites/{site}/earlier-materials', { params: { path: { site: siteId } }, body })).catch(() => undefined);
}

export const readEarlier = (record: Case): Promise<Earlier> =>
  take(api.GET('/api/v1/cases/{case}/earlier-materials', { params: { path: { case: record.id } } }));

/** The case of the visit; before there is one, a draft of what was typed. */
async function recordOf(siteId: string, visit: Visit): Promise<Case> {
  if (visit.record) return visit.record;
  const { form, ...input } = visit.input(siteId, false);
  const isFormSound = Object.entries(visit.checks).every(([field, message]) => !field.startsWith('form.') || !message);
  const body = { ...input, ...(form && isFormSound && { form }), draft: true };
  visit.record = await take(api.POST('/api/v1/cases', { body }));
  return visit.record;
}

export async function consent(siteId: string, visit: Visit, way: 'oral' | 'signature', version: number, signature: string): Promise<void> {
  const record = await recordOf(siteId, visit);
  const signed = way === 'signature' ? { signature: signature.replace(/^data:[^,]*,/, '') } : {};
  visit.record = await actOnCase(record.id, 'reuse-consent', { way, text_version: version, ...signed });
}

export async function takeEarlier(visit: Visit, earlier: { material_id: string; case_id: string }[], form: boolean): Promise<void> {
  if (!visit.record) return;
  visit.record = await actOnCase(visit.record.id, 'reuse', { earlier, form });
  if (form) await fill(visit, visit.record);
}

/** Fills in what is empty; what was typed stays. */
async function fill(visit: Visit, record: Case): Promise<void> {
  const params = { path: { case: record.id } };
  const told = await take(api.POST('/api/v1/cases/{case}/reveal', { params, body: { fields: ['form'], reason: REVEAL_REASON } }));
  const before: Answers = answersOf(told.form as Record<string, unknown> | undefined);
  const isEmpty = (value: Answers[string]) => value === undefined || value === '' || (Array.isArray(value) && !value.length);
  for (const name of record.reuse?.fields ?? []) {
    const value = before[name];
    if (isEmpty(value) || !isEmpty(visit.answers[name])) continue;
    visit.answers[name] = value;
    visit.prefilled[name] = value;
  }
}

/** The consent is taken back: what was filled in and not changed since goes too. */
export async function withdraw(visit: Visit): Promise<void> {
  if (!visit.record) return;
  visit.record = await actOnCase(visit.record.id, 'withdraw-reuse-consent');
  for (const [name, value] of Object.entries(visit.prefilled)) {
    if (JSON.stringify(visit.answers[name]) === JSON.stringify(value)) delete visit.answers[name];
    delete visit.prefilled[name];
  }
}

/** A draft that nobody goes on with is taken back, so that it lies in no list. */
export async function leaveDraft(visit: Visit, reason: string): Promise<void> {
  if (!visit.isDraft || !visit.record) return;
  await actOnCase(visit.record.id, 'withdraw', { reason });
  visit.record = undefined;
}
