// Saving of a form in a dialog: once at a time, what is wrong stands at its field.
import { ref, shallowRef } from 'vue';
import { asProblem, type Problem } from '../../shared/problem';

export function useSaving() {
  const busy = ref(false);
  const problem = shallowRef<Problem>();
  async function saving(send: () => Promise<void>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    problem.value = undefined;
    try {
      await send();
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      busy.value = false;
    }
  }
  return { busy, problem, saving };
}
