// Whether a part that is kept while another is looked at is the one on the screen: only then its keys act.
import { onActivated, onDeactivated, ref, type Ref } from 'vue';

export function useShown(): Ref<boolean> {
  const isShown = ref(true);
  onActivated(() => (isShown.value = true));
  onDeactivated(() => (isShown.value = false));
  return isShown;
}
