// The words of complaints and their answers.
import { addWords } from '../words';
import './portal';
import zh from './zh/complain';

addWords(zh, { en: () => import('./en/complain'), mn: () => import('./mn/complain') });
export { t } from '../words';
