/** Reads from the current tables what `dueParents` needs to decide which parents have their children read. */

import { type ColumnValue, columnsByField } from '../../contract/column-types.ts';
import { childReads } from '../../contract/pipeline-tables.ts';
import { currentTableOf, type Stream } from '../../contract/stream.ts';
import { type ColumnChoice, readCurrent } from '../current/read-current.ts';
import type { Warehouse } from '../iceberg/warehouse.ts';
import type { ObjectStore } from '../ports.ts';
import { membersOf } from '../rows/json-slices.ts';
import { isAddressable } from '../rows/row-ids.ts';
import type { ChildRead, ParentRow } from './due-parents.ts';

export interface TablePorts {
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
}

/** All rows of a parent table whose id can be used in an API path. */
export async function readParents(parent: Stream, ports: TablePorts): Promise<ParentRow[]> {
  const parents: ParentRow[] = [];
  for await (const row of rowsOf(parent, 'id', ports)) parents.push(row);
  return parents;
}

/**
 * Adds to `hints`, by parent id, the newest hint: a row of this stream that shows that the parent's children may have
 * changed.
 */
export async function readHints(
  hinting: Stream,
  column: string,
  ports: TablePorts,
  hints: Map<string, ParentRow>,
): Promise<void> {
  for await (const row of rowsOf(hinting, column, ports)) {
    const known = hints.get(row.id);
    if (!known || known.readAt < row.readAt) hints.set(row.id, row);
  }
}

/** When the children of each parent were last read. */
export async function readChildReads(child: Stream, ports: TablePorts): Promise<Map<string, ChildRead>> {
  const reads = new Map<string, ChildRead>();
  const columns = ['table_name', 'parent_id', 'read_at', 'run_id'];
  for await (const rows of readCurrent(childReads, columns, ports)) {
    for (const [index, table] of (rows['table_name'] ?? []).entries()) {
      if (table !== child.name) continue;
      const readAt = timeOf(rows['read_at']?.[index]) ?? 0;
      reads.set(String(rows['parent_id']?.[index]), { readAt, runId: String(rows['run_id']?.[index]) });
    }
  }
  return reads;
}

async function* rowsOf(stream: Stream, idColumn: string, ports: TablePorts): AsyncGenerator<ParentRow> {
  const times = ['updated_at', 'created_at'].filter((name) => name in stream.columns);
  // If a time is null, `_extra` or another column of the field shows whether the API gave none, or gave one in an unknown
  // form. `_extra` may be large, so it is read only then.
  const [, ...others] = columnsByField(stream.columns).get('updated_at') ?? [];
  const columns: ColumnChoice = (hasNulls) => [
    idColumn,
    '_extracted_at',
    '_run_id',
    ...times,
    ...(times.includes('updated_at') && hasNulls('updated_at') ? ['_extra', ...others] : []),
  ];
  for await (const rows of readCurrent(currentTableOf(stream), columns, ports)) {
    for (const [index, id] of (rows[idColumn] ?? []).entries()) {
      if (!isAddressable(id)) continue;
      const readAt = timeOf(rows['_extracted_at']?.[index]) ?? 0;
      const [updatedAt, createdAt] = ['updated_at', 'created_at'].map((name) => timeOf(rows[name]?.[index]));
      const isGiven =
        isInExtra(rows['_extra']?.[index], 'updated_at') ||
        others.some((name) => (rows[name]?.[index] ?? null) !== null);
      const changedAt = updatedAt ?? (isGiven ? undefined : createdAt);
      yield {
        id,
        readAt,
        runId: String(rows['_run_id']?.[index] ?? ''),
        // A time later than the read does not say when the row changed.
        changedAt: changedAt !== undefined && changedAt <= readAt ? changedAt : undefined,
      };
    }
  }
}

function isInExtra(extra: ColumnValue | undefined, name: string): boolean {
  return typeof extra === 'string' && membersOf(extra).has(name);
}

function timeOf(value: ColumnValue | undefined): number | undefined {
  return value instanceof Date ? value.getTime() : undefined;
}
