// The applicant's form: read, made again, and what is wrong in it — the same answers as the server's.
import { describe, expect, it } from 'vitest';
import { answersOf, faultsOf, fieldsOf, formOf, saidOf, schemaOf } from '../src/shared/form-schema';
import { askedOf, countedOf } from '../src/shared/situations';

const schema = {
  type: 'object',
  properties: {
    income: { type: 'number', title: '月收入', minimum: 0 },
    people: { type: 'integer', title: '家庭人数', minimum: 1, maximum: 30 },
    reason: { type: 'string', title: '申请理由', minLength: 4, maxLength: 20, 'x-lines': true },
    born: { type: 'string', title: '出生日期', format: 'date' },
    house: { type: 'string', title: '住房', enum: ['自有', '租住'] },
    needs: { type: 'array', title: '困难', items: { type: 'string', enum: ['病', '残', '学'] }, uniqueItems: true, maxItems: 2 },
    agree: { type: 'boolean', title: '同意核对' },
  },
  required: ['people', 'house'],
  additionalProperties: false,
  'x-order': ['people', 'income', 'house', 'needs', 'reason', 'born', 'agree'],
};
const fields = fieldsOf(schema);
const told = (answers: Record<string, string | boolean | string[] | undefined>) => faultsOf(fields, answers).map(({ field }) => field);

describe('the form of a matter', () => {
  it('keeps its order and comes back the same', () => {
    expect(fields.map(({ name }) => name)).toEqual(schema['x-order']);
    expect(fieldsOf(schemaOf(fields))).toEqual(fields);
    expect(fieldsOf(null)).toEqual([]);
    expect(schemaOf([])).toBeNull();
  });
  it('takes what fits and tells everything else at once', () => {
    expect(told({ people: '3', house: '自有', income: '1200.5', needs: ['病'], reason: '家里有人生病', born: '1990-03-07' })).toEqual([]);
    expect(told({})).toEqual(['form.people', 'form.house']);
    expect(told({ people: '1.5', house: '船上', income: '-1', needs: ['病', '残', '学'], reason: '短', born: '1990-13-01' })).toEqual(
      ['people', 'income', 'house', 'needs', 'reason', 'born'].map((name) => `form.${name}`),
    );
    expect(told({ people: 'abc', house: '租住' })).toEqual(['form.people']);
  });
  it('counts characters, not halves of them', () => {
    expect(told({ people: '1', house: '自有', reason: '𠮷'.repeat(20) })).toEqual([]);
  });
  it('sends numbers as numbers and leaves out what is empty', () => {
    expect(formOf(fields, { people: ' 3 ', house: '自有', reason: ' ', needs: [], agree: false })).toEqual({
      people: 3,
      house: '自有',
      agree: false,
    });
    expect(answersOf({ people: 3, agree: true })).toEqual({ people: '3', agree: true });
  });
  it('says answers in words', () => {
    expect([saidOf(fields[6]!, true), saidOf(fields[3]!, ['病', '学']), saidOf(fields[0]!, undefined)]).toEqual(['是', '病、学', '没填']);
  });
});

describe('questions of a matter', () => {
  const questions = [
    { options: [{ id: 'self' }, { id: 'agent' }] },
    { options: [{ id: 'kin' }, { id: 'other' }], asked_if: ['agent'] },
    { options: [{ id: 'proof' }], asked_if: ['other'] },
  ];
  it('are asked after the answers before them', () => {
    expect(askedOf(questions, [])).toHaveLength(1);
    expect(askedOf(questions, ['agent'])).toHaveLength(2);
    expect(askedOf(questions, ['agent', 'other'])).toHaveLength(3);
  });
  it('forget what was answered to one that is asked no more', () => {
    expect(countedOf(questions, ['self', 'other', 'proof'])).toEqual(['self']);
    expect(countedOf(questions, ['agent', 'other', 'proof'])).toEqual(['agent', 'other', 'proof']);
  });
});
