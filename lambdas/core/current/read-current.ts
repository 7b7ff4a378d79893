import type { Table } from '../../contract/stream.ts';
import { readColumns, type RowColumns } from '../iceberg/data-file.ts';
import { type MergePorts, openDraft } from './table-draft.ts';

/**
 * Columns of a current table, one data file at a time, in key order. Yields nothing if there is no table yet.
 * @throws DamagedObjectError if one of its objects is missing or damaged
 */
export async function* readCurrent(
  table: Table,
  columns: readonly string[],
  ports: Pick<MergePorts, 'store' | 'warehouse'>,
): AsyncGenerator<RowColumns> {
  const { slots, schema, cache } = await openDraft(table, ports);
  for await (const [, bytes] of cache.each(slots.map(({ file }) => file))) yield readColumns(bytes, schema, columns);
}
