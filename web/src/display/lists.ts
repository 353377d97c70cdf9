// The public lists cut into pages for a screen. Knows no screen.

export interface ListEntry {
  readonly id: string;
  readonly name: string;
  readonly text?: string;
  readonly department_name?: string;
  readonly case_kind?: string;
  readonly promised_days?: number;
  readonly fee_standard?: string;
  readonly address?: string;
  readonly phone?: string;
}

export interface ListPage {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly items: readonly ListEntry[];
}

export interface ScreenPage extends ListPage {
  /** Which page of its list. */
  readonly at: number;
  readonly of: number;
}

/** Rules are sentences: a screen holds fewer of them than of names. */
const SENTENCES_SHARE = 0.6;

/** Every list page by page, in order; a list without entries has no page. */
export function pagesOf(lists: readonly ListPage[], rows: number): readonly ScreenPage[] {
  return lists.flatMap((list) => {
    const size = Math.max(1, list.items.some((one) => one.text) ? Math.floor(rows * SENTENCES_SHARE) : rows);
    const count = Math.ceil(list.items.length / size);
    return Array.from({ length: count }, (_, at) => ({
      ...list,
      items: list.items.slice(at * size, (at + 1) * size),
      at: at + 1,
      of: count,
    }));
  });
}
