import zlib from 'node:zlib';
import type { ColumnChunk, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import type { ColumnType, ColumnValue } from '../../../contract/column-types.ts';
import type { Table } from '../../../contract/stream.ts';
import { ColumnValueError } from '../../errors.ts';
import type { ParsedRow } from '../rows.ts';
import { bloomFilterOf } from './bloom-filter.ts';
import { type ChunkOptions, writeColumnChunk } from './column-chunk.ts';
import { columnsOf, type ParquetColumn } from './columns.ts';
import { millisecondsOfDay } from './day-values.ts';
import { parquetSchema } from './schema.ts';
import { TextValues } from './text-values.ts';

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
    return () => rows.map((row) => check(row[name] ?? null));
  });
  return encode(parquetSchema(table), rows.length, columns, options);
}

/**
 * Encodes columns as a Parquet file.
 * @param columns give the values of all columns, in the order of the schema. Each is called once, after the values of
 * the one before have been packed, so that only one column's values are in memory. A time can be a bigint in the unit
 * of its column
 */
export function encode(
  schema: SchemaElement[],
  rows: number,
  columns: readonly (() => readonly ColumnValue[])[],
  { rowGroupSize = 1_000_000, ...options }: WriteOptions = {},
): Uint8Array {
  const groups = Array.from({ length: Math.ceil(rows / rowGroupSize) }, () => columnsOf(schema));
  const fill = (at: number) => {
    const values = columns[at]?.() ?? [];
    for (let row = 0; row < rows; row += 1) groups[Math.floor(row / rowGroupSize)]?.[at]?.add(values[row] ?? null);
  };
  const file = new ParquetFile(schema, options);
  if (groups.length > 1) for (const at of columns.keys()) fill(at);
  for (const group of groups) file.addRowGroup(oneByOne(group, groups.length > 1 ? () => {} : fill));
  return file.finish();
}

/** The columns, each filled only when its turn comes, and freed when that of the next one comes. */
function* oneByOne(columns: readonly ParquetColumn[], fill: (at: number) => void): Generator<ParquetColumn> {
  for (const [at, column] of columns.entries()) {
    fill(at);
    yield column;
    column.values.free();
  }
}

/** A Parquet file that is written row group by row group. */
export class ParquetFile {
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #options: ChunkOptions;

  constructor(schema: SchemaElement[], { codec = 'ZSTD', dictionaries = true }: WriteOptions = {}) {
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy });
    this.#options = { codec, dictionaries, compress: compressors[codec] };
  }

  /** @param columns all columns of the schema, with a row at least */
  addRowGroup(columns: Iterable<ParquetColumn>): void {
    const start = this.#bytes.offset;
    const chunks: ColumnChunk[] = [];
    let rows = 0n;
    for (const column of columns) {
      const chunk = writeColumnChunk(this.#bytes, column, this.#options);
      this.#writer.pendingIndexes.push({ chunk, ...bloomFilter(column) });
      chunks.push(chunk);
      rows = BigInt(column.rows);
    }
    this.#writer.num_rows += rows;
    this.#writer.row_groups.push({
      columns: chunks,
      num_rows: rows,
      total_byte_size: chunks.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n),
      total_compressed_size: BigInt(this.#bytes.offset - start),
    });
  }

  finish(): Uint8Array {
    void this.#writer.finish();
    return this.#bytes.getBytes();
  }
}

/** The fastest level. On leads and messages no level up to the default, 3, gave files that were 2 % smaller: see ADR 1. */
const zstdOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

const compressors: Readonly<Record<NonNullable<WriteOptions['codec']>, ChunkOptions['compress']>> = {
  ZSTD: (bytes) => zlib.zstdCompressSync(bytes, zstdOptions),
  SNAPPY: snappyCompress,
  UNCOMPRESSED: (bytes) => bytes,
};

/** Key columns of texts have a filter: readers look rows up by key. */
function bloomFilter({ path: [element], values }: ParquetColumn): { bloomFilter?: Uint32Array } {
  if (element?.repetition_type !== 'REQUIRED' || !(values instanceof TextValues)) return {};
  return { bloomFilter: bloomFilterOf(values.texts(), values.count) };
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

export const isOfType: { readonly [T in ColumnType]: (value: ColumnValue) => boolean } = {
  string: (value) => typeof value === 'string',
  json: (value) => typeof value === 'string',
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  date: (value) => value instanceof Date && value.getTime() % millisecondsOfDay === 0,
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
