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
