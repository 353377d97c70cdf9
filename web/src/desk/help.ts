// Whether the sheet of keys is open.
import { ref } from 'vue';

export const helpOpen = ref(false);
