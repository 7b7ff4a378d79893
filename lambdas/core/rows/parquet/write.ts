import { zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import type { ColumnType, ColumnValue } from '../../../contract/column-types.ts';
import type { Table } from '../../../contract/stream.ts';
import { ColumnValueError } from '../../errors.ts';
import type { ParsedRow } from '../rows.ts';
import { parquetSchema } from './schema.ts';

export interface WriteOptions {
  /**
   * Tests also read files with another codec and without dictionaries, because some readers support neither zstd nor
   * dictionaries. @default 'ZSTD'
   */
  readonly codec?: 'ZSTD' | 'SNAPPY' | 'UNCOMPRESSED';
  /** @default true */
  readonly dictionaries?: boolean;
  /** Rows per row group. @default 1,000,000, so that a chunk is one row group */
  readonly rowGroupSize?: number;
}

/**
 * Name of the writer, in the form that the format requires: `<application> version <number>`. Otherwise some readers
 * distrust statistics.
 */
const createdBy = 'prospect-lake version 1';

/**
 * Writes rows of a table as one Parquet file. The same rows give the same bytes, because nothing in the file depends on
 * the time or the machine. See ADR 1 for the writer and its settings.
 * @throws ColumnValueError that names table and column if a value does not have its column's type; Error if there is no
 * row: DataFusion and arro3 refuse such a file, and with it the whole table
 */
export function writeParquet(table: Table, rows: readonly ParsedRow[], options: WriteOptions = {}): Uint8Array {
  if (rows.length === 0) throw new Error(`A file of ${table.name} would have no row.`);
  const columns = Object.entries(table.columns).map(([name, { type }]) => {
    const isKey = table.key.includes(name);
    return { name, data: rows.map((row) => checked(table, name, type, isKey, row[name] ?? null)) };
  });
  return encode(parquetSchema(table), columns, options);
}

/** Encodes columns as a Parquet file. @param columns values of all columns, in the order of the schema */
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
        // Only for keys: readers look rows up by key.
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

/** Describes the value without revealing it: it may be personal data. */
function kindOf(value: ColumnValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value instanceof Date ? 'a date' : `a ${typeof value}`;
}
