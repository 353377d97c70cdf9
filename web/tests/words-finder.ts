// Finds what is wrong with the words of citizens' pages: keys that a language lacks or has too many, keys nobody uses
// or nobody has, parameters that differ, and Chinese left in the pages. Knows the rules and no page.
export type Catalogue = Readonly<Record<string, string | { readonly one: string; readonly other: string }>>;

/** One language of one area. */
export interface Area {
  readonly name: string;
  readonly language: string;
  readonly words: Catalogue;
}

export interface Source {
  readonly path: string;
  readonly text: string;
}

const textsOf = (message: Catalogue[string]): readonly string[] => (typeof message === 'string' ? [message] : [message.one, message.other]);

function parametersOf(text: string): string {
  return [...new Set(Array.from(text.matchAll(/\{(\w+)\}/g), ([, name]) => name))].sort().join(', ');
}

/** Every language has exactly the keys and parameters of the Chinese one, and no empty text. */
export function wrongCatalogues(areas: readonly Area[]): readonly string[] {
  return areas.flatMap(({ name, language, words }) => {
    const zh = areas.find((one) => one.name === name && one.language === 'zh')?.words ?? {};
    const found: string[] = [];
    for (const key of Object.keys(zh)) if (!(key in words)) found.push(`${language}/${name}: ${key} is missing`);
    for (const [key, message] of Object.entries(words)) {
      const source = zh[key];
      if (source === undefined) {
        found.push(`${language}/${name}: ${key} is no key of zh`);
        continue;
      }
      const wanted = parametersOf(textsOf(source)[0] ?? '');
      for (const text of textsOf(message)) {
        // "1 person" may say its number in words.
        const isOne = typeof message === 'object' && text === message.one;
        const has = parametersOf(text);
        const lacksOnlyN = isOne && wanted === [...has.split(', '), 'n'].filter(Boolean).sort().join(', ');
        if (text.trim() === '') found.push(`${language}/${name}: ${key} is empty`);
        if (has !== wanted && !lacksOnlyN) found.push(`${language}/${name}: ${key} has {${has}}, zh has {${wanted}}`);
      }
    }
    return found;
  });
}

/** Source without comments: what is said to programmers is not said to citizens. */
export function withoutComments(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

/** Keys that no source names, and what looks like a key and is none. */
export function wrongUses(areas: readonly Area[], sources: readonly Source[]): readonly string[] {
  const known = new Set(areas.filter(({ language }) => language === 'zh').flatMap(({ words }) => Object.keys(words)));
  const starts = new Set([...known].map((key) => key.split('.')[0]));
  const used = new Set<string>();
  const found: string[] = [];
  for (const { path, text } of sources) {
    for (const [, key = ''] of withoutComments(text).matchAll(/['"`]([a-z]\w*(?:\.\w+)+)['"`]/gi)) {
      if (known.has(key)) used.add(key);
    }
    for (const [, key = ''] of withoutComments(text).matchAll(/\b(?:t|inChinese)\(\s*['"`]([^'"`]+)['"`]/g)) {
      if (!known.has(key) && (starts.has(key.split('.')[0]) || key.includes('.'))) found.push(`${path}: ${key} is no key`);
    }
  }
  return [...found, ...[...known].filter((key) => !used.has(key)).map((key) => `${key} is used nowhere`)];
}

/** Chinese in a page whose words stand in the catalogues. */
export function leftChinese(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    withoutComments(text)
      .split('\n')
      .filter((line) => /[\u3400-\u9fff]/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
}
