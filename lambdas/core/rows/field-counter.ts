import type { ColumnType } from '../../contract/column-types.ts';
import type { FieldCounts, JsonType } from '../../contract/field-counts.ts';
import { columnParsers } from './column-parsers.ts';

/**
 * Maximum number of fields counted in a chunk, and of fields in one object. An object with more fields counts as a map.
 */
const maxFields = 200;
export const maxFieldsOfObject = 40;
/** Names that a programmer can have chosen. Any other name may be data, such as a person's address. */
const fieldName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** Whether fields of this name are counted. */
export const isCountedField = (name: string): boolean => fieldName.test(name);
const maxShape = 40;
/** Types to suggest for a column, best first. */
const preferred: readonly ColumnType[] = [
  'boolean',
  'integer',
  'number',
  'timestamp',
  'date',
  'string',
  'string_list',
  'json',
];

/** The counts of one field. */
export interface Counted {
  rows: number;
  readonly types: Partial<Record<JsonType, number>>;
  unfit?: Partial<Record<JsonType, number>>;
  shape?: string;
  fits?: ColumnType[];
}

/** Counts which fields the rows of a chunk have, and of which JSON types. Keeps names and forms, never values. */
export class FieldCounter {
  #rows = 0;
  #isCut = false;
  readonly #fields = new Map<string, Counted>();
  /** How many fields of each object are counted; undefined for an object with too many fields. */
  readonly #objects = new Map<string, number | undefined>();

  addRow(): void {
    this.#rows += 1;
  }

  /**
   * @param text returns the value as the API wrote it
   * @param column whether the field has a column, and whether the value fits it
   */
  add(name: string, value: unknown, text: () => string, column: 'fits' | 'unfit' | 'none'): void {
    const counted = this.counted(name);
    const type = jsonTypeOf(value);
    if (counted) countValue(counted, type);
    if (!counted || !type) return;
    if (column === 'unfit') {
      counted.unfit ??= {};
      counted.unfit[type] = (counted.unfit[type] ?? 0) + 1;
    }
    if (column === 'none') {
      counted.fits = (counted.fits ?? [...preferred]).filter(
        (type) => columnParsers[type](value, text)?.exact === true,
      );
    }
    if (column !== 'fits') counted.shape ??= shapeOf(value);
    if (isObject(value)) this.#addFieldsOf(name, value);
  }

  /** The counts of a field, to which {@link countValue} adds; undefined if the field is not counted. */
  counted(name: string): Counted | undefined {
    return isCountedField(name) ? this.#entry(name) : undefined;
  }

  get counts(): FieldCounts {
    const maps = [...this.#objects].flatMap(([name, count]) => (count === undefined ? [name] : []));
    return {
      rows: this.#rows,
      fields: Object.fromEntries(this.#fields),
      ...(maps.length > 0 ? { maps } : {}),
      ...(this.#isCut ? { isCut: true } : {}),
    };
  }

  #addFieldsOf(object: string, value: Readonly<Record<string, unknown>>): void {
    for (const [name, inner] of Object.entries(value)) {
      const count = this.#objects.has(object) ? this.#objects.get(object) : 0;
      if (count === undefined) return;
      const path = `${object}.${name}`;
      if (!isCountedField(name)) continue;
      if (!this.#fields.has(path)) this.#objects.set(object, count + 1);
      if (count >= maxFieldsOfObject && !this.#fields.has(path)) return this.#isMap(object);
      const counted = this.#entry(path);
      if (!counted) continue;
      countValue(counted, jsonTypeOf(inner));
      if (inner !== null) counted.shape ??= shapeOf(inner);
    }
  }

  #isMap(object: string): void {
    this.#objects.set(object, undefined);
    for (const name of this.#fields.keys()) if (name.startsWith(`${object}.`)) this.#fields.delete(name);
  }

  #entry(name: string): Counted | undefined {
    const known = this.#fields.get(name);
    if (known) return known;
    if (this.#fields.size >= maxFields) {
      this.#isCut = true;
      return undefined;
    }
    const counted: Counted = { rows: 0, types: {} };
    this.#fields.set(name, counted);
    return counted;
  }
}

/** Counts rows that have the field. @param type undefined if the field is null in them */
export function countValue(counted: Counted, type: JsonType | undefined, rows = 1): void {
  counted.rows += rows;
  if (type) counted.types[type] = (counted.types[type] ?? 0) + rows;
}

function jsonTypeOf(value: unknown): JsonType | undefined {
  if (Array.isArray(value)) return 'list';
  if (value === null) return undefined;
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}

/** The form of a value: each run of letters becomes `a`, and each run of digits becomes `9`, whatever its length. */
export function shapeOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(formOf(value));
  if (typeof value === 'number') return formOf(String(value));
  if (typeof value === 'boolean') return 'true or false';
  if (Array.isArray(value)) return `list of ${value.length > 0 ? (jsonTypeOf(value[0]) ?? 'null') : 'nothing'}`;
  return 'object';
}

function formOf(text: string): string {
  return text
    .slice(0, 4 * maxShape)
    .replaceAll(/[\p{L}\p{M}]+/gu, 'a')
    .replaceAll(/\p{N}+/gu, '9')
    .replaceAll(/[^\x20-\x7e]+/g, '?')
    .slice(0, maxShape);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
