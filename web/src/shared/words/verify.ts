// The words of checking a document.
import { addWords } from '../words';
import './portal';
import zh from './zh/verify';

addWords(zh, { en: () => import('./en/verify'), mn: () => import('./mn/verify') });
export { t } from '../words';
