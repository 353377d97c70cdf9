// Public lists page by page: every entry is shown once, in order.
import { describe, expect, it } from 'vitest';
import { pagesOf, type ListPage } from '../src/display/lists';

const list = (name: string, count: number, text?: string): ListPage => ({
  name,
  title: name,
  text: '',
  items: Array.from({ length: count }, (_, at) => ({ id: `${name}-${at}`, name: `${at}`, ...(text ? { text } : {}) })),
});

describe('pagesOf', () => {
  it('shows every entry once and in order', () => {
    const lists = [list('all', 15), list('none', 0), list('rules', 9, '一句话。')];
    const pages = pagesOf(lists, 7);
    expect(pages.map((page) => [page.name, page.at, page.of, page.items.length])).toEqual([
      ['all', 1, 3, 7],
      ['all', 2, 3, 7],
      ['all', 3, 3, 1],
      ['rules', 1, 3, 4],
      ['rules', 2, 3, 4],
      ['rules', 3, 3, 1],
    ]);
    expect(pages.flatMap((page) => page.items.map((one) => one.id))).toEqual(lists.flatMap((one) => one.items.map((entry) => entry.id)));
  });
});
