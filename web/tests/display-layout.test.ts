// What a display shows: as it was told, kept for the next start, and as its address says, which wins.
import { beforeEach, expect, it, vi } from 'vitest';
import { followLayout, layoutOf, USUAL_LAYOUT, type DisplayLayout } from '../src/display/layout';

const store = new Map<string, string>();
beforeEach(() => {
  store.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
  });
});
const told: DisplayLayout = { ...USUAL_LAYOUT, view: 'lists', second: 'mn', blocks: ['before'] };

it('shows the usual without anything, what was kept, and what the address says', () => {
  expect(layoutOf('', null)).toEqual(USUAL_LAYOUT);
  expect(layoutOf('', JSON.stringify(told))).toEqual(told);
  expect(layoutOf('', '{broken')).toEqual(USUAL_LAYOUT);
  expect(layoutOf('?view=window&window=3&second=en', JSON.stringify(told))).toEqual({ ...told, view: 'window', window: 3, second: 'en' });
  expect(layoutOf('?view=nothing&window=x', null)).toEqual(USUAL_LAYOUT);
});

it('shows a new layout once, and nothing again for the same or none', () => {
  const again = vi.fn();
  const follow = followLayout(again);
  follow(null);
  follow(undefined);
  expect(again).not.toHaveBeenCalled();
  follow(told);
  follow(told);
  expect(again).toHaveBeenCalledTimes(1);
  expect(layoutOf('', [...store.values()][0] ?? null)).toEqual(told);
});

it('goes on where nothing can be kept, instead of beginning again for ever', () => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
  const again = vi.fn();
  followLayout(again)(told);
  expect(again).not.toHaveBeenCalled();
});
