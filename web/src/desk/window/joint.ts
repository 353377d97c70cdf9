// 一件事一次办 at the desk: several matters filled in as one, and what each of their cases gets of it.
import type { Bundle, Case, MaterialSpec, Matter } from '../../shared/contract';

export interface Joint {
  bundle: Bundle;
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
