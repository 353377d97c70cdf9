// What is said for a call, held to the same table as the display's own program; and how loud.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loudness, spokenCall } from '../src/shared/spoken';

type Row = [number: string, window: number, short: boolean, text: string];
const table = JSON.parse(readFileSync(new URL('../../display/tests/spoken.json', import.meta.url), 'utf8')) as Row[];

describe('spokenCall', () => {
  it.each(table)('%s to %s', (number, window, short, text) => {
    expect(spokenCall(number, window, short)).toBe(text);
  });
});

describe('loudness', () => {
  const steps = [
    { from: '08:30', percent: 60 },
    { from: '12:00', percent: 0 },
    { from: '14:00', percent: 80 },
  ];
  it.each([
    ['07:00', 1],
    ['08:30', 0.6],
    ['11:59', 0.6],
    ['12:30', 0],
    ['20:00', 0.8],
  ])('at %s', (at, loud) => {
    expect(loudness(steps, at)).toBe(loud);
  });
});
