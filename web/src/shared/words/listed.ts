// What the server itself writes into the public lists — their titles and the rules of the service — in another
// language. What a place wrote is not here and stays Chinese.
import { addWords, inChinese, language, t, textBeside, type Key, type Language } from '../words';
import zh from './zh/listed';

addWords(zh, { en: () => import('./en/listed'), mn: () => import('./mn/listed') });

const keys = new Map((Object.keys(zh) as (keyof typeof zh)[]).map((key) => [inChinese(key), key]));

/** The text in the language of the page, when the server's own words are known. */
export function listed(text: string): string {
  const key = language.value === 'zh' ? undefined : keys.get(text);
  return key === undefined ? text : (t as (key: Key) => string)(key);
}

/** The text in a language beside that of the page; empty where it is not known. */
export function listedBeside(other: Language, text: string): string {
  const key = keys.get(text);
  return key === undefined ? '' : (textBeside as (other: Language, key: Key) => string)(other, key);
}
