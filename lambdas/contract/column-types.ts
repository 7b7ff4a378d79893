import type { PersonalClass } from './personal-data.ts';

/**
 * The types a column can have: the one place where a type's Glue spelling and meaning stand.
 *
 * Each value of a row is one of these or null:
 * - `string`: text; `json`: the JSON text of a free object or array
 * - `timestamp`: a UTC instant, in milliseconds (`Date`)
 * - `integer`: a signed 64-bit integer (`bigint`); `number`: a double
 * - `string_list`: a list of strings without nulls
 */
export const columnTypes = {
  string: { glue: 'string', meaning: 'text' },
  timestamp: { glue: 'timestamp', meaning: 'UTC instant, to the millisecond' },
  integer: { glue: 'bigint', meaning: 'signed 64-bit integer' },
  number: { glue: 'double', meaning: '64-bit floating point' },
  boolean: { glue: 'boolean', meaning: 'true or false' },
  string_list: { glue: 'array<string>', meaning: 'list of text' },
  json: { glue: 'string', meaning: 'JSON text of a free object or list' },
} as const;

export type ColumnType = keyof typeof columnTypes;

/** What a column of each type holds in memory, between parsing and Parquet. */
export interface ColumnValues {
  string: string;
  timestamp: Date;
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
  /** Set where the value says who a person is, or what they wrote: which of these it is. */
  readonly personal?: PersonalClass;
}

export type Columns = Readonly<Record<string, Column>>;

/** What catalogs say of a column. */
export function commentOf({ description, personal }: Column): string {
  return personal ? `Personal data (${personal}). ${description}` : description;
}
