import { zstdCompressSync } from 'node:zlib';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import type { ColumnType, ColumnValue } from '../../contract/column-types.ts';
import type { Table } from '../../contract/stream.ts';
import type { ParsedRow } from '../rows.ts';
import { parquetSchema } from './schema.ts';

/** `ZSTD` in the lake; the others exist for readers and benches that know no zstd. */
export type Codec = 'ZSTD' | 'SNAPPY' | 'UNCOMPRESSED';

/** Rows of a row group: a chunk of the usual size is one. */
const rowGroupSize = 10_000;

/** The same rows give the same bytes: nothing of the time or the machine goes into the file. */
const createdBy = 'prospect-lake';

export class ColumnValueError extends TypeError {}

/**
 * Writes rows of a table as one Parquet file. See ADR 1 for the encodings.
 * @throws ColumnValueError naming table and column where a value is not of its column's type
 */
export function writeParquet(table: Table, rows: readonly ParsedRow[], codec: Codec = 'ZSTD'): Uint8Array {
  const writer = new ByteWriter();
  const columnData = Object.entries(table.columns).map(([name, { type }]) => {
    const isKey = table.key.includes(name);
    return {
      name,
      data: rows.map((row) => checked(table, name, type, isKey, row[name] ?? null)),
      columnIndex: isKey,
      bloomFilter: isKey && type === 'string',
      ...(type === 'boolean' ? { encoding: 'PLAIN' as const } : {}),
    };
  });
  void parquetWrite({
    writer,
    columnData,
    schema: parquetSchema(table),
    codec,
    compressors: { ZSTD: (input: Uint8Array) => zstdCompressSync(input) },
    rowGroupSize,
    createdBy,
  });
  return writer.getBytes();
}

const isOfType: { readonly [T in ColumnType]: (value: ColumnValue) => boolean } = {
  string: (value) => typeof value === 'string',
  json: (value) => typeof value === 'string',
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  integer: (value) => typeof value === 'bigint',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  string_list: (value) => Array.isArray(value),
};

function checked(table: Table, name: string, type: ColumnType, isKey: boolean, value: ColumnValue): ColumnValue {
  if (value === null ? !isKey : isOfType[type](value)) return value;
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : value instanceof Date ? 'a date' : `a ${typeof value}`;
  throw new ColumnValueError(`Column ${name} of ${table.name} takes ${isKey ? '' : 'null or '}a ${type}, not ${found}.`);
}
