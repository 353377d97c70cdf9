// What the kiosk's page says on its screens is what the kiosk's own program says: one table holds both.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { guideOf, GUIDES } from '../src/kiosk/guide';
import { inChinese } from '../src/shared/words/kiosk';

const table = JSON.parse(readFileSync(fileURLToPath(new URL('../../kiosk/src/voice/guides.json', import.meta.url)), 'utf8')) as readonly {
  name: string;
  text: string;
  pinyin: string;
}[];

it('says the same words as the program', () => {
  expect(table.map(({ name, text }) => [name, text])).toEqual(Object.entries(GUIDES).map(([name, key]) => [name, inChinese(key)]));
  for (const { name, text, pinyin } of table) {
    const syllables = pinyin.split(' ').filter((part) => part !== ',');
    expect(syllables.length, name).toBe(Array.from(text).filter((sign) => !/[，、]/.test(sign)).length);
    expect(
      syllables.every((syllable) => /^[a-z]+[1-5]$/.test(syllable)),
      name,
    ).toBe(true);
  }
});

it('knows what to say on a screen', () => {
  expect(guideOf('home', false)).toBe('home');
  expect(guideOf('home', true)).toBe('closed');
  expect(guideOf('rate', true)).toBe('rate');
  expect(guideOf('number', false)).toBeNull();
});
