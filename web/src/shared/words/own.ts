// The words of what an applicant settles from home: the parcel, and the agent.
import { addWords } from '../words';
import './apply';
import zh from './zh/own';

addWords(zh, { en: () => import('./en/own'), mn: () => import('./mn/own') });
export { t } from '../words';
