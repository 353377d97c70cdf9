// One field of the guide desk tells a phone number, a document, and the codes of a slip apart; paper numbers.
import { expect, it } from 'vitest';
import { whatIsLost } from '../src/desk/guide/lost';
import { clockOf, localInstant, nextPaperNumber } from '../src/desk/guide/paper';

it.each([
  ['138 0000 5678', { phone: '13800005678' }],
  ['+86 138-0000-5678', { phone: '13800005678' }],
  ['11010519491231002x', { id_number: '11010519491231002X' }],
  ['ggj2-g4wv', { short_code: 'GGJ2G4WV' }],
  ['https://zw.example/t/0123456789ABCDEF', { tracking_code: '0123456789ABCDEF' }],
  ['0123456789abcdef', { tracking_code: '0123456789ABCDEF' }],
  ['A012', undefined],
  ['', undefined],
])('%s', (text, told) => expect(whatIsLost(text)).toEqual(told));

it('the next paper number keeps letters and digits', () => {
  expect(['P017', 'P099', 'ZZ999', 'P'].map(nextPaperNumber)).toEqual(['P018', 'P100', 'ZZ1000', 'P']);
  expect(localInstant('2026-11-24', '09:05')).toBe('2026-11-24T09:05:00+08:00');
});

it('a time is read as it is typed', () => {
  expect(['905', '0905', '9:05', '9：05', '23.59'].map(clockOf)).toEqual(['09:05', '09:05', '09:05', '09:05', '23:59']);
  expect(['', '9', '2460', '9:5', 'x'].map(clockOf)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});
