// Codes as people type them, and what to say when they were typed wrongly too often.
import { t } from '../shared/words/portal';

export function plainCode(code: string): string {
  return code.replace(/[\s-]/g, '').toUpperCase();
}

export function tooOften(status: number, code: string): string | null {
  if (status === 0) return t('portal.code.offline');
  if (status === 429 || code.includes('locked') || code.includes('too_many')) return t('portal.code.often');
  return null;
}
