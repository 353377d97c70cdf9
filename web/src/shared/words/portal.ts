// The words of the citizens' portal that everybody loads.
import { addWords } from '../words';
import './common';
import './track';
import zh from './zh/portal';

addWords(zh, { en: () => import('./en/portal'), mn: () => import('./mn/portal') });
export { inChinese, t } from '../words';
