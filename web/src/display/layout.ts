// What this display shows: as somebody set it at the service, kept for the next start, or as the address of the page says,
// which wins. Knows no board.
import type { components } from '../shared/api';
import { secondOf } from './second';

export type DisplayLayout = Readonly<components['schemas']['DisplayLayout']>;
export type BoardBlock = DisplayLayout['blocks'][number];

const KEY = 'yichuang_display_layout';

export const USUAL_LAYOUT: DisplayLayout = {
  view: 'hall',
  window: null,
  second: 'none',
  blocks: ['before', 'waiting', 'next', 'windows', 'notices'],
  columns: 2,
  size: 'normal',
};

function keptLayout(kept: string | null): DisplayLayout {
  try {
    return kept === null ? USUAL_LAYOUT : { ...USUAL_LAYOUT, ...(JSON.parse(kept) as Partial<DisplayLayout>) };
  } catch {
    // Somebody else wrote there: as if nothing was kept.
    return USUAL_LAYOUT;
  }
}

/** The layout of an address over the one that was kept. */
export function layoutOf(search: string, kept: string | null): DisplayLayout {
  const query = new URLSearchParams(search);
  const view = query.get('view');
  const window = Number(query.get('window')) || undefined;
  const layout = keptLayout(kept);
  return {
    ...layout,
    ...(view === 'window' || view === 'lists' || view === 'hall' ? { view } : {}),
    ...(window === undefined ? {} : { window }),
    second: secondOf(search) ?? layout.second,
  };
}

/** Takes a layout that was told: one that is new is kept, and `again` shows the page with it. */
export function followLayout(again: () => void): (told: DisplayLayout | null | undefined) => void {
  return (told) => {
    if (!told) return;
    const text = JSON.stringify(told);
    if (localStorage.getItem(KEY) === text) return;
    localStorage.setItem(KEY, text);
    // Where nothing can be kept, the page would begin again and again.
    if (localStorage.getItem(KEY) === text) again();
  };
}

/** What is shown from the start of the page. */
export function startLayout(): DisplayLayout {
  return layoutOf(location.search, localStorage.getItem(KEY));
}
