/** Writes and reads Iceberg tables as rows, for tests. */

import { randomUUID } from 'node:crypto';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import { stateProperty } from '../../lambdas/contract/current-keys.ts';
import type { Table } from '../../lambdas/contract/stream.ts';
import { commitTable, type TableChange } from '../../lambdas/core/iceberg/commit.ts';
import {
  readColumns,
  type RowColumns,
  rowSource,
  type WrittenFile,
  writeDataFile,
} from '../../lambdas/core/iceberg/data-file.ts';
import type { DataFile } from '../../lambdas/core/iceberg/manifest.ts';
import type { TableSchema } from '../../lambdas/core/iceberg/metadata.ts';
import { schemaFor } from '../../lambdas/core/iceberg/schema.ts';
import type { LiveTable } from '../../lambdas/core/iceberg/table.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { MemoryStore } from './memory-store.ts';

export const warehouse = { root: 's3://lake/' };

export type TableRow = Readonly<Record<string, ColumnValue>>;

export function columnsOf(table: Table, rows: readonly TableRow[]): RowColumns {
  return Object.fromEntries(Object.keys(table.columns).map((name) => [name, rows.map((row) => row[name] ?? null)]));
}

/** Writes one data file with these rows, without committing it. */
export function putRows(
  store: ObjectStore,
  table: Table,
  base: LiveTable | undefined,
  rows: readonly TableRow[],
  now: Date,
): Promise<WrittenFile> {
  const schema = schemaFor(table, base);
  return writeDataFile(store, table, schema, rowSource(columnsOf(table, rows)), { now, newId: randomUUID });
}

/** Commits files and properties. @returns undefined if another writer committed first */
export function commit(
  store: ObjectStore,
  base: LiveTable | undefined,
  change: Pick<TableChange, 'table' | 'now'> & Partial<TableChange>,
): Promise<LiveTable | undefined> {
  return commitTable(store, warehouse, base, {
    added: [],
    removed: [],
    properties: {},
    newId: randomUUID,
    ...change,
  });
}

/** Every row of these files, with all columns of the schema. */
export async function rowsIn(
  store: Pick<ObjectStore, 'get'>,
  schema: TableSchema,
  files: readonly Pick<DataFile, 'key'>[],
): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  const names = schema.fields.map(({ name }) => name);
  for (const { key } of files) {
    const object = await store.get(key);
    if (!object) throw new Error(`${key} is missing`);
    const columns = await readColumns(key, object.body, schema, names);
    const [first = []] = Object.values(columns);
    rows.push(...first.map((_, at) => Object.fromEntries(names.map((name) => [name, columns[name]?.[at] ?? null]))));
  }
  return rows;
}

export const people: Table = {
  name: 'people',
  description: 'People.',
  key: ['id'],
  columns: {
    id: { type: 'string', description: 'Key.' },
    name: { type: 'string', description: 'Name.', personal: 'name' },
    age: { type: 'integer', description: 'Age.' },
  },
};
export const now = new Date('2026-05-01T02:00:00.000Z');
export const ann = { id: 'a', name: 'Ann', age: 40n };
export const bob = { id: 'b', name: 'Bob', age: null };

/** A table with its first version: two files with a row each. */
export async function firstVersion(store = new MemoryStore()) {
  const added = [
    await putRows(store, people, undefined, [ann], now),
    await putRows(store, people, undefined, [bob], now),
  ];
  const table = await commit(store, undefined, { table: people, added, now, properties: { [stateProperty]: 'one' } });
  if (!table) throw new Error('No other writer is here.');
  return { store, table };
}
