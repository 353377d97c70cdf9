// One field of the guide desk tells a phone number, a document, and the codes of a slip apart; paper numbers.
import { expect, it } from 'vitest';
import type { Matter } from '../src/shared/contract';
import type { Material } from '../src/shared/public-types';
import { oneBreath } from '../src/desk/guide/breath';
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

const matter = {
  name: '最低生活保障对象认定',
  case_kind: 'promised',
  promised_days: 20,
  visits: 1,
  handled_in: 'local',
  fee: null,
  result_name: '低保证',
  courier: true,
} as unknown as Matter;
const material = (name: string, more: Partial<Material> = {}): Material => ({ id: name, name, required: true, ...more });

it('a matter is said in one breath, of what the answers ask for', () => {
  const asked = [material('居民身份证', { keeping: 'verified' }), material('收入证明', { tolerable: true })];
  expect(oneBreath(matter, asked)).toBe(
    '最低生活保障对象认定。带 2 样：居民身份证（看一下就还您）、收入证明（没带也先受理，办好前补上就行）。20 个工作日办好。不收费。办好发低保证，来取或者寄给您。',
  );
  const instant = {
    ...matter,
    case_kind: 'instant',
    visits: 2,
    fee: { standard: '每本 10 元', basis: '' },
    result_name: null,
  } as unknown as Matter;
  expect(oneBreath(instant, [])).toBe('最低生活保障对象认定。不用带材料。当场办好，要跑 2 趟。收费：每本 10 元。');
  expect(oneBreath({ ...instant, handled_in: 'upstream' } as unknown as Matter, [])).toContain('在上级平台上办，我们帮您办，当场办好');
});
