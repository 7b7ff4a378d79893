import zlib from 'node:zlib';
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { DamagedObjectError } from '../../store/stored-object.ts';

const compressors = { ZSTD: (input: Uint8Array) => zlib.zstdDecompressSync(input) };

/**
 * Rows of a Parquet file that {@link writeParquet} wrote, with the named columns only. A column that is newer than the
 * file is null.
 * @throws DamagedObjectError if the file cannot be decoded
 */
export async function readParquet(
  key: string,
  bytes: Uint8Array,
  columns: readonly string[],
): Promise<Record<string, unknown>[]> {
  try {
    return await decodeRows(bytes, columns);
  } catch {
    throw new DamagedObjectError(key, 'is no Parquet file that can be read');
  }
}

async function decodeRows(bytes: Uint8Array, columns: readonly string[]): Promise<Record<string, unknown>[]> {
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
