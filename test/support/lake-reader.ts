import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import { currentTablePrefix, versionKeysPrefix } from '../../lambdas/contract/current-keys.ts';
import type { Table } from '../../lambdas/contract/stream.ts';
import { readCurrent } from '../../lambdas/core/current/read-current.ts';
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

const metadata = z.object({ location: z.string() });

/** Every row of a current table, in key order; none if the table was never committed. */
export async function currentRowsOf(store: MemoryStore, table: Table): Promise<Record<string, unknown>[]> {
  const [version] = store.keys(versionKeysPrefix(table.name));
  if (version === undefined) return [];
  const { location } = metadata.parse(store.json(version));
  const warehouse = { root: `${location}/`.slice(0, -currentTablePrefix(table.name).length) };
  const rows: Record<string, unknown>[] = [];
  for await (const columns of readCurrent(table, Object.keys(table.columns), { store, warehouse })) {
    const [first = []] = Object.values(columns);
    for (const row of first.keys())
      rows.push(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])));
  }
  return rows;
}
