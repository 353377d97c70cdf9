// 一件事一次办: several matters read and filled in as one, and what each of their cases gets of it.
import type { Bundle, Case, MaterialSpec, Matter } from './contract';
import { fieldsOf, type Answers, type FormField } from './form-schema';

export interface Joint {
  bundle: Pick<Bundle, 'id' | 'name' | 'promised_days' | 'together' | 'shared' | 'shared_fields'>;
  matters: Matter[];
}

/** A field of the joint form, and the matters that it is filled in for. */
export interface JointField {
  field: FormField;
  matters: Matter[];
}

/** Working days for deciding together by law (行政许可法 42). */
const jointDays = 45;

/** Every name under which a material is asked for. */
export function namesOf(joint: Joint, materialId: string): string[] {
  return joint.bundle.shared.find(({ material_ids: ids }) => ids.includes(materialId))?.material_ids ?? [materialId];
}

/** What two matters ask for, asked for once: the stricter of both. */
function both(known: MaterialSpec, other: MaterialSpec): MaterialSpec {
  const always = !known.situation_ids.length || !other.situation_ids.length;
  return {
    ...known,
    required: known.required || other.required,
    tolerable: (known.tolerable || !known.required) && (other.tolerable || !other.required),
    originals: Math.max(known.originals, other.originals),
    copies: Math.max(known.copies, other.copies),
    situation_ids: always ? [] : [...known.situation_ids, ...other.situation_ids],
  };
}

/** The bundle as one matter: one form, one list of materials, all its questions. */
export function asOne(joint: Joint): Matter | undefined {
  const [first, ...rest] = joint.matters;
  if (!first) return undefined;
  const materials: MaterialSpec[] = [];
  for (const material of joint.matters.flatMap((matter) => matter.materials)) {
    const names = namesOf(joint, material.id);
    const at = materials.findIndex(({ id }) => names.includes(id));
    if (at < 0) materials.push(material);
    else materials[at] = both(materials[at] as MaterialSpec, material);
  }
  const departments = [...new Set(joint.matters.map((matter) => matter.department_name))];
  const days = joint.matters.map(({ promised_days: own }) => own ?? 0);
  return {
    ...first,
    id: joint.bundle.id,
    name: joint.bundle.name,
    case_kind: 'promised',
    promised_days: joint.bundle.promised_days ?? Math.max(...days),
    statutory_days: jointDays,
    department_name: departments.join('、'),
    applicant_kinds: first.applicant_kinds.filter((kind) => rest.every((matter) => matter.applicant_kinds.includes(kind))),
    conditions: [...new Set(joint.matters.flatMap(({ conditions }) => conditions ?? []).map((one) => one.replace(/。$/, '')))],
    situations: joint.matters.flatMap((matter) => matter.situations),
    materials,
  };
}

/** The field in which a matter's field is filled in, where several are filled in once. */
function leadOf({ shared_fields: shared }: Joint['bundle'], matter: string, own: string) {
  return shared.find(({ fields }) => fields.some(({ matter_id: id, name }) => id === matter && name === own))?.fields[0];
}
/** The name in the joint form under which a matter's field is filled in. */
export const filledAs = ({ bundle }: Joint, matter: string, own: string): string => leadOf(bundle, matter, own)?.name ?? own;

/** Of what was filled into the joint form, what one of the matters asks, under its own names. */
export const ownAnswers = (joint: Joint, matter: Matter, answers: Answers): Answers =>
  Object.fromEntries(fieldsOf(matter.form_schema).map(({ name }) => [name, answers[filledAs(joint, matter.id, name)]]));

/** The one form: what several matters ask stands in it once, where the first of them asks it. */
export function formOfJoint({ bundle, matters }: Joint): JointField[] {
  const asked: JointField[] = [];
  for (const matter of matters) {
    for (const own of fieldsOf(matter.form_schema)) {
      const lead = leadOf(bundle, matter.id, own.name);
      const name = lead?.name ?? own.name;
      const known = asked.find(({ field }) => field.name === name);
      if (known) {
        known.field = { ...known.field, required: known.field.required || own.required };
        known.matters.push(matter);
        continue;
      }
      const first = matters.find(({ id }) => id === lead?.matter_id);
      const field = fieldsOf(first?.form_schema).find((one) => one.name === name) ?? own;
      asked.push({ field: { ...field, name, required: field.required || own.required }, matters: [matter] });
    }
  }
  return asked;
}

/** The matters that ask for a material of the joint list. */
export function askedBy(joint: Joint, materialId: string): Matter[] {
  const names = namesOf(joint, materialId);
  return joint.matters.filter(({ materials }) => materials.some(({ id }) => names.includes(id)));
}

/** Days within which a promised material must come: the shortest promise of any of the matters. */
export function promiseDays(joint: Joint): number {
  const days = joint.matters.flatMap(({ promised_days: own }) => own ?? []);
  return days.length ? Math.min(...days) : 5;
}

/** Of a list about materials, what concerns one of the cases, under its own names. */
export function ownOf<T extends { material_id?: string }>(joint: Joint, record: Case, list: T[]): T[] {
  return list.flatMap((one) => {
    if (!one.material_id) return [];
    const names = namesOf(joint, one.material_id);
    const own = record.materials.find(({ material_id: id }) => names.includes(id));
    return own ? [{ ...one, material_id: own.material_id }] : [];
  });
}
