// The words of the kiosk.
import { addWords } from '../words';
import './common';
import zh from './zh/kiosk';

addWords(zh, { en: () => import('./en/kiosk'), mn: () => import('./mn/kiosk') });
export { inChinese, t } from '../words';
