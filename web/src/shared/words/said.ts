// What the server says of a ticket or case, in another language: its Chinese phrases, found by their shape. A phrase
// that is not known stays Chinese.
import { inChinese, addWords, language, t, type Key } from '../words';
import zh from './zh/said';

addWords(zh, { en: () => import('./en/said'), mn: () => import('./mn/said') });

interface Phrase {
  readonly key: Key;
  readonly shape: RegExp;
  readonly names: readonly string[];
}

/** The shapes that say most come first, so that none is taken for a shorter one. */
const phrases: readonly Phrase[] = (Object.keys(zh) as (keyof typeof zh)[])
  .map((key) => {
    const text = inChinese(key);
    const names = Array.from(text.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
    const shape = text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '(.+?)');
    return { key, shape: new RegExp(`^${shape}$`), names, plain: text.replace(/\{\w+\}/g, '').length };
  })
  .sort((a, b) => b.plain - a.plain);

/** The phrase in the language of the page. */
export function said(phrase: string): string {
  if (language.value === 'zh') return phrase;
  for (const { key, shape, names } of phrases) {
    const found = shape.exec(phrase);
    if (found === null) continue;
    const values = Object.fromEntries(names.map((name, at) => [name, said(found[at + 1] ?? '')]));
    return (t as (key: Key, values: Record<string, string>) => string)(key, values);
  }
  return phrase;
}
