// The words of applying online.
import { addWords } from '../words';
import './form';
import './portal';
import zh from './zh/apply';

addWords(zh, { en: () => import('./en/apply'), mn: () => import('./mn/apply') });
export { t } from '../words';
