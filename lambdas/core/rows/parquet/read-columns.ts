import zlib from 'node:zlib';
import {
  type AsyncBuffer,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadata,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import type { ColumnValue } from '../../../contract/column-types.ts';
import { DamagedObjectError, decodeObject } from '../../store/stored-object.ts';

/** Columns of a file, in the order of the file. */
export type FileColumns = readonly { readonly name: string; readonly fieldId: number | undefined }[];

export interface ReadOptions {
  /** Gives the name that a column has in the file. @default the same name */
  readonly nameInFile?: (name: string, columns: FileColumns) => string | undefined;
  /** Gives each timestamp as a number of milliseconds, which takes a sixth of a Date's memory. @default false */
  readonly timesAsNumbers?: boolean;
}

/**
 * Columns of a Parquet file by name, in row order. A column that the file lacks is null in each row.
 * @throws DamagedObjectError if the file cannot be decoded
 */
export async function readParquetColumns(
  key: string,
  bytes: Uint8Array,
  names: readonly string[],
  options: ReadOptions = {},
): Promise<Record<string, ColumnValue[]>> {
  try {
    return await decodeColumns(bytes, names, options);
  } catch {
    throw new DamagedObjectError(key, damaged);
  }
}

const damaged = 'is no Parquet file that can be read';

async function decodeColumns(
  bytes: Uint8Array,
  names: readonly string[],
  { nameInFile = (name) => name, timesAsNumbers = false }: ReadOptions,
): Promise<Record<string, ColumnValue[]>> {
  const file: AsyncBuffer = {
    byteLength: bytes.byteLength,
    slice: (start, end) => copyOf(bytes.subarray(start, end)),
  };
  const metadata = parquetFooter(bytes);
  const rows = Number(metadata.num_rows);
  const columns = parquetSchema(metadata).children.map(({ element: { name, field_id: fieldId } }) => ({
    name,
    fieldId,
  }));
  const read: Record<string, ColumnValue[]> = {};
  const inFile = new Map<string, ColumnValue[]>();
  for (const name of names) {
    read[name] = Array.from<ColumnValue>({ length: rows }).fill(null);
    const fileName = nameInFile(name, columns);
    if (columns.some((column) => column.name === fileName)) inFile.set(fileName ?? '', read[name]);
  }
  await parquetRead({
    file,
    metadata,
    compressors: { ZSTD: (input: Uint8Array) => zlib.zstdDecompressSync(input) },
    columns: [...inFile.keys()],
    ...(timesAsNumbers ? { parsers: numberParsers } : {}),
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = inFile.get(columnName) ?? [];
      for (const [at, value] of columnData.entries()) column[rowStart + at] = valueOf(value);
    },
  });
  return read;
}

const numberParsers: Pick<ParquetParsers, 'timestampFromMilliseconds' | 'timestampFromMicroseconds'> = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: (time) => Number(time / 1000n),
};

/** Names of all columns of a file. @throws DamagedObjectError */
export function columnNames(key: string, bytes: Uint8Array): string[] {
  return decodeObject(key, damaged, () =>
    parquetSchema(parquetFooter(bytes)).children.map(({ element }) => element.name),
  );
}

/** Bytes that the values of a file take when decompressed. @throws DamagedObjectError */
export function decompressedBytes(key: string, bytes: Uint8Array): number {
  const { row_groups: groups } = decodeObject(key, damaged, () => parquetFooter(bytes));
  return groups.reduce((sum, group) => sum + Number(group.total_byte_size), 0);
}

/**
 * The metadata in the footer of a file. The last 8 bytes of the file are the footer's length (4 bytes) and the letters
 * PAR1.
 */
export function parquetFooter(bytes: Uint8Array): FileMetaData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes.byteLength - 8 - view.getUint32(bytes.byteLength - 8, true);
  return parquetMetadata(copyOf(bytes.subarray(Math.max(0, start))));
}

function valueOf(value: unknown): ColumnValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number') return value;
  if (typeof value === 'boolean' || value instanceof Date) return value;
  // A copy: hyparquet pushes the texts of a list, so that each list has room for 17 of them.
  if (isTexts(value)) return value.slice();
  throw new TypeError('A Parquet file has a value whose type no column can have');
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** Copies the bytes, because a Buffer's `slice` would share the memory of the Buffer. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
