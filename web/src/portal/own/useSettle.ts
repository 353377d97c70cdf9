// One thing to settle: what is wrong with its fields, and whether it is under way.
import { ref, shallowRef } from 'vue';
import { freshKey, problemOf, type FieldError } from '../../shared/public-http';
import { told as inOwnWords } from '../../shared/words';
import { t } from '../../shared/words/own';
import { settle, type OwnCase } from './own';

export function useSettle(id: () => string, done: (one: OwnCase) => void, signedOut: () => void) {
  const busy = ref(false);
  const errors = shallowRef<readonly FieldError[]>([]);
  const failed = ref('');
  let key = freshKey();
  let last = '';

  async function send(action: string, body: object): Promise<boolean> {
    if (busy.value) return false;
    // The same wish again has the same key, so that it is done once.
    const wish = JSON.stringify([action, body]);
    if (wish !== last) [key, last] = [freshKey(), wish];
    busy.value = true;
    errors.value = [];
    failed.value = '';
    try {
      done(await settle(id(), action, body, key));
      last = '';
      return true;
    } catch (error) {
      const problem = problemOf(error);
      errors.value = problem.errors ?? [];
      if (problem.status === 401) signedOut();
      else if (errors.value.length === 0) failed.value = inOwnWords(problem.detail, t('own.failed'));
      if (problem.status === 409) last = '';
      return false;
    } finally {
      busy.value = false;
    }
  }
  const message = (field: string): string => {
    const error = errors.value.find((one) => one.field === field);
    return error === undefined ? '' : inOwnWords(error.message, error.code === 'missing' ? t('own.missing') : t('own.wrong'));
  };
  return { busy, errors, failed, send, message };
}
