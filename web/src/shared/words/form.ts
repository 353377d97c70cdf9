// The words of a matter's own form: what is wrong in it, and answers read aloud.
import { addWords } from '../words';
import './common';
import zh from './zh/form';

addWords(zh, { en: () => import('./en/form'), mn: () => import('./mn/form') });
export { t } from '../words';
