// One field of the guide desk tells a phone number, a document, and the codes of a slip apart.
import { expect, it } from 'vitest';
import { whatIsLost } from '../src/desk/guide/lost';

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
