// What a citizen typed into an application: kept on this phone at once, on the server when signed in. Knows the
// fields and what is wrong with them, and no page.
import { reactive } from 'vue';
import type { FieldError } from '../../shared/public-http';
import type { ApplicantKind, IdType } from '../../shared/contract';
import { answersOf, formOf, type Answers, type FormField } from '../../shared/form-schema';
import { checkIdNumber, checkName, checkPhone } from '../../shared/validation';
import type { PlainKey } from '../../shared/words';
import { t } from '../../shared/words/apply';

const KEPT_MS = 7 * 24 * 3600 * 1000;

export interface Person {
  kind: ApplicantKind;
  name: string;
  id_type: IdType;
  id_number: string;
  phone: string;
  address: string;
}

/** Everything that is typed. */
export interface Form {
  situationIds: string[];
  applicant: Person;
  hasAgent: boolean;
  agent: Person;
  /** Materials that the applicant says to have. */
  have: string[];
  /** What was filled into the matter's own form. */
  answers: Answers;
}

/** As the server keeps it. */
export interface Content {
  readonly situation_ids?: readonly string[];
  readonly applicant?: Partial<Record<keyof Person, string | null>> | null;
  readonly agent?: Partial<Record<keyof Person, string | null>> | null;
  readonly materials?: readonly { readonly material_id: string; readonly status?: string | null }[];
  readonly form?: unknown;
}

const person = (): Person => ({ kind: 'person', name: '', id_type: 'resident_id', id_number: '', phone: '', address: '' });
const blank = (): Form => ({ situationIds: [], applicant: person(), hasAgent: false, agent: person(), have: [], answers: {} });

export function createForm(): Form {
  return reactive(blank());
}

export function clearForm(form: Form): void {
  Object.assign(form, blank());
}

const keyOf = (matterId: string): string => `yichuang_apply_${matterId}`;

interface Kept {
  readonly form: Form;
  readonly applicationId: string | null;
  /** Whether the server has not got it yet. */
  readonly isNewer: boolean;
  readonly at: number;
}

/** Keeps what was typed on this phone; a phone without room keeps what it had. */
export function keep(matterId: string, form: Form, applicationId: string | null, isNewer: boolean): void {
  try {
    localStorage.setItem(keyOf(matterId), JSON.stringify({ form, applicationId, isNewer, at: Date.now() } satisfies Kept));
  } catch {
    // The server may still have it.
  }
}

/** What was kept of a matter, for a week. */
export function kept(matterId: string): Kept | null {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(matterId)) ?? 'null') as Kept | null;
    if (found === null || Date.now() - found.at > KEPT_MS) {
      forget(matterId);
      return null;
    }
    return { ...found, form: { ...blank(), ...found.form } };
  } catch {
    return null;
  }
}

export function forget(matterId: string): void {
  localStorage.removeItem(keyOf(matterId));
}

/** Forgets everything that was typed on this phone: whoever comes next must not read it. */
export function forgetAll(): void {
  Object.keys(localStorage)
    .filter((key) => key.startsWith('yichuang_apply_'))
    .forEach((key) => localStorage.removeItem(key));
}

function told(one: Person): Record<string, string> {
  const fields = { kind: one.kind, id_type: one.id_type, name: one.name.trim(), id_number: one.id_number.trim().toUpperCase() };
  const more = { phone: one.phone.replace(/[\s-]/g, ''), address: one.address.trim() };
  return Object.fromEntries(Object.entries({ ...fields, ...more }).filter(([, text]) => text !== ''));
}

/** The whole form as the server takes it; an empty agent is nobody. */
export function contentOf(form: Form, materialIds: readonly string[], fields: readonly FormField[] = []): Record<string, unknown> {
  return {
    situation_ids: form.situationIds,
    applicant: told(form.applicant),
    agent: form.hasAgent ? told(form.agent) : {},
    ...(fields.length > 0 && { form: formOf(fields, form.answers) }),
    materials: materialIds.map((id) => ({ material_id: id, status: form.have.includes(id) ? 'promised' : 'missing' })),
  };
}

/** Puts what the server kept into the form. */
export function fill(form: Form, content: Content): void {
  const of = (one: Content['applicant']): Person => {
    const texts = Object.entries(one ?? {}).filter(([name, text]) => name in person() && typeof text === 'string');
    return { ...person(), ...(Object.fromEntries(texts) as Partial<Person>) };
  };
  form.situationIds = [...(content.situation_ids ?? [])];
  form.applicant = of(content.applicant);
  form.hasAgent = Boolean(content.agent);
  form.agent = of(content.agent);
  form.answers = answersOf(content.form as Record<string, unknown> | null | undefined);
  form.have = (content.materials ?? []).filter((one) => one.status === 'promised').map((one) => one.material_id);
}

export const isBegun = (form: Form): boolean =>
  form.situationIds.length > 0 || [form.applicant.name, form.applicant.id_number, form.applicant.phone].some((text) => text.trim() !== '');

/** What is wrong, by field and in the order of the page. */
export function wrongOf(form: Form): readonly FieldError[] {
  const of = (part: 'applicant' | 'agent'): [string, string | undefined][] => {
    const one = form[part];
    return [
      [`${part}.name`, one.name.trim() === '' ? (one.kind === 'person' ? t('apply.askName') : t('apply.askUnit')) : checkName(one.name)],
      [`${part}.id_number`, checkIdNumber(one.id_type, one.id_number)],
      [`${part}.phone`, one.phone.trim() === '' ? t('apply.askPhone') : checkPhone(one.phone)],
    ];
  };
  const all = [...of('applicant'), ...(form.hasAgent ? of('agent') : [])];
  return all.flatMap(([field, message]) => (message === undefined ? [] : [{ field, code: 'form', message }]));
}

export const kindKeys: Readonly<Record<ApplicantKind, PlainKey>> = {
  person: 'apply.kind.person',
  enterprise: 'apply.kind.enterprise',
  institution: 'apply.kind.institution',
  social_org: 'apply.kind.social_org',
  agency: 'apply.kind.agency',
  other: 'apply.kind.other',
};

export const idTypeKeys: Readonly<Record<IdType, PlainKey>> = {
  resident_id: 'apply.id.resident_id',
  uscc: 'apply.id.uscc',
  passport: 'apply.id.passport',
  hk_macao_permit: 'apply.id.hk_macao_permit',
  taiwan_permit: 'apply.id.taiwan_permit',
  foreign_pr: 'apply.id.foreign_pr',
  other: 'apply.id.other',
};
