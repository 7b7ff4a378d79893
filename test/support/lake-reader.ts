import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { MemoryStore } from './memory-store.ts';

/** Every row of a table's Parquet files in a store, read by hyparquet. */
export async function rowsOf(store: MemoryStore, table: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const key of store.keys(`lake/${table}/`)) {
    const body = store.objects.get(key)?.body ?? new Uint8Array();
    const file = body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) as ArrayBuffer;
    rows.push(...(await parquetReadObjects({ file, compressors })));
  }
  return rows;
}
