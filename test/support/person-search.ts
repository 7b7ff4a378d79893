/**
 * Searches a store for texts: in every object as it is, unpacked from gzip, and in every value and footer of Parquet
 * files.
 */

import { gunzipSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { MemoryStore } from './memory-store.ts';

export async function objectsHolding(store: MemoryStore, texts: readonly string[]): Promise<string[]> {
  const holding: string[] = [];
  for (const [key, { body, metadata }] of store.objects) {
    const readings = [Buffer.from(body), Buffer.from(key), Buffer.from(JSON.stringify(metadata))];
    if (key.endsWith('.gz')) readings.push(gunzipSync(body));
    if (key.endsWith('.parquet')) readings.push(Buffer.from(await parquetText(body)));
    const spelled = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
    if (spelled.some((text) => readings.some((bytes) => bytes.includes(text)))) holding.push(key);
  }
  return holding.toSorted();
}

/** Every value and all metadata of a Parquet file, with the statistics of its columns, as text. */
async function parquetText(body: Uint8Array): Promise<string> {
  const file = body.slice().buffer;
  const text = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
  };
  const rows = await parquetReadObjects({ file, compressors });
  return `${JSON.stringify(rows, text)}${JSON.stringify(parquetMetadata(file), text)}`;
}
