import { describe, expect, it } from 'vitest';
import { insertAt, pieces } from '../src/desk/admin/messages';

describe('the words of a message', () => {
  it('come apart at their places', () => {
    expect(pieces('您的 {number} 好了{')).toEqual([
      { text: '您的 ', place: false },
      { text: '{number}', place: true },
      { text: ' 好了{', place: false },
    ]);
    expect(pieces('')).toEqual([]);
  });
  it('take a place in where the cursor stands', () => {
    expect(insertAt('到领', 1, 1, '{place}')).toBe('到{place}领');
    expect(insertAt('到那里领', 1, 3, '{place}')).toBe('到{place}领');
  });
});
