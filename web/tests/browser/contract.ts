// Answers made from the contract: whatever `openapi.json` says that a path answers, full (rows in every list, long texts,
// rare signs) or bare (nothing there). So a page is shown with every field that the server may tell, and a changed
// contract changes what the tests answer. Knows no page.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { components } from '../../src/shared/api';
import { numberOf, textOf } from './words';

export type Schemas = components['schemas'];
/** What the type of a value does not tell: words of an open set, things that belong together. */
export type Shapes = { readonly [N in keyof Schemas]?: (at: number, bare: boolean) => Partial<Schemas[N]> };

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}
interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>>;
}
interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const contract = JSON.parse(readFileSync(fileURLToPath(new URL('../../openapi.json', import.meta.url)), 'utf8')) as Contract;
const schemas = contract.components.schemas;
/** Deeper than any answer of use; a schema that holds itself ends here. */
const DEPTH_MAX = 12;
const ROWS_TOP = 8;
const ROWS_INSIDE = 3;

interface Place {
  readonly name: string;
  /** The schema that a value stands in. */
  readonly owner: string;
  readonly at: number;
  readonly depth: number;
}

export class Filler {
  constructor(
    private readonly shapes: Shapes,
    private readonly bare: boolean,
  ) {}

  value(schema: Schema, place: Place): unknown {
    const named = schema.$ref?.split('/').at(-1);
    if (named !== undefined) return this.value(schemas[named] ?? {}, { ...place, owner: named, depth: place.depth + 1 });
    if (schema.enum !== undefined) return schema.enum[place.at % schema.enum.length];
    if (schema.oneOf !== undefined) {
      const isNullable = schema.oneOf.some(({ type }) => type === 'null');
      if (isNullable && (this.bare || place.depth > DEPTH_MAX)) return null;
      return this.value(schema.oneOf.find(({ type }) => type !== 'null') ?? {}, place);
    }
    const types = schema.type === undefined ? [] : [schema.type].flat();
    if (types.includes('null') && (this.bare || place.name === 'next_cursor')) return null;
    if (schema.allOf !== undefined || schema.properties !== undefined) return this.object(schema, place);
    const type = types.find((one) => one !== 'null');
    if (type === 'array') return this.rows(schema, place);
    if (type === 'object') return this.entries(schema, place);
    if (type === 'boolean') return place.at % 2 === 0;
    if (type === 'integer' || type === 'number') return this.bare ? 0 : numberOf(place.name, place.at);
    return type === 'string' ? textOf(place.name, place.owner, place.at) : null;
  }

  /** One schema by name, as it stands at a place of a list. */
  one<N extends keyof Schemas & string>(name: N, at = 0): Schemas[N] {
    return this.value({ $ref: `#/components/schemas/${name}` }, { name: '', owner: name, at, depth: 0 }) as Schemas[N];
  }

  private object(schema: Schema, place: Place): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (const part of schema.allOf ?? []) Object.assign(made, this.value(part, place));
    for (const [name, inner] of Object.entries(schema.properties ?? {}))
      made[name] = this.value(inner, { ...place, name, depth: place.depth + 1 });
    const shape = this.shapes[place.owner as keyof Schemas] as ((at: number, bare: boolean) => object) | undefined;
    return Object.assign(made, shape?.(place.at, this.bare));
  }

  private rows(schema: Schema, place: Place): unknown[] {
    if (this.bare || schema.items === undefined || place.depth > DEPTH_MAX) return [];
    const count = place.name === 'items' && place.owner.startsWith('Page_') ? ROWS_TOP : ROWS_INSIDE;
    const owner = place.owner.replace(/^Page_/, '');
    return Array.from({ length: count }, (_, at) => this.value(schema.items ?? {}, { ...place, owner, at, depth: place.depth + 1 }));
  }

  private entries(schema: Schema, place: Place): Record<string, unknown> {
    const inner = schema.additionalProperties;
    if (this.bare || typeof inner !== 'object') return {};
    return Object.fromEntries([0, 1].map((at) => [`k${at}`, this.value(inner, { ...place, at, depth: place.depth + 1 })]));
  }
}

const templates = Object.keys(contract.paths)
  .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '([^/]+)')}$`) }))
  // The one with the most written out, as the server's router takes it.
  .sort((a, b) => a.template.split('{').length - b.template.split('{').length);

/** The path as the contract names it; `undefined` where it has none. */
export function templateOf(path: string): string | undefined {
  return templates.find(({ pattern }) => pattern.test(path))?.template;
}

/** What the contract says that a path answers: its status and a body of its schema; `undefined` where it has no such way. */
export function answerTo(filler: Filler, path: string, method: string): { status: number; body: unknown } | undefined {
  const template = templateOf(path);
  const operation = template === undefined ? undefined : contract.paths[template]?.[method.toLowerCase()];
  if (template === undefined || operation === undefined) return undefined;
  const status = Object.keys(operation.responses).find((code) => code.startsWith('2')) ?? '200';
  const schema = operation.responses[status]?.content?.['application/json']?.schema;
  if (schema === undefined) return { status: Number(status), body: undefined };
  const owner = schema.$ref?.split('/').at(-1) ?? '';
  const body = filler.value(schema, { name: '', owner, at: 0, depth: 0 });
  const last = path.split('/').at(-1);
  // What was asked for by its id is that one.
  if (template.endsWith('}') && isObject(body) && 'id' in body) body['id'] = decodeURIComponent(last ?? '');
  return { status: Number(status), body };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
