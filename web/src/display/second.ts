// The second language of a board, from its layout or its address (`?second=en` or `?second=mn`): English stands smaller below or beside
// the Chinese, Mongolian upright in columns beside whole blocks. Without one the board is Chinese only. Knows no board.
import { h, ref, type FunctionalComponent } from 'vue';
import { Say } from '../shared/components/say';
import { loadWords, textBeside, type t } from '../shared/words';

const AGAIN_MS = 10_000;

/** The language that was asked for; nothing else is one. */
export function secondOf(search: string): 'en' | 'mn' | null {
  const wanted = new URLSearchParams(search).get('second');
  return wanted === 'en' || wanted === 'mn' ? wanted : null;
}
export const second = ref<'en' | 'mn' | null>(null);

/** Shows a second language, or none, and brings its words; called when every area of words is known. */
export function showSecond(wanted: 'en' | 'mn' | 'none'): void {
  second.value = wanted === 'none' ? null : wanted;
  if (second.value !== null) loadWords(second.value).catch(() => setTimeout(() => showSecond(wanted), AGAIN_MS));
}

/** A text in English where this board has it beside the Chinese; empty otherwise. */
export const english: typeof t = (key, ...values) => (second.value === 'en' ? textBeside('en', key, ...values) : '');
/** The same in Mongolian. */
export const mongolian: typeof t = (key, ...values) => (second.value === 'mn' ? textBeside('mn', key, ...values) : '');

/** A line of English; nothing for an empty text. */
export const Second: FunctionalComponent<{ text: string }> = ({ text }) =>
  text === '' ? null : h('span', { class: 'second', lang: 'en' }, h(Say, { text }));
Second.props = ['text'];

/** A column of Mongolian beside its block; nothing for an empty text. */
export const Side: FunctionalComponent<{ text: string }> = ({ text }) =>
  text === '' ? null : h('span', { class: 'side' }, h(Say, { text }));
Side.props = ['text'];
