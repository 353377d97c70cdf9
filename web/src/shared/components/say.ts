// A text on a page for citizens. `**bold**` and line breaks are kept; Mongolian stands upright, in columns from left
// to right, with digits and Latin letters as they are read. Chinese and English are plain text: nothing is wrapped.
import { h, type FunctionalComponent, type VNode } from 'vue';

const MONGOLIAN = /[\u1820-\u18aa]/;
const UPRIGHT = /([0-9A-Za-z][0-9A-Za-z:.–-]*)/;

function pieces(text: string, plain: (part: string) => (VNode | string)[]): (VNode | string)[] {
  return text
    .split('\n')
    .flatMap((line, row) => [
      ...(row === 0 ? [] : [h('br')]),
      ...line.split(/\*\*(.+?)\*\*/).flatMap((part, at): (VNode | string)[] => (at % 2 === 1 ? [h('b', plain(part))] : plain(part))),
    ]);
}

function upright(text: string): (VNode | string)[] {
  return text
    .split(UPRIGHT)
    .filter((part) => part !== '')
    .map((part) => (UPRIGHT.test(part) ? h('span', { class: 'up' }, part) : part));
}

export const Say: FunctionalComponent<{ text: string }> = ({ text }) =>
  MONGOLIAN.test(text) ? h('span', { class: 'mn', lang: 'mn-Mong' }, pieces(text, upright)) : pieces(text, (part) => [part]);
Say.props = ['text'];
Say.inheritAttrs = false;
