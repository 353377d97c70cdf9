// Several matters filled in as one: the merged form, and what each case gets of it.
import { expect, test } from 'vitest';
import { asOne, askedBy, formOfJoint, namesOf, ownOf, promiseDays, type Joint } from '../src/shared/joint';
import type { Case, MaterialSpec, Matter } from '../src/shared/contract';

const material = (id: string, more: Partial<MaterialSpec> = {}) =>
  ({ id, name: id, required: true, tolerable: false, originals: 1, copies: 0, situation_ids: [], ...more }) as unknown as MaterialSpec;
const matter = (id: string, materials: MaterialSpec[], more: Partial<Matter> = {}) =>
  ({
    id,
    name: id,
    department_name: `${id}局`,
    applicant_kinds: ['person'],
    situations: [],
    conditions: [],
    materials,
    ...more,
  }) as unknown as Matter;

const joint = {
  bundle: {
    id: 'b',
    name: '一件事',
    shared: [{ name: '身份证', material_ids: ['a-card', 'b-card'] }],
    shared_fields: [
      {
        fields: [
          { matter_id: 'a', name: 'home' },
          { matter_id: 'b', name: 'f_1' },
        ],
      },
    ],
    promised_days: null,
    together: true,
  },
  matters: [
    matter('a', [material('a-card', { tolerable: true }), material('a-form')], { promised_days: 5, applicant_kinds: ['person', 'other'] }),
    matter('b', [material('b-card', { copies: 2 }), material('b-photo', { required: false })], { promised_days: 10 }),
  ],
} as unknown as Joint;

test('what is shared is asked for once, as strictly as by the stricter', () => {
  const one = asOne(joint);
  expect(one?.materials.map(({ id, tolerable, copies }) => [id, tolerable, copies])).toEqual([
    ['a-card', false, 2],
    ['a-form', false, 0],
    ['b-photo', false, 0],
  ]);
  expect([one?.promised_days, one?.applicant_kinds, one?.department_name]).toEqual([10, ['person'], 'a局、b局']);
  expect(promiseDays(joint)).toBe(5);
});

test('what several forms ask is filled in once, under the first name', () => {
  const form = (required: string[], ...names: [string, string][]) => ({
    type: 'object',
    properties: Object.fromEntries(names.map(([name, title]) => [name, { type: 'string', title }])),
    required,
  });
  const [a, b] = joint.matters as [Matter, Matter];
  const forms = {
    ...joint,
    matters: [
      { ...a, form_schema: form([], ['home', '住址'], ['same', '单位']) },
      { ...b, form_schema: form(['f_1'], ['f_1', '家住哪里'], ['own', '别的'], ['same', '单位']) },
    ],
  } as unknown as Joint;
  expect(formOfJoint(forms).map(({ field, matters }) => [field.name, field.title, field.required, matters.length])).toEqual([
    ['home', '住址', true, 2],
    ['same', '单位', false, 2],
    ['own', '别的', false, 1],
  ]);
  expect(askedBy(joint, 'b-card').map(({ id }) => id)).toEqual(['a', 'b']);
});

test('each case gets its own part under its own names', () => {
  const record = { materials: [{ material_id: 'b-card' }, { material_id: 'b-photo' }] } as unknown as Case;
  expect(namesOf(joint, 'a-card')).toEqual(['a-card', 'b-card']);
  expect(ownOf(joint, record, [{ material_id: 'a-card', text: '补' }, { material_id: 'a-form', text: '补' }, { text: '别的' }])).toEqual([
    { material_id: 'b-card', text: '补' },
  ]);
});
