import { zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import type { ColumnType, ColumnValue } from '../../../contract/column-types.ts';
import type { Table } from '../../../contract/stream.ts';
import { ColumnValueError } from '../../errors.ts';
import type { ParsedRow } from '../rows.ts';
import { parquetSchema } from './schema.ts';

export interface WriteOptions {
  /** Checkers of the lake read files without zstd and dictionaries. @default 'ZSTD' */
  readonly codec?: 'ZSTD' | 'SNAPPY' | 'UNCOMPRESSED';
  /** @default true */
  readonly dictionaries?: boolean;
  /** Rows of a row group. @default 1,000,000: a chunk is one row group */
  readonly rowGroupSize?: number;
}

/** The form that the format asks for, `<application> version <number>`: some readers distrust statistics without it. */
const createdBy = 'prospect-lake version 1';

/**
 * Writes rows of a table as one Parquet file. The same rows give the same bytes: nothing of the time or the
 * machine goes into the file. See ADR 1 for the writer and its settings.
 * @throws ColumnValueError naming table and column where a value is not of its column's type
 */
export function writeParquet(table: Table, rows: readonly ParsedRow[], options: WriteOptions = {}): Uint8Array {
  const columns = Object.entries(table.columns).map(([name, { type }]) => {
    const isKey = table.key.includes(name);
    return { name, data: rows.map((row) => checked(table, name, type, isKey, row[name] ?? null)) };
  });
  return encode(parquetSchema(table), columns, options);
}

/** @param columns values of each column of the schema, in its order */
export function encode(
  schema: SchemaElement[],
  columns: readonly { readonly name: string; readonly data: readonly unknown[] }[],
  { codec = 'ZSTD', dictionaries = true, rowGroupSize = 1_000_000 }: WriteOptions = {},
): Uint8Array {
  const writer = new ByteWriter();
  const elements = new Map(schema.map((element) => [element.name, element]));
  void parquetWrite({
    writer,
    columnData: columns.map(({ name, data }) => {
      const { type, repetition_type } = elements.get(name) ?? {};
      return {
        name,
        data: [...data],
        // Of keys: they are what a row is looked for by.
        bloomFilter: repetition_type === 'REQUIRED' && type === 'BYTE_ARRAY',
        ...(type === 'BOOLEAN' || !dictionaries ? { encoding: 'PLAIN' as const } : {}),
      };
    }),
    schema,
    codec,
    compressors: { ZSTD: (input: Uint8Array) => zstdCompressSync(input) },
    rowGroupSize,
    createdBy,
  });
  return writer.getBytes();
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

export const isOfType: { readonly [T in ColumnType]: (value: ColumnValue) => boolean } = {
  string: (value) => typeof value === 'string',
  json: (value) => typeof value === 'string',
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  integer: (value) => typeof value === 'bigint' && value >= minInt64 && value <= maxInt64,
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  string_list: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
};

function checked(table: Table, name: string, type: ColumnType, isKey: boolean, value: ColumnValue): ColumnValue {
  if (value === null ? !isKey : isOfType[type](value)) return value;
  const message = `Column ${name} of ${table.name} takes ${isKey ? '' : 'null or '}a ${type}, and was given ${kindOf(value)}. Nothing was written.`;
  throw new ColumnValueError(message);
}

/** What was given, without the value itself, which may be a person's. */
function kindOf(value: ColumnValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value instanceof Date ? 'a date' : `a ${typeof value}`;
}
