// The words that several pages for citizens share: times, appointments, materials, checks of what is typed.
import { addWords } from '../words';
import zh from './zh/common';

addWords(zh, { en: () => import('./en/common'), mn: () => import('./mn/common') });
export { t } from '../words';
