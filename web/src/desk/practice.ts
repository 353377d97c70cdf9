// Whether one can practise at the own hall now, and going there and back. The page is loaded anew each time: nothing
// of the one hall may stay on the screen of the other.
import { ref } from 'vue';
import { take } from '../shared/client';
import { sayProblem } from './say';
import { api, session } from './session';

/** Whether somebody opened practising at the hall of who is signed in. */
export const canPractise = ref(false);
let asked = '';

export async function askPractice(): Promise<void> {
  const staff = session.staff;
  if (!staff || staff.practice || asked === staff.id) return;
  asked = staff.id;
  try {
    const found = await take(api.GET('/api/v1/sites/{site}/practice', { params: { path: { site: staff.site_id } } }));
    canPractise.value = found.open;
  } catch {
    // Practising is nothing that a page would have to wait for.
    asked = '';
  }
}

export async function practise(on: boolean): Promise<void> {
  try {
    await take(api.POST('/api/v1/sessions/current/practice', { body: { on } }));
    window.location.reload();
  } catch (error) {
    sayProblem(error);
  }
}
