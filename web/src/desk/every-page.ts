// Whole lists, page by page: what counts, searches or keeps places free must know every row of it.

/** The most rows that the server gives at once. */
export const PAGE_ROWS = 200;
/** More than any list of a district; a cursor that never ends is a fault, not a list. */
const PAGES_MAX = 100;

export interface ListPage<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Every row of a list; `read` asks for the page at a cursor, `undefined` for the first. */
export async function everyPage<T>(read: (cursor: string | undefined) => Promise<ListPage<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items, next_cursor: next } = await read(cursor);
    rows.push(...items);
    if (!next) return rows;
    cursor = next;
  }
  throw new Error(`a list of more than ${PAGES_MAX} pages`);
}
