import { z } from 'zod';
import type { PersonalClass } from './personal-data.ts';

export const columnType = z.enum([
  'string',
  'timestamp',
  'date',
  'integer',
  'number',
  'boolean',
  'string_list',
  'json',
]);
export type ColumnType = z.infer<typeof columnType>;

/**
 * The types that a column can have. Only this file says how Glue spells each type and what it means.
 *
 * Each value of a row is null or one of:
 * - `string`: text; `json`: the JSON text of a free object or array
 * - `timestamp`: a UTC instant, in milliseconds (`Date`)
 * - `date`: a day of the calendar, as midnight UTC (`Date`)
 * - `integer`: a signed 64-bit integer (`bigint`); `number`: a double
 * - `string_list`: a list of strings without nulls
 */
export const columnTypes = {
  string: { glue: 'string', meaning: 'text' },
  timestamp: { glue: 'timestamp', meaning: 'UTC instant, to the millisecond' },
  date: { glue: 'date', meaning: 'day of the calendar' },
  integer: { glue: 'bigint', meaning: 'signed 64-bit integer' },
  number: { glue: 'double', meaning: '64-bit floating point' },
  boolean: { glue: 'boolean', meaning: 'true or false' },
  string_list: { glue: 'array<string>', meaning: 'list of text' },
  json: { glue: 'string', meaning: 'JSON text of a free object or list' },
} as const satisfies Record<ColumnType, { readonly glue: string; readonly meaning: string }>;

/** JavaScript type of each column type, between parsing and Parquet. */
export interface ColumnValues {
  string: string;
  timestamp: Date;
  date: Date;
  integer: bigint;
  number: number;
  boolean: boolean;
  string_list: string[];
  json: string;
}

export type ColumnValue = ColumnValues[ColumnType] | null;

export interface Column<T extends ColumnType = ColumnType> {
  readonly type: T;
  /** One line for the data dictionary and the Glue comment. */
  readonly description: string;
  /** The field of the API's row that holds the value. @default the name of the column */
  readonly field?: string;
  /** The configuration of a workspace added the column. */
  readonly isCustom?: true;
  /** Kind of personal data, if the value identifies a person or is something a person wrote. */
  readonly personal?: PersonalClass;
  /** The configuration added the column, and does not say whether it holds personal data. */
  readonly isPersonalUnknown?: true;
}

export type Columns = Readonly<Record<string, Column>>;

/**
 * Names of the columns of each field of the API's row. A value goes to the first of them that it fits. Only the
 * configuration of a workspace gives a field more than one.
 */
export function columnsByField(columns: Columns): Map<string, string[]> {
  const byField = new Map<string, string[]>();
  for (const [name, { field = name }] of Object.entries(columns)) {
    const names = byField.get(field);
    if (names) names.push(name);
    else byField.set(field, [name]);
  }
  return byField;
}

/** The comment of a column in catalogs: its description, preceded by a mark if the column is personal data. */
export function commentOf({ description, personal }: Column): string {
  return personal ? `Personal data (${personal}). ${description}` : description;
}
