// The words of citizens' pages in their languages: typed keys, parameters, plural, and what is loaded when.
// Chinese is the source and always there; the others come when somebody chooses one. Knows no page.
import { computed, reactive, ref, shallowRef, type WritableComputedRef } from 'vue';
import type apply from './words/zh/apply';
import type common from './words/zh/common';
import type board from './words/zh/board';
import type booking from './words/zh/booking';
import type complain from './words/zh/complain';
import type evaluation from './words/zh/evaluation';
import type form from './words/zh/form';
import type kiosk from './words/zh/kiosk';
import type listed from './words/zh/listed';
import type lists from './words/zh/lists';
import type own from './words/zh/own';
import type portal from './words/zh/portal';
import type said from './words/zh/said';
import type track from './words/zh/track';
import type verify from './words/zh/verify';

export type Zh = typeof common &
  typeof apply &
  typeof board &
  typeof form &
  typeof kiosk &
  typeof listed &
  typeof lists &
  typeof own &
  typeof portal &
  typeof said &
  typeof track &
  typeof booking &
  typeof evaluation &
  typeof complain &
  typeof verify;
export type Key = keyof Zh;
export type Language = 'zh' | 'en' | 'mn';
/** A text; with `one` for exactly one of `n` where a language says that differently. */
export type Message = string | { readonly one: string; readonly other: string };
/** A catalogue with exactly the keys of the Chinese one. */
export type Translated<Source> = Readonly<Record<keyof Source, Message>>;
type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<K extends Key> = [Names<Zh[K]>] extends [never] ? [] : [values: Readonly<Record<Names<Zh[K]>, string | number>>];
/** A key whose text needs nothing put in. */
export type PlainKey = { [K in Key]: Values<K> extends [] ? K : never }[Key];
type Table = Readonly<Record<string, Message>>;
type Load = () => Promise<{ readonly default: Table }>;

/** Every language with its name in itself and what `lang` says of it. */
export const LANGUAGES: readonly { readonly code: Language; readonly name: string; readonly lang: string }[] = [
  { code: 'zh', name: '中文', lang: 'zh-CN' },
  { code: 'mn', name: 'ᠮᠣᠩᠭᠣᠯ', lang: 'mn-Mong' },
  { code: 'en', name: 'English', lang: 'en' },
];

/** What the page speaks now. */
export const language = ref<Language>('zh');
const tables: Record<Language, Record<string, Message>> = { zh: {}, en: reactive({}), mn: reactive({}) };
const waiting: Record<Exclude<Language, 'zh'>, Load[]> = { en: [], mn: [] };

/** An area of words: its Chinese at once, the others when they are wanted. */
export function addWords(zh: Table, others: Readonly<Record<Exclude<Language, 'zh'>, Load>>): void {
  Object.assign(tables.zh, zh);
  waiting.en.push(others.en);
  waiting.mn.push(others.mn);
}

/** Loads what is not there yet of a language; what cannot be loaded stays wanted. */
export async function loadWords(wanted: Language = language.value): Promise<void> {
  if (wanted === 'zh') return;
  const loads = waiting[wanted].splice(0);
  const put = async (load: Load): Promise<void> => {
    try {
      Object.assign(tables[wanted], (await load()).default);
    } catch (error) {
      waiting[wanted].push(load);
      throw error;
    }
  };
  await Promise.all(loads.map(put));
}

/** Speaks another language from now on; without its words the page stays as it is and answers `false`. */
export async function chooseLanguage(wanted: Language): Promise<boolean> {
  try {
    await loadWords(wanted);
  } catch {
    return false;
  }
  language.value = wanted;
  document.documentElement.lang = LANGUAGES.find(({ code }) => code === wanted)?.lang ?? '';
  return true;
}

function textOf(message: Message | undefined, values: Readonly<Record<string, string | number>>): string | undefined {
  const text = typeof message === 'object' ? (Number(values.n) === 1 ? message.one : message.other) : message;
  return text?.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The text of a key in the language of the page; Chinese while a page's words are still on their way. */
export function t<K extends Key>(key: K, ...given: Values<K>): string {
  const values = given[0] ?? {};
  return textOf(tables[language.value][key], values) ?? textOf(tables.zh[key], values) ?? key;
}

/** The text of a key in a language beside that of the page; empty while its words are not there. */
export function textBeside<K extends Key>(other: Language, key: K, ...given: Values<K>): string {
  return textOf(tables[other][key], given[0] ?? {}) ?? '';
}

/** The Chinese of a key, for what the server understands or says. */
export function inChinese(key: Key): string {
  return textOf(tables.zh[key], {}) ?? key;
}

/** What a page says for a while, such as why something failed. Given as the way to say it, it is said again when the
    page speaks another language. */
export function useMessage(): WritableComputedRef<string, string | (() => string)> {
  const kept = shallowRef<string | (() => string)>('');
  return computed({
    get: () => (typeof kept.value === 'function' ? kept.value() : kept.value),
    set: (next: string | (() => string)) => {
      kept.value = next;
    },
  });
}

/** What the server wrote for people, on a Chinese page; elsewhere the page's own words for it. */
export function told(fromServer: string | null | undefined, own: string): string {
  return language.value === 'zh' && fromServer ? fromServer : own;
}
