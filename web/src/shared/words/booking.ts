// The words of booking a time.
import { addWords } from '../words';
import './portal';
import zh from './zh/booking';

addWords(zh, { en: () => import('./en/booking'), mn: () => import('./mn/booking') });
export { t } from '../words';
