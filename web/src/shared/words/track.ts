// The words of how far a visit and its cases are: on phones and at the kiosk.
import { addWords } from '../words';
import './common';
import zh from './zh/track';

addWords(zh, { en: () => import('./en/track'), mn: () => import('./mn/track') });
export { inChinese, t } from '../words';
