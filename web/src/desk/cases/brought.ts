// What is handed in for a case that was registered before: which of its materials may come now, how each is taken in,
// and the words for the server.
import type { Case, MaterialSpec, SubmissionInput } from '../../shared/contract';
import { allows } from '../../shared/badges';

type Material = Case['materials'][number];
/** One material that came: kept, or only looked at; how many of each. */
export interface Brought {
  isVerified: boolean;
  originals: number;
  copies: number;
}

const isIn = ({ status }: Material) => status !== 'missing' && status !== 'promised';

/** Why the approver sent it back to the desk, while it lies there. */
export function returnedFor(record: Case): string | undefined {
  if (record.state !== 'accepted') return undefined;
  const last = record.history.filter(({ type }) => type === 'case_returned' || type === 'materials_supplied').at(-1);
  return last?.type === 'case_returned' ? (last.note ?? '') : undefined;
}

/** What may come now: anything before acceptance and after it was sent back, later only what was promised (server's rule `not_promised`). */
export function openOf(record: Case): Material[] {
  const { materials } = record;
  if (allows(record.actions, 'update')) return materials;
  if (record.state === 'correcting') return materials.filter((one) => !isIn(one));
  return returnedFor(record) === undefined ? materials.filter(({ status }) => status === 'promised') : materials;
}

/** As the matter asks for it. */
export const usual = (material: Material, spec: MaterialSpec | undefined): Brought => ({
  isVerified: spec?.keeping === 'verified' || material.status === 'verified',
  originals: material.originals || (spec?.originals ?? 0),
  copies: material.copies || (spec?.copies ?? 0),
});

export function entryOf(id: string, { isVerified, originals, copies }: Brought): SubmissionInput {
  return isVerified ? { material_id: id, status: 'verified' } : { material_id: id, status: 'collected', originals, copies };
}

/** The whole checklist, as `PATCH /cases/{case}` takes it; what was not brought stays as it was. */
export function checklistOf(record: Case, brought: ReadonlyMap<string, Brought>): SubmissionInput[] {
  return record.materials.map(({ material_id: id, status, originals, copies }) => {
    const one = brought.get(id);
    return one ? entryOf(id, one) : { material_id: id, status, originals, copies };
  });
}

/** Required materials that would still lack. */
export const lackingWith = (record: Case, brought: ReadonlyMap<string, Brought>): Material[] =>
  record.materials.filter((one) => one.required && !isIn(one) && !brought.has(one.material_id));
