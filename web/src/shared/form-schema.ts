// The applicant's form of a matter as the server describes it: a small subset of JSON Schema 2020-12. Reads it into
// fields, makes it from fields, and says what is wrong in a filled form. The same rules as the server's; the server decides.
import { checkCreditCode, checkPhone, checkResidentId } from './validation';
import { t } from './words/form';

export const ANSWER_CHARS_MAX = 2000;

export type TextFormat = 'date' | 'phone' | 'email' | 'resident-id' | 'uscc';

export type FieldKind =
  | { type: 'text'; min: number; max: number; lines: boolean; format: TextFormat | null }
  | { type: 'number'; whole: boolean; minimum: number | null; maximum: number | null }
  | { type: 'yes' }
  | { type: 'one'; options: string[] }
  | { type: 'some'; options: string[]; min: number; max: number };

export interface FormField {
  name: string;
  title: string;
  hint: string;
  required: boolean;
  kind: FieldKind;
}

/** What was typed, by the field's name; as the pages hold it. */
export type Answers = Record<string, string | boolean | string[] | undefined>;

interface Property {
  type?: string;
  title?: string;
  description?: string;
  enum?: string[];
  format?: string;
  minLength?: number;
  maxLength?: number;
  'x-lines'?: boolean;
  minimum?: number;
  maximum?: number;
  items?: { type?: string; enum?: string[] };
  uniqueItems?: boolean;
  minItems?: number;
  maxItems?: number;
}

interface Schema {
  properties?: Record<string, Property>;
  required?: string[];
  'x-order'?: string[];
}

function kindOf(property: Property): FieldKind {
  switch (property.type) {
    case 'integer':
    case 'number':
      return {
        type: 'number',
        whole: property.type === 'integer',
        minimum: property.minimum ?? null,
        maximum: property.maximum ?? null,
      };
    case 'boolean':
      return { type: 'yes' };
    case 'array': {
      const options = property.items?.enum ?? [];
      return { type: 'some', options, min: property.minItems ?? 0, max: property.maxItems ?? options.length };
    }
    default:
      if (property.enum) return { type: 'one', options: property.enum };
      return {
        type: 'text',
        min: property.minLength ?? 0,
        max: property.maxLength ?? ANSWER_CHARS_MAX,
        lines: property['x-lines'] === true,
        format: (property.format as TextFormat | undefined) ?? null,
      };
  }
}

/** The fields of a schema in their order; none for no schema. */
export function fieldsOf(schema: unknown): FormField[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, required = [], 'x-order': order = [] } = schema as Schema;
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(properties)
    .sort(([one], [other]) => place(one) - place(other) || one.localeCompare(other))
    .map(([name, property]) => ({
      name,
      title: property.title ?? name,
      hint: property.description ?? '',
      required: required.includes(name),
      kind: kindOf(property),
    }));
}

function propertyOf({ title, hint, kind }: FormField): Property {
  const named = { title, ...(hint && { description: hint }) };
  switch (kind.type) {
    case 'text':
      return {
        type: 'string',
        ...named,
        ...(kind.min > 0 && { minLength: kind.min }),
        maxLength: kind.max,
        ...(kind.lines && { 'x-lines': true }),
        ...(kind.format && { format: kind.format }),
      };
    case 'number':
      return {
        type: kind.whole ? 'integer' : 'number',
        ...named,
        ...(kind.minimum !== null && { minimum: kind.minimum }),
        ...(kind.maximum !== null && { maximum: kind.maximum }),
      };
    case 'yes':
      return { type: 'boolean', ...named };
    case 'one':
      return { type: 'string', ...named, enum: kind.options };
    case 'some':
      return {
        type: 'array',
        ...named,
        items: { type: 'string', enum: kind.options },
        uniqueItems: true,
        minItems: kind.min,
        maxItems: kind.max,
      };
  }
}

/** The schema of fields; null for none. */
export function schemaOf(fields: readonly FormField[]): Record<string, unknown> | null {
  if (fields.length === 0) return null;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
    required: fields.filter((field) => field.required).map(({ name }) => name),
    additionalProperties: false,
    'x-order': fields.map(({ name }) => name),
  };
}

const isBlank = (value: Answers[string]): boolean =>
  value === undefined || (typeof value === 'string' && value.trim() === '') || (Array.isArray(value) && value.length === 0);

function formatFault(format: TextFormat, text: string): string | undefined {
  switch (format) {
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? undefined : t('form.date');
    case 'phone':
      return checkPhone(text);
    case 'email':
      return /^[^\s@]+@[^\s@.][^\s@]*\.[^\s@.]+$/.test(text) ? undefined : t('form.email');
    case 'resident-id':
      return checkResidentId(text);
    case 'uscc':
      return checkCreditCode(text);
  }
}

/** What is wrong with an answer, in words; nothing when it fits. */
export function faultOf(field: FormField, value: Answers[string]): string | undefined {
  const { title, kind } = field;
  if (isBlank(value)) return field.required ? t('form.empty', { title }) : undefined;
  switch (kind.type) {
    case 'text': {
      const text = String(value).trim();
      const length = [...text].length;
      if (length > kind.max) return t('form.long', { title, max: kind.max, n: length });
      if (length < kind.min) return t('form.short', { title, min: kind.min });
      return kind.format === null ? undefined : formatFault(kind.format, text);
    }
    case 'number': {
      const text = String(value).trim();
      const number = Number(text);
      if (!/^-?\d+(\.\d+)?$/.test(text)) return t('form.number', { title });
      if (kind.whole && !Number.isInteger(number)) return t('form.whole', { title });
      if (kind.minimum !== null && number < kind.minimum) return t('form.least', { title, least: kind.minimum });
      return kind.maximum !== null && number > kind.maximum ? t('form.most', { title, most: kind.maximum }) : undefined;
    }
    case 'one':
      return kind.options.includes(String(value)) ? undefined : t('form.one', { title });
    case 'some': {
      const count = (value as string[]).length;
      return count < kind.min || count > kind.max ? t('form.some', { title, min: kind.min, max: kind.max }) : undefined;
    }
    case 'yes':
      return undefined;
  }
}

/** Everything that is wrong, by `form.` and the field's name, in the order of the form. */
export function faultsOf(fields: readonly FormField[], answers: Answers): { field: string; code: string; message: string }[] {
  return fields.flatMap((field) => {
    const message = faultOf(field, answers[field.name]);
    return message === undefined ? [] : [{ field: `form.${field.name}`, code: 'form', message }];
  });
}

/** The form as the server takes it: numbers as numbers, empty answers left out. */
export function formOf(fields: readonly FormField[], answers: Answers): Record<string, unknown> {
  const filled = fields.filter(({ name }) => !isBlank(answers[name]));
  return Object.fromEntries(
    filled.map(({ name, kind }) => {
      const value = answers[name];
      if (kind.type === 'number') {
        const number = Number(value);
        return [name, Number.isNaN(number) ? String(value) : number];
      }
      return [name, typeof value === 'string' ? value.trim() : value];
    }),
  );
}

/** What the server kept, as pages hold it. */
export function answersOf(form: Record<string, unknown> | null | undefined): Answers {
  return Object.fromEntries(
    Object.entries(form ?? {}).map(([name, value]) => [name, typeof value === 'number' ? String(value) : (value as Answers[string])]),
  );
}

/** An answer in words, for reading. */
export function saidOf(field: FormField, value: unknown): string {
  if (value === undefined || value === null || value === '') return t('form.unanswered');
  if (field.kind.type === 'yes') return value === true ? t('form.yes') : t('form.no');
  return Array.isArray(value) ? value.join(t('form.and')) : String(value);
}
