// 大字版 and language of the phone pages, kept on this phone; more contrast when the reader's system asks for it.
import { ref, watch } from 'vue';
import { language, LANGUAGES, type Language } from '../shared/words';

const ELDER_KEY = 'yichuang_elder';

export const elder = ref(localStorage.getItem(ELDER_KEY) === 'yes');

watch(
  elder,
  (on) => {
    if (on) document.documentElement.dataset.mode = 'elder';
    else delete document.documentElement.dataset.mode;
    localStorage.setItem(ELDER_KEY, on ? 'yes' : 'no');
  },
  { immediate: true },
);

const LANGUAGE_KEY = 'yichuang_language';

/** The language chosen last on this phone; Chinese before anybody chose. */
export function keptLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  return LANGUAGES.find(({ code }) => code === kept)?.code ?? 'zh';
}
watch(language, (code) => localStorage.setItem(LANGUAGE_KEY, code));

const moreContrast = window.matchMedia('(prefers-contrast: more)');
function follow(): void {
  if (moreContrast.matches) document.documentElement.dataset.contrast = 'high';
  else delete document.documentElement.dataset.contrast;
}
moreContrast.addEventListener('change', follow);
follow();
