/**
 * Compares rows with the contract. What it returns holds names of fields, and kinds and forms of values, never a
 * value.
 */

import { formWords } from '../../lambdas/contract/value-words.ts';
import { shapeOf } from '../../lambdas/core/rows/field-counter.ts';
import type { Field, Fields } from './operations.ts';

export type Difference =
  /** The contract does not have this field. */
  | { readonly kind: 'new'; readonly field: string; readonly types: readonly string[] }
  /** No row has this field. */
  | { readonly kind: 'missing'; readonly field: string }
  /** Some rows have a value of another type. */
  | {
      readonly kind: 'type';
      readonly field: string;
      readonly wanted: string;
      readonly types: readonly string[];
      readonly rows: number;
    };

type Row = Readonly<Record<string, unknown>>;

/** @returns the differences, in the order of the contract, then new fields in the order of the rows */
export function compareRows(rows: readonly Row[], fields: Fields): Difference[] {
  if (rows.length === 0) return [];
  const declared = Object.entries(fields).flatMap(([name, field]): Difference[] => {
    if (!rows.some((row) => name in row)) return [{ kind: 'missing', field: name }];
    const wrong = rows.filter((row) => name in row && !fits(row[name], field)).map((row) => row[name]);
    if (wrong.length === 0) return [];
    return [{ kind: 'type', field: name, wanted: wordsOf(field), types: formsOf(wrong, field), rows: wrong.length }];
  });
  const added = [...new Set(rows.flatMap(Object.keys))].filter((name) => !(name in fields));
  return [
    ...declared,
    ...added.map(
      (name): Difference => ({
        kind: 'new',
        field: nameOnly(name),
        types: kindsOf(rows.map((row) => row[name])),
      }),
    ),
  ];
}

/** Hides the name of a field if it has unusual characters: it could be a value, such as an address. */
function nameOnly(field: string): string {
  return /^[\w.-]{1,60}$/.test(field) ? field : '(a name that is not shown)';
}

/** A null fits every field: the contract's examples do not say which fields can be null. */
function fits(value: unknown, { type, format, const: constant }: Field): boolean {
  if (value === null || value === undefined) return true;
  const kind = kindOf(value);
  if (!type.includes(kind) && !(kind === 'integer' && type.includes('number'))) return false;
  if (format === 'date-time') return isTime(value);
  return constant === undefined || value === constant;
}

const isTime = (value: unknown) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));

function wordsOf({ type, format, const: constant }: Field): string {
  if (constant !== undefined) return `the text "${constant}"`;
  return format === 'date-time' ? 'a time' : type.filter((name) => name !== 'null').join(' or ');
}

/** The kinds of values; if all are texts, with the form of the first one, as a run describes it. */
function formsOf(values: readonly unknown[], field: Field): string[] {
  const kinds = kindsOf(values, field);
  const [first] = values;
  if (kinds.length > 1 || typeof first !== 'string') return kinds;
  return kinds.map((kind) => `${kind} ${formWords(shapeOf(first))}`);
}

function kindsOf(values: readonly unknown[], field?: Field): string[] {
  const kinds = values
    .filter((value) => value !== undefined)
    .map((value) => {
      if (typeof value !== 'string' || field === undefined) return kindOf(value);
      if (field.format === 'date-time') return 'text';
      return field.const === undefined ? 'string' : 'another text';
    });
  return [...new Set(kinds)];
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
