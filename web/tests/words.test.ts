// The words of citizens' pages are whole in every language, used, and nowhere else than in their catalogues.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { addWords, language, t, type Language } from '../src/shared/words';
import { clockText, dayText, waitRangeText } from '../src/shared/public-clock';
import { loadWords } from '../src/shared/words';
import { listed } from '../src/shared/words/listed';
import { said } from '../src/shared/words/said';
import { leftChinese, withoutComments, wrongCatalogues, wrongUses, type Area, type Catalogue, type Source } from './words-finder';

const src = fileURLToPath(new URL('../src', import.meta.url));
/** Pages whose words stand in the catalogues. */
const CONVERTED = [
  /^display\//,
  // Staff read Chinese: the screens for the person in charge are left out.
  /^kiosk\/(?!CareScreen|TakeOverScreen)/,
  /^pad\//,
  /^portal\//,
  /^shared\/components\/(Public\w+|LanguageRow|SchemaForm)\.vue$/,
  /^shared\/(public-(clock|device|evaluation|materials|voice|http|lines)|appointments|form-schema|tracking|validation)\.ts$/,
];

function filesOf(folder: string): readonly Source[] {
  return readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(vue|ts)$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(src, folder, path), 'utf8') }));
}

async function areasOf(languages: readonly Language[]): Promise<readonly Area[]> {
  const areas: Area[] = [];
  for (const of of languages)
    for (const file of readdirSync(join(src, 'shared/words', of))) {
      const name = file.replace('.ts', '');
      const { default: words } = (await import(`../src/shared/words/${of}/${name}.ts`)) as { default: Catalogue };
      areas.push({ name, language: of, words });
    }
  return areas;
}

const sources = filesOf('.').filter(({ path }) => !path.startsWith('shared/words/'));

it('has every key in every language, with the same parameters', async () => {
  const areas = await areasOf(['zh', 'en', 'mn']);
  expect(areas.length).toBeGreaterThanOrEqual(6);
  expect(areas.length % 3).toBe(0);
  expect(wrongCatalogues(areas)).toEqual([]);
});

it('uses every key and only keys that exist', async () => {
  // What the server says is found by its shape, not by its key.
  const areas = (await areasOf(['zh'])).filter(({ name }) => !['said', 'listed'].includes(name));
  expect(wrongUses(areas, sources)).toEqual([]);
});

it('leaves no Chinese in the pages', () => {
  const pages = sources.filter(({ path }) => CONVERTED.some((pattern) => pattern.test(path)));
  expect(pages.length).toBeGreaterThan(20);
  expect(leftChinese(pages)).toEqual([]);
});

it('leaves no Chinese in the English and Mongolian words', async () => {
  for (const { language: of, name, words } of await areasOf(['en', 'mn'])) {
    const texts = Object.entries(words).flatMap(([key, message]) =>
      typeof message === 'string'
        ? [[key, message]]
        : [
            [key, message.one],
            [key, message.other],
          ],
    );
    for (const [key, text] of texts) expect(text, `${of}/${name} ${key}`).not.toMatch(/[\u3400-\u9fff]/);
  }
});

it('knows every phrase that the server says of a ticket or case', async () => {
  const server = fileURLToPath(new URL('../../server/src/app/tracking/', import.meta.url));
  const phrases = ['timeline.rs', 'steps.rs'].flatMap((file) =>
    Array.from(
      withoutComments(readFileSync(join(server, file), 'utf8')).matchAll(/"([^"\n]*[\u3400-\u9fff][^"\n]*)"/g),
      ([, text = '']) => text,
    ),
  );
  expect(phrases.length).toBeGreaterThan(90);
  for (const wanted of ['en', 'mn'] as const) {
    await loadWords(wanted);
    language.value = wanted;
    const unknown = phrases.filter((phrase) => /[\u3400-\u9fff]/.test(said(phrase.replace(/\{[^}]*\}/g, '7'))));
    expect(unknown, wanted).toEqual([]);
  }
  expect(said('请到 3 号窗口')).toContain('3');
  expect(said('谁也没说过的话')).toBe('谁也没说过的话');
  language.value = 'en';
  expect(said('正在做证照')).toBe('Being made: certificate');
  expect(said('前面还有 1 人')).toBe('1 person before you');
  language.value = 'zh';
});

it('knows everything that the server itself writes into the public lists', async () => {
  const lists = readFileSync(fileURLToPath(new URL('../../server/src/app/lists.rs', import.meta.url)), 'utf8');
  const texts = Array.from(withoutComments(lists).matchAll(/"([^"\n]*[\u3400-\u9fff][^"\n]*)"/g), ([, text = '']) => text);
  expect(texts.length).toBeGreaterThan(30);
  for (const wanted of ['en', 'mn'] as const) {
    await loadWords(wanted);
    language.value = wanted;
    expect(
      texts.filter((text) => /[\u3400-\u9fff]/.test(listed(text))),
      wanted,
    ).toEqual([]);
  }
  expect(listed('白音镇便民服务中心')).toBe('白音镇便民服务中心');
  language.value = 'zh';
});

it('finds what is wrong: a sample', () => {
  const zh: Area = { name: 'a', language: 'zh', words: { 'a.one': '一 {n}', 'a.two': '二', 'a.three': '三' } };
  const en: Area = { name: 'a', language: 'en', words: { 'a.one': { one: 'one', other: '{count} ones' }, 'a.two': ' ', 'a.four': 'four' } };
  expect(wrongCatalogues([zh, en])).toEqual([
    'en/a: a.three is missing',
    'en/a: a.one has {count}, zh has {n}',
    'en/a: a.two is empty',
    'en/a: a.four is no key of zh',
  ]);
  const page = `<p>{{ t('a.one', { n: 1 }) }}</p><!-- t('a.two') --> ${"t('a.five')"} // 'a.three'`;
  expect(wrongUses([zh], [{ path: 'p.vue', text: page }])).toEqual([
    'p.vue: a.five is no key',
    'a.two is used nowhere',
    'a.three is used nowhere',
  ]);
  expect(leftChinese([{ path: 'p.vue', text: '<p>取号</p>\n<!-- 取号 -->\n// 取号\nhttps://x/取\n/* 号 */' }])).toEqual([
    'p.vue: <p>取号</p>',
    'p.vue: https://x/取',
  ]);
  expect(withoutComments("const a = 'http://x'; // b")).toBe("const a = 'http://x'; ");
});

it('speaks the language of the page: parameters, plural, times', async () => {
  addWords({}, { en: async () => ({ default: {} }), mn: async () => ({ default: {} }) });
  const at = Date.parse('2026-11-24T10:42:00+08:00');
  expect(t('clock.minutes', { n: 5 })).toBe('5 分钟');
  expect(dayText(at)).toBe('11月24日');
  await loadWords('en');
  language.value = 'en';
  expect(dayText(at)).toBe('24 Nov');
  expect(clockText(at)).toBe('10:42');
  expect(waitRangeText(18 * 60, 25 * 60)).toBe('about 18–25 min');
  expect(t('material.collected', { n: 1 })).toBe('We keep 1 copy');
  expect(t('material.collected', { n: 2 })).toBe('We keep 2 copies');
  await loadWords('mn');
  language.value = 'mn';
  expect(dayText(at)).toContain('24');
  expect(dayText(at)).toMatch(/[\u1820-\u18aa]/);
  language.value = 'zh';
});
