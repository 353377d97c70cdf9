// 用以前交过的: asking whether there is something, the consent, and taking it over. What was filled in then comes by the
// way of every whole read of personal data: on record.
import { answersOf, type Answers } from '../../shared/form-schema';
import { filledAs } from '../../shared/joint';
import { take } from '../../shared/client';
import type { Case } from '../../shared/contract';
import type { components } from '../../shared/api';
import { actOnCase, readCase } from '../acts';
import { api } from '../session';
import type { Visit } from './visit';

export type Earlier = components['schemas']['EarlierView'];
export type EarlierCount = components['schemas']['EarlierCountView'];

const REVEAL_REASON = '申请人同意用以前填过的信息，填进这一件的申请表';

/** What of earlier cases could be used for the visit's cases, each thing once. */
export interface Found extends Earlier {
  /** Where each is taken over: the case of the visit and what it calls the material. */
  takes: { id: string; to: { case: string; material_id: string; case_id: string }[] }[];
  /** The cases of the visit whose form could be filled in. */
  forms: string[];
}

/** That there is something; `undefined` when it cannot be asked. */
export function countEarlier(siteId: string, visit: Visit): Promise<EarlierCount | undefined> {
  const { kind, name, id_type, id_number } = visit.applicant;
  const applicant = { kind, name: name.trim(), id_type, id_number: id_number.trim().toUpperCase() };
  const about = visit.joint ? { bundle_id: visit.joint.bundle.id } : { matter_id: visit.matter?.id ?? '' };
  const body = { ...about, situation_ids: visit.situationIds, applicant };
  return take(api.POST('/api/v1/sites/{site}/earlier-materials', { params: { path: { site: siteId } }, body })).catch(() => undefined);
}

/** What could be used; of several matters taken as one, what a bundle asks for once stands there once. */
export async function readEarlier(visit: Visit): Promise<Found | undefined> {
  const ask = (id: string) => take(api.GET('/api/v1/cases/{case}/earlier-materials', { params: { path: { case: id } } }));
  const views = await Promise.all(visit.cases.map(async ({ id }) => ({ id, view: await ask(id) })));
  const [first] = views;
  if (!first) return undefined;
  const items: Earlier['items'] = [];
  const takes: Found['takes'] = [];
  for (const { id, view } of views) {
    for (const one of view.items) {
      const at = items.findIndex((known) => visit.namesIn(known.material_id).includes(one.material_id));
      const place = { case: id, material_id: one.material_id, case_id: one.case_id };
      if (at >= 0) takes[at]?.to.push(place);
      else {
        items.push(one);
        takes.push({ id: one.material_id, to: [place] });
      }
    }
  }
  const withForm = views.flatMap(({ id, view }) => (view.form ? [{ id, form: view.form }] : []));
  const fields = withForm.flatMap(({ form }) => form.fields);
  const [filled] = withForm;
  return {
    ...first.view,
    items,
    takes,
    count: first.view.consent ? items.filter(({ valid }) => valid).length : Math.max(...views.map(({ view }) => view.count)),
    has_form: views.some(({ view }) => view.has_form),
    form: filled
      ? { ...filled.form, fields: fields.filter((one, at) => fields.findIndex(({ title }) => title === one.title) === at) }
      : null,
    forms: withForm.map(({ id }) => id),
  };
}

/** Puts the cases as they are now into the visit. */
function renew(visit: Visit, after: readonly Case[]): void {
  if (visit.joint) visit.records = [...after];
  visit.record = after[0];
}

/** The cases of the visit; before there are any, drafts of what was typed. */
async function begin(siteId: string, visit: Visit): Promise<void> {
  if (visit.joint) {
    // What was filled in goes along when each is received: each gets its own part.
    const input = { ...visit.bundleInput(siteId, false), draft: true };
    delete input.form;
    visit.jointRecord ??= await take(api.POST('/api/v1/bundle-cases', { body: input }));
    if (!visit.records.length) renew(visit, await Promise.all(visit.jointRecord.cases.map(({ case_id: id }) => readCase(id))));
    return;
  }
  if (visit.record) return;
  const { form, ...input } = visit.input(siteId, false);
  const isFormSound = Object.entries(visit.checks).every(([field, message]) => !field.startsWith('form.') || !message);
  const body = { ...input, ...(form && isFormSound && { form }), draft: true };
  visit.record = await take(api.POST('/api/v1/cases', { body }));
}

/** One step after the other on each case; what was done stays done when a later one fails. */
async function each(visit: Visit, step: (one: Case) => Promise<Case>): Promise<void> {
  const after = [...visit.cases];
  for (const [at, one] of after.entries()) {
    after[at] = await step(one);
    renew(visit, after);
  }
}

/** Whether the applicant agreed for this case, and did not take it back. */
export const isAgreed = (one: Case) => Boolean(one.reuse && !one.reuse.consent.withdrawn_at);

export async function consent(siteId: string, visit: Visit, way: 'oral' | 'signature', version: number, signature: string): Promise<void> {
  await begin(siteId, visit);
  const signed = way === 'signature' ? { signature: signature.replace(/^data:[^,]*,/, '') } : {};
  await each(visit, async (one) => (isAgreed(one) ? one : actOnCase(one.id, 'reuse-consent', { way, text_version: version, ...signed })));
}

export async function takeEarlier(visit: Visit, found: Found, chosen: readonly string[], form: boolean): Promise<void> {
  const places = found.takes.filter(({ id }) => chosen.includes(id)).flatMap(({ to }) => to);
  await each(visit, async (one) => {
    const earlier = places.filter((place) => place.case === one.id).map(({ material_id, case_id }) => ({ material_id, case_id }));
    const isFilled = form && found.forms.includes(one.id);
    if (!earlier.length && !isFilled) return one;
    const after = await actOnCase(one.id, 'reuse', { earlier, form: isFilled });
    if (isFilled) await fill(visit, after);
    return after;
  });
}

/** Fills in what is empty; what was typed stays. */
async function fill(visit: Visit, record: Case): Promise<void> {
  const params = { path: { case: record.id } };
  const told = await take(api.POST('/api/v1/cases/{case}/reveal', { params, body: { fields: ['form'], reason: REVEAL_REASON } }));
  const before: Answers = answersOf(told.form as Record<string, unknown> | undefined);
  const isEmpty = (value: Answers[string]) => value === undefined || value === '' || (Array.isArray(value) && !value.length);
  for (const own of record.reuse?.fields ?? []) {
    const name = visit.joint ? filledAs(visit.joint, record.matter_id, own) : own;
    const value = before[own];
    if (isEmpty(value) || !isEmpty(visit.answers[name])) continue;
    visit.answers[name] = value;
    visit.prefilled[name] = value;
  }
}

/** The consent is taken back: what was filled in and not changed since goes too. */
export async function withdraw(visit: Visit): Promise<void> {
  await each(visit, async (one) => (isAgreed(one) ? actOnCase(one.id, 'withdraw-reuse-consent') : one));
  for (const [name, value] of Object.entries(visit.prefilled)) {
    if (JSON.stringify(visit.answers[name]) === JSON.stringify(value)) delete visit.answers[name];
    delete visit.prefilled[name];
  }
}

/** Drafts that nobody goes on with are taken back, so that they lie in no list. */
export async function leaveDraft(visit: Visit, reason: string): Promise<void> {
  if (!visit.isDraft) return;
  await each(visit, async (one) => (one.state === 'draft' ? actOnCase(one.id, 'withdraw', { reason }) : one));
  visit.record = visit.jointRecord = undefined;
  visit.records = [];
}
