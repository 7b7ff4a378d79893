import { zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnType, ColumnValue } from '../../../contract/column-types.ts';
import type { Table } from '../../../contract/stream.ts';
import { ColumnValueError } from '../../errors.ts';
import type { ParsedRow } from '../rows.ts';
import { bloomFilterOf } from './bloom-filter.ts';
import { parquetSchema } from './schema.ts';
import { TextBytes } from './text-bytes.ts';

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
 * @throws ColumnValueError, which names table and column, if a value does not have its column's type
 * @throws Error if there are no rows: DataFusion and arro3 refuse a file without rows, and with it the whole table
 */
export function writeParquet(table: Table, rows: readonly ParsedRow[], options: WriteOptions = {}): Uint8Array {
  if (rows.length === 0) throw new Error(`A file of ${table.name} would have no row.`);
  const columns = Object.entries(table.columns).map(([name, column]) => {
    const check = columnCheck(table, name, column.type);
    return { name, data: rows.map((row) => check(row[name] ?? null)) };
  });
  return encode(parquetSchema(table), columns, options);
}

/**
 * Encodes columns as a Parquet file.
 * @param columns values of all columns, in the order of the schema; a text may be given as its UTF-8 bytes, and a time
 * as a bigint in the unit of its column
 */
export function encode(
  schema: SchemaElement[],
  columns: readonly { readonly name: string; readonly data: readonly unknown[] }[],
  { codec = 'ZSTD', dictionaries = true, rowGroupSize = 1_000_000 }: WriteOptions = {},
): Uint8Array {
  const elements = new Map(schema.map((element) => [element.name, element]));
  const encoded = columns.map(({ name, data }) => {
    const element = elements.get(name);
    const isPlain = element?.type === 'BOOLEAN' || !dictionaries;
    return { name, data: forWriter(element, data), ...(isPlain ? { encoding: 'PLAIN' as const } : {}) };
  });
  const writer = new ByteWriter();
  const compressors = { ZSTD: (input: Uint8Array) => zstdCompressSync(input) };
  const parquet = new ParquetWriter({ writer, schema, codec, compressors, createdBy });
  void parquet.write({ columnData: encoded, rowGroupSize });
  addBloomFilters(parquet, encoded, elements, rowGroupSize);
  void parquet.finish();
  return writer.getBytes();
}

/** The values as hyparquet-writer encodes them fastest: equal texts as the same bytes, and times as bigints. */
function forWriter(element: SchemaElement | undefined, data: readonly unknown[]): unknown[] {
  if (element?.converted_type === 'TIMESTAMP_MILLIS')
    return data.map((value) => (value instanceof Date ? BigInt(value.getTime()) : value));
  if (element?.converted_type !== 'UTF8' && element?.converted_type !== 'LIST') return [...data];
  const texts = new TextBytes();
  const bytesOf = (value: unknown) => (typeof value === 'string' ? texts.ofString(value) : value);
  return data.map((value) => (Array.isArray(value) ? value.map(bytesOf) : bytesOf(value)));
}

/** Adds a filter to each row group of each key column of texts: readers look rows up by key. */
function addBloomFilters(
  parquet: ParquetWriter,
  columns: readonly { readonly name: string; readonly data: readonly unknown[] }[],
  elements: ReadonlyMap<string, SchemaElement>,
  rowGroupSize: number,
): void {
  for (const { name, data } of columns) {
    const { type, repetition_type } = elements.get(name) ?? {};
    if (repetition_type !== 'REQUIRED' || type !== 'BYTE_ARRAY') continue;
    const groups = parquet.pendingIndexes.filter(({ chunk }) => chunk.meta_data?.path_in_schema[0] === name);
    for (const [group, index] of groups.entries()) {
      const texts = data.slice(group * rowGroupSize, (group + 1) * rowGroupSize);
      index.bloomFilter = bloomFilterOf(texts.filter((text) => text instanceof Uint8Array));
    }
  }
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

/** Returns a value of a column unchanged. @throws ColumnValueError if it does not have the column's type */
export function columnCheck(table: Table, name: string, type: ColumnType): (value: ColumnValue) => ColumnValue {
  const isKey = table.key.includes(name);
  const isRight = isOfType[type];
  return (value) => {
    if (value === null ? !isKey : isRight(value)) return value;
    const message = `Column ${name} of ${table.name} takes ${isKey ? '' : 'null or '}a ${type}, and was given ${kindOf(value)}. Nothing was written.`;
    throw new ColumnValueError(message);
  };
}

/** Describes the value without revealing it: it may be personal data. */
function kindOf(value: ColumnValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return value instanceof Date ? 'a date' : `a ${typeof value}`;
}
