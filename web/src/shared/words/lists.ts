// The words of 公示.
import { addWords } from '../words';
import './portal';
import zh from './zh/lists';

addWords(zh, { en: () => import('./en/lists'), mn: () => import('./mn/lists') });
export { t } from '../words';
