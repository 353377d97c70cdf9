// The words of the boards in the hall.
import { addWords } from '../words';
import './common';
import zh from './zh/board';

addWords(zh, { en: () => import('./en/board'), mn: () => import('./mn/board') });
export { t } from '../words';
