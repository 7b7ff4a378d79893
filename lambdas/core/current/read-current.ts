import type { Table } from '../../contract/stream.ts';
import { readColumns, type RowColumns } from '../iceberg/data-file.ts';
import type { DataFile } from '../iceberg/manifest.ts';
import type { TableSchema } from '../iceberg/metadata.ts';
import { type MergePorts, openDraft } from './table-draft.ts';

/** Columns to read from a data file, which may depend on which of its columns have nulls. */
export type ColumnChoice = (hasNulls: (name: string) => boolean) => readonly string[];

/**
 * Columns of a current table, one data file at a time, in key order. Yields nothing if there is no table yet.
 * @throws DamagedObjectError if one of its objects is missing or damaged
 */
export async function* readCurrent(
  table: Table,
  columns: readonly string[] | ColumnChoice,
  ports: Pick<MergePorts, 'store' | 'warehouse'>,
): AsyncGenerator<RowColumns> {
  const { slots, schema, cache } = await openDraft(table, ports);
  for await (const [file, bytes] of cache.each(slots.map((slot) => slot.file))) {
    const chosen = typeof columns === 'function' ? columns((name) => hasNulls(file, schema, name)) : columns;
    yield readColumns(file.key, bytes, schema, chosen);
  }
}

/** True also for a column that was added after the file was written: the file has no statistics for it. */
function hasNulls({ stats }: Pick<DataFile, 'stats'>, { fields }: TableSchema, name: string): boolean {
  const field = fields.find((one) => one.name === name);
  return (stats.get(field?.id ?? 0)?.nulls ?? 1) > 0;
}
