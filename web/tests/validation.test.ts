// What the pages say about typed numbers; the vectors are those of the standards, none is a real person's.
import { expect, it } from 'vitest';
import { checkCreditCode, checkName, checkPhone, checkResidentId } from '../src/shared/validation';

it('takes resident numbers with a right check digit and says what is wrong with others', () => {
  expect(checkResidentId('11010519491231002X')).toBeUndefined();
  expect(checkResidentId('11010519491231002x')).toBeUndefined();
  expect(checkResidentId('110105194912310021')).toContain('末位');
  expect(checkResidentId('1101051949123100')).toContain('少 2 位');
  expect(checkResidentId('11010519490231002X')).toContain('出生日期');
  expect(checkResidentId('')).toContain('请填');
});

it('takes credit codes with a right check digit', () => {
  expect(checkCreditCode('91350100M000100Y43')).toBeUndefined();
  expect(checkCreditCode('91350100M000100Y44')).toContain('末位');
  expect(checkCreditCode('91350100I000100Y43')).toContain('“I”');
});

it('takes mobile and fixed lines', () => {
  expect(checkPhone('138 0013 8000')).toBeUndefined();
  expect(checkPhone('0476-8230000')).toBeUndefined();
  expect(checkPhone('1380013800')).toContain('少 1 位');
  expect(checkPhone('12800138000')).toContain('第 2 位');
});

it('refuses names with characters that nobody sees', () => {
  expect(checkName('王小明')).toBeUndefined();
  expect(checkName('王\u202e小明')).toContain('看不见');
  expect(checkName('长'.repeat(101))).toContain('101');
});
