import { zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';

/** Rows of a Parquet file that {@link writeParquet} wrote, with the named columns only. */
export async function readParquet(file: Uint8Array, columns: readonly string[]): Promise<Record<string, unknown>[]> {
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  return parquetReadObjects({
    file: buffer,
    columns: [...columns],
    compressors: { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) },
  });
}
