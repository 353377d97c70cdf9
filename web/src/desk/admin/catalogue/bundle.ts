// A bundle's content as its editor holds it (一件事一次办): what can be shared by its matters, what goes when a matter goes, and
// what is different from before. Knows no page.
import type { BundleContent, Matter } from '../../../shared/contract';
import { fieldsOf } from '../../../shared/form-schema';
import type { Section } from './content';

export const blankBundle = (): BundleContent => ({
  name: '',
  aliases: [],
  matter_ids: [],
  guide: '',
  promised_days: null,
  together: true,
  shared: [],
  shared_fields: [],
});

export const bundleSections: readonly Section[] = [
  { key: 'basics', word: '基本', holds: ['name', 'aliases', 'guide', 'promised_days', 'together', 'line_id'] },
  { key: 'members', word: '哪几件', holds: ['matter_ids'] },
  { key: 'materials', word: '共用材料', holds: ['shared'] },
  { key: 'form', word: '共用栏目', holds: ['shared_fields'] },
];

/** Materials or fields of several matters that stand for one, in the order of the matters. */
export interface Group {
  name: string;
  /** What stands for it in each matter, by the matter's id. */
  parts: Record<string, string>;
  /** What is in none of the matters any more, as the content names it. */
  gone: string[];
}

/** One choice: its id or name, and what people read. */
export type Part = readonly [id: string, word: string];
export const materialsOf = (matter: Matter): Part[] => matter.materials.map(({ id, name }) => [id, name]);
export const formOf = (matter: Matter): Part[] => fieldsOf(matter.form_schema).map(({ name, title }) => [name, title]);

export function groupsOfMaterials(content: BundleContent, matters: readonly Matter[]): Group[] {
  return content.shared.map(({ name, material_ids: ids }) => {
    const of = (id: string) => matters.find(({ materials }) => materials.some((one) => one.id === id));
    return {
      name,
      parts: Object.fromEntries(ids.flatMap((id) => [[of(id)?.id, id]]).filter(([matter]) => matter)) as Record<string, string>,
      gone: ids.filter((id) => !of(id)),
    };
  });
}

export function groupsOfFields(content: BundleContent, matters: readonly Matter[]): Group[] {
  return content.shared_fields.map(({ fields }) => {
    const has = ({ matter_id: id, name }: { matter_id: string; name: string }) =>
      matters.some((matter) => matter.id === id && formOf(matter).some(([known]) => known === name));
    return {
      name: '',
      parts: Object.fromEntries(fields.filter(has).map(({ matter_id: id, name }) => [id, name])),
      gone: fields.filter((one) => !has(one)).map(({ name }) => name),
    };
  });
}

/** The content's way of writing groups; what is gone is left out. */
export const materialsFrom = (groups: readonly Group[], order: readonly string[]): BundleContent['shared'] =>
  groups.map(({ name, parts }) => ({ name, material_ids: order.flatMap((id) => parts[id] ?? []) }));
export const fieldsFrom = (groups: readonly Group[], order: readonly string[]): BundleContent['shared_fields'] =>
  groups.map(({ parts }) => ({ fields: order.flatMap((id) => (parts[id] ? [{ matter_id: id, name: parts[id] }] : [])) }));

/** What is called the same in several matters and stands in no group yet, each with the first of that word in every matter. */
export function alike(groups: readonly Group[], matters: readonly Matter[], partsOf: (matter: Matter) => Part[]): Group[] {
  const isTaken = (matter: string, part: string) => groups.some(({ parts }) => parts[matter] === part);
  const found = new Map<string, Group>();
  for (const matter of matters) {
    for (const [id, word] of partsOf(matter)) {
      if (isTaken(matter.id, id)) continue;
      const group = found.get(word) ?? { name: word, parts: {}, gone: [] };
      group.parts[matter.id] ??= id;
      found.set(word, group);
    }
  }
  return [...found.values()].filter(({ parts }) => Object.keys(parts).length > 1);
}

/** Fields of one title and kind under different names; those of one name are filled in once anyway. */
export function alikeFields(groups: readonly Group[], matters: readonly Matter[]): Group[] {
  const kindOf = (matter: Matter, name: string) => {
    const kind = fieldsOf(matter.form_schema).find((one) => one.name === name)?.kind;
    return JSON.stringify(
      kind?.type === 'text' ? [kind.type, kind.lines, kind.format] : [kind?.type, kind && 'options' in kind && kind.options],
    );
  };
  return alike(groups, matters, formOf).filter(({ parts }) => {
    const pairs = Object.entries(parts).map(([id, name]) => [matters.find((one) => one.id === id) as Matter, name] as const);
    const isOneName = new Set(pairs.map(([, name]) => name)).size === 1;
    return !isOneName && new Set(pairs.map(([matter, name]) => kindOf(matter, name))).size === 1;
  });
}

/** The content without a matter, and without what was shared with it alone. */
export function withoutMatter(content: BundleContent, matter: string, matters: readonly Matter[]): BundleContent {
  const order = content.matter_ids.filter((id) => id !== matter);
  const left = (groups: Group[]) =>
    groups
      .map((group) => ({ ...group, parts: Object.fromEntries(Object.entries(group.parts).filter(([id]) => id !== matter)) }))
      .filter(({ parts }) => Object.keys(parts).length > 1);
  return {
    ...content,
    matter_ids: order,
    shared: materialsFrom(left(groupsOfMaterials(content, matters)), order),
    shared_fields: fieldsFrom(left(groupsOfFields(content, matters)), order),
  };
}

export interface Changed {
  label: string;
  before: string;
  after: string;
}

/** What is different between two contents, in words. */
export function changes(before: BundleContent, after: BundleContent, matters: readonly Matter[]): Changed[] {
  const nameOf = (id: string) => matters.find((one) => one.id === id)?.name ?? id;
  const materialOf = (id: string) => {
    const matter = matters.find(({ materials }) => materials.some((one) => one.id === id));
    return `${matter?.name ?? '已经没有的事项'}：${matter?.materials.find((one) => one.id === id)?.name ?? id}`;
  };
  const fieldOf = ({ matter_id: id, name }: { matter_id: string; name: string }) => {
    const matter = matters.find((one) => one.id === id);
    return `${nameOf(id)}：${(matter && formOf(matter).find(([known]) => known === name)?.[1]) ?? name}`;
  };
  const rows: [string, (content: BundleContent) => string][] = [
    ['名称', ({ name }) => name],
    ['俗称', ({ aliases }) => aliases.join('、')],
    ['哪几件', ({ matter_ids: ids }) => ids.map(nameOf).join('\n')],
    ['联办期限', ({ promised_days: days }) => (days ? `${days} 个工作日` : '按最长的那件')],
    ['怎么领', ({ together }) => (together ? '几件一起通知、一起领' : '办好一件领一件')],
    ['共用材料', ({ shared }) => shared.map(({ name, material_ids: ids }) => `${name}（${ids.map(materialOf).join('、')}）`).join('\n')],
    ['共用栏目', ({ shared_fields: list }) => list.map(({ fields }) => fields.map(fieldOf).join(' = ')).join('\n')],
    ['怎么办', ({ guide }) => guide],
  ];
  return rows.map(([label, told]) => ({ label, before: told(before), after: told(after) })).filter((one) => one.before !== one.after);
}
