// The texts of a paper while they are edited: by name, compared with what is in force, with its faults.
import type { PaperTemplate, PaperText } from '../../../shared/contract';
import type { FieldError } from '../../../shared/problem';

export type Texts = Record<string, string>;

/** The texts in force. */
export const inForce = (paper: PaperTemplate): Texts => Object.fromEntries(paper.texts.map(({ name, text }) => [name, text]));

/** A version's texts, whole: where it has none, those of the house stand. */
export const ofVersion = (paper: PaperTemplate, texts: Texts): Texts =>
  Object.fromEntries(paper.texts.map(({ name, default_text }) => [name, texts[name] ?? default_text]));

export const isSame = (one: Texts, other: Texts): boolean => Object.keys(one).every((name) => one[name]?.trim() === other[name]?.trim());

/** What is wrong with one text. */
export const faultsOf = (faults: readonly FieldError[], name: string): FieldError[] =>
  faults.filter(({ field }) => field === `texts.${name}`);

/** The sample that shows a text: its own, else the one that was chosen. */
export function sampleFor(paper: PaperTemplate, text: string, chosen: string | undefined): string | undefined {
  const names = paper.samples.map(({ name }) => name);
  if (names.includes(text)) return text;
  // Remedies stand on denials alone, the way of delivery on what is granted.
  if (text === 'remedies' && names.includes('opening_denied')) return 'opening_denied';
  if (text === 'delivery' && names.includes('opening_granted')) return 'opening_granted';
  return chosen ?? names[0];
}

/** Lines that a text takes in its field. */
export const linesOf = (text: PaperText, words: string): number =>
  Math.min(6, Math.max(text.chars_max > 60 ? 2 : 1, Math.ceil(words.length / 34)));

export const stateWords: Record<string, string> = {
  in_force: '在用',
  planned: '定好了，还没到日子',
  past: '用过',
  over: '到期了',
  removed: '停用了',
};
