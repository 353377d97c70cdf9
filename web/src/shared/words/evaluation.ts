// The words of the evaluation, on phone and pad.
import { addWords } from '../words';
import './common';
import zh from './zh/evaluation';

addWords(zh, { en: () => import('./en/evaluation'), mn: () => import('./mn/evaluation') });
export { t } from '../words';
