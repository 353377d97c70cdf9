// Scans that were still on their way when their visit ended: they stay here, over every page, until they are in the case
// or somebody gives them up.
import { computed, shallowReactive } from 'vue';
import type { Case } from '../../shared/contract';
import type { Scans } from './scans';

interface Unsent {
  record: Pick<Case, 'id' | 'number' | 'matter_name' | 'applicant'>;
  scans: Scans;
}
const kept = shallowReactive<Unsent[]>([]);

/** Those that are not there yet. */
export const unsent = computed(() => kept.filter(({ scans }) => scans.open > 0));

/** The visit is over; a draft that was begun at the window is taken back and has no place for files. */
export function keepUnsent(record: Case | undefined, scans: Scans): void {
  if (!record || (record.state === 'draft' && !record.application) || !scans.open) return;
  for (let at = kept.length - 1; at >= 0; at -= 1) if (!kept[at]?.scans.open) kept.splice(at, 1);
  if (!kept.some((one) => one.scans === scans)) kept.push({ record, scans });
}
