import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects, parquetSchema, type SchemaElement } from 'hyparquet';

const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };

/**
 * Rows of a Parquet file that {@link writeParquet} wrote, with the named columns only. Of a file that is
 * older than a column, that is null.
 */
export async function readParquet(bytes: Uint8Array, columns: readonly string[]): Promise<Record<string, unknown>[]> {
  const file = bytes.slice().buffer;
  const metadata = parquetMetadata(file);
  const present = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  const rows = await parquetReadObjects({
    file,
    metadata,
    columns: columns.filter((name) => present.has(name)),
    compressors,
  });
  const lacking = columns.filter((name) => !present.has(name)).map((name) => [name, null] as const);
  return lacking.length === 0 ? rows : rows.map((row) => ({ ...row, ...Object.fromEntries(lacking) }));
}

/** A whole file: its schema, and the values of each column in the order of the rows. */
export interface WholeFile {
  readonly schema: SchemaElement[];
  readonly columns: readonly { readonly name: string; readonly data: readonly unknown[] }[];
}

/** @throws Error where it is no Parquet file */
export async function readWholeParquet(bytes: Uint8Array): Promise<WholeFile> {
  const file = bytes.slice().buffer;
  const metadata = parquetMetadata(file);
  const rows = await parquetReadObjects({ file, metadata, compressors });
  const columns = parquetSchema(metadata).children.map(({ element: { name } }) => ({
    name,
    data: rows.map((row): unknown => row[name]),
  }));
  return { schema: metadata.schema, columns };
}

const strictText = new TextDecoder('utf-8', { fatal: true });

/**
 * Whether every column of a Parquet file can be read, as a query that names them all has to. Values that were
 * changed into others of their type are not noticed: the files carry no checksums.
 */
export async function isReadable(bytes: Uint8Array): Promise<boolean> {
  try {
    const file = new Uint8Array(bytes).buffer;
    const metadata = parquetMetadata(file);
    // Of a list, undefined is null.
    const plain = parquetSchema(metadata).children.filter(({ children }) => children.length === 0);
    const names = plain.map(({ element }) => element.name);
    const parsers = { stringFromBytes: (text: Uint8Array | undefined) => text && strictText.decode(text) };
    const rows = await parquetReadObjects({ file, metadata, compressors, parsers });
    return (
      BigInt(rows.length) === metadata.num_rows &&
      rows.every((row) => names.every((name) => row[name] !== undefined && !isNoDate(row[name])))
    );
  } catch {
    return false;
  }
}

function isNoDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime());
}
