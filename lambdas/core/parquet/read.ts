import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';

/** Rows of a Parquet file that {@link writeParquet} wrote, with the named columns only. */
export async function readParquet(file: Uint8Array, columns: readonly string[]): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({
    file: file.slice().buffer,
    columns: [...columns],
    compressors: { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) },
  });
}
