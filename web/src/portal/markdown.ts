// Guides are Markdown without HTML: headings, paragraphs, lists, bold. Parsed to plain data that the
// page shows as text, so that nothing in a guide can become markup. Everything else stays text.

export interface Span {
  readonly text: string;
  readonly bold: boolean;
}

export type Block =
  | { readonly kind: 'heading'; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Span[])[] };

function spans(text: string): readonly Span[] {
  return text
    .split(/(\*\*[^*]+\*\*)/)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith('**') && part.endsWith('**') && part.length > 4
        ? { text: part.slice(2, -2), bold: true }
        : { text: part, bold: false },
    );
}

const ITEM = /^\s*(?:[-*+]|(\d+)[.、])\s+(.*)$/;

function block(lines: readonly string[]): Block {
  const first = lines[0] ?? '';
  const items = lines.map((line) => ITEM.exec(line));
  if (items.every((item) => item !== null)) {
    return { kind: 'list', ordered: items[0]?.[1] !== undefined, items: items.map((item) => spans(item?.[2] ?? '')) };
  }
  const heading = /^#{1,6}\s+(.*)$/.exec(first);
  if (heading !== null && lines.length === 1) return { kind: 'heading', spans: spans(heading[1] ?? '') };
  return { kind: 'paragraph', spans: spans(lines.join('')) };
}

/** Blocks of a guide; a heading line ends the paragraph before it. */
export function parseGuide(text: string): readonly Block[] {
  const groups: string[][] = [[]];
  for (const line of text.replace(/\r/g, '').split('\n')) {
    const group = groups[groups.length - 1] ?? [];
    const last = group[group.length - 1];
    const alone = /^#{1,6}\s/.test(line) || (last !== undefined && (/^#{1,6}\s/.test(last) || ITEM.test(last) !== ITEM.test(line)));
    if (line.trim() === '') groups.push([]);
    else if (alone) groups.push([line]);
    else group.push(line);
  }
  return groups.filter((group) => group.length > 0).map(block);
}
