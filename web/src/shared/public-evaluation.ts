// The five levels of an evaluation with their faces, and the national reason codes per level.
import type { PlainKey } from './words';
// The short words are ours, the codes and their meaning are the standard's.
export type Level = 'very_satisfied' | 'satisfied' | 'basically_satisfied' | 'dissatisfied' | 'very_dissatisfied';

export interface Reason {
  readonly code: string;
  readonly text: PlainKey;
}

export interface LevelChoice {
  readonly level: Level;
  readonly text: PlainKey;
  /** Lines of the face in a 96 × 96 box: eyes, mouth. */
  readonly face: readonly [string, string];
  readonly question: PlainKey;
  readonly reasons: readonly Reason[];
}

/** At most so many reasons are taken. */
export const REASONS_MAX = 3;

function reasons(...pairs: readonly (readonly [string, PlainKey])[]): readonly Reason[] {
  return pairs.map(([code, text]) => ({ code, text }));
}

/** Best first, one colour and weight for all. */
export const LEVELS: readonly LevelChoice[] = [
  {
    level: 'very_satisfied',
    text: 'rate.very_satisfied',
    face: ['M30 40q5-7 10 0M56 40q5-7 10 0', 'M32 56q16 20 32 0z'],
    question: 'rate.good',
    reasons: reasons(
      ['510', 'rate.510'],
      ['511', 'rate.511'],
      ['512', 'rate.512'],
      ['513', 'rate.513'],
      ['514', 'rate.514'],
      ['515', 'rate.515'],
      ['516', 'rate.516'],
      ['517', 'rate.517'],
    ),
  },
  {
    level: 'satisfied',
    text: 'rate.satisfied',
    face: ['M35 37v5M61 37v5', 'M33 58q15 13 30 0'],
    question: 'rate.good',
    reasons: reasons(
      ['406', 'rate.406'],
      ['407', 'rate.407'],
      ['408', 'rate.408'],
      ['409', 'rate.409'],
      ['410', 'rate.410'],
      ['411', 'rate.411'],
      ['412', 'rate.412'],
      ['413', 'rate.413'],
    ),
  },
  {
    level: 'basically_satisfied',
    text: 'rate.basically_satisfied',
    face: ['M35 38v4M61 38v4', 'M34 62h28'],
    question: 'rate.aspects',
    reasons: reasons(
      ['307', 'rate.307'],
      ['308', 'rate.308'],
      ['309', 'rate.309'],
      ['310', 'rate.310'],
      ['311', 'rate.311'],
      ['312', 'rate.312'],
      ['313', 'rate.313'],
      ['314', 'rate.314'],
    ),
  },
  {
    level: 'dissatisfied',
    text: 'rate.dissatisfied',
    face: ['M35 39v5M61 39v5', 'M34 66q14-12 28 0'],
    question: 'rate.bad',
    reasons: reasons(
      ['207', 'rate.207'],
      ['208', 'rate.208'],
      ['209', 'rate.209'],
      ['210', 'rate.210'],
      ['211', 'rate.211'],
      ['212', 'rate.212'],
      ['213', 'rate.213'],
      ['214', 'rate.214'],
    ),
  },
  {
    level: 'very_dissatisfied',
    text: 'rate.very_dissatisfied',
    face: ['M29 34l10 5M67 34l-10 5M35 44v2M61 44v2', 'M33 69q15-19 30 0'],
    question: 'rate.bad',
    reasons: reasons(
      ['108', 'rate.108'],
      ['109', 'rate.109'],
      ['110', 'rate.110'],
      ['111', 'rate.111'],
      ['112', 'rate.112'],
      ['113', 'rate.113'],
      ['114', 'rate.114'],
      ['115', 'rate.115'],
    ),
  },
];
