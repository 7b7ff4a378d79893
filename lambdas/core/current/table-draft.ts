import { stateObjectKey, stateProperty } from '../../contract/current-keys.ts';
import type { Table } from '../../contract/stream.ts';
import { commitTable } from '../iceberg/commit.ts';
import type { WrittenFile } from '../iceberg/data-file.ts';
import type { DataFile } from '../iceberg/manifest.ts';
import type { TableSchema } from '../iceberg/metadata.ts';
import { schemaFor } from '../iceberg/schema.ts';
import { type LiveTable, loadTable } from '../iceberg/table.ts';
import type { Warehouse } from '../iceberg/warehouse.ts';
import type { Catalog, CatalogEntry, Clock, Deadline, Log, ObjectStore } from '../ports.ts';
import { writeJson } from '../store/stored-json.ts';
import { DamagedObjectError } from '../store/stored-object.ts';
import { compareKeys, type Key, keyTexts, parseKey } from './keys.ts';
import type { MergeLimits } from './merge-limits.ts';
import { emptyState, type MergeState, readState } from './merge-state.ts';
import type { Turn } from './merge-turns.ts';
import { createObjectCache, type ObjectCache } from './object-cache.ts';

export interface MergePorts {
  readonly store: ObjectStore;
  readonly catalog: Catalog;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly log: Log;
  readonly deadline: Deadline;
  /** A new UUID each time. */
  readonly newId: () => string;
  /** @default mergeLimits */
  readonly limits?: MergeLimits;
  /** Decides when each of several merges may begin. @default each begins at once */
  readonly turn?: Turn;
}

/** A data file and the range of its keys, both ends included. */
export interface FileSlot {
  readonly file: DataFile | WrittenFile;
  readonly lower: Key;
  readonly upper: Key;
}

/** Most attempts of a writer that loses a race and starts over. Losing this often means that something is wrong. */
export const maxAttempts = 20;

/** A version of a current table that the next commit writes. */
export interface TableDraft {
  readonly table: Table;
  readonly base: LiveTable | undefined;
  readonly schema: TableSchema;
  readonly state: MergeState;
  /** Sorted by key; ranges are disjoint. */
  slots: readonly FileSlot[];
  /** Whether the state holds something new that must not be lost. */
  hasNewState: boolean;
  readonly cache: ObjectCache;
}

export async function openDraft(
  table: Table,
  { store, warehouse }: Pick<MergePorts, 'store' | 'warehouse'>,
): Promise<TableDraft> {
  return draftOf(table, await loadTable(store, warehouse, table.name), store, createObjectCache(store));
}

async function draftOf(
  table: Table,
  base: LiveTable | undefined,
  store: ObjectStore,
  cache: ObjectCache,
): Promise<TableDraft> {
  const stateKey = base?.properties[stateProperty];
  const state = stateKey === undefined ? emptyState() : await readState(store, stateKey);
  const slots = base ? slotsOf(table, base, state) : [];
  return { table, base, schema: schemaFor(table, base), state, slots, hasNewState: false, cache };
}

/**
 * The data files of a version with their key ranges, sorted by key.
 * @throws DamagedObjectError if the table has a data file that the merge did not write
 */
function slotsOf(table: Table, { files, metadataKey }: LiveTable, state: MergeState): FileSlot[] {
  const isInteger = table.key.map((name) => table.columns[name]?.type === 'integer');
  const slots = files.map((file) => {
    const range = state.files[file.key];
    if (!range) throw new DamagedObjectError(metadataKey, 'names a data file that the pipeline did not write');
    return { file, lower: parseKey(range.lower, isInteger), upper: parseKey(range.upper, isInteger) };
  });
  return slots.toSorted((one, other) => compareKeys(one.lower, other.lower));
}

/** Sets what the state says of one key; undefined removes it. */
export function remember<T>(draft: TableDraft, record: Record<string, T>, key: string, value: T | undefined): void {
  if (record[key] === value) return;
  draft.hasNewState = true;
  if (value === undefined) delete record[key];
  else record[key] = value;
}

export function rowsOf({ slots }: Pick<TableDraft, 'slots'>): number {
  return slots.reduce((sum, { file }) => sum + file.rows, 0);
}

export function hasNewFiles({ base, slots }: TableDraft): boolean {
  const { added, removed } = filesOf({ base, slots });
  return added.length + removed.length > 0;
}

function filesOf({ base, slots }: Pick<TableDraft, 'base' | 'slots'>): {
  added: WrittenFile[];
  removed: DataFile[];
} {
  const known = new Set(base?.files.map(({ key }) => key));
  const kept = new Set(slots.map(({ file }) => file.key));
  return {
    added: slots.flatMap(({ file }) => (isWritten(file) && !known.has(file.key) ? [file] : [])),
    removed: base?.files.filter(({ key }) => !kept.has(key)) ?? [],
  };
}

function isWritten(file: DataFile | WrittenFile): file is WrittenFile {
  return 'schema' in file;
}

/**
 * Commits rows and state together and points the catalog at the new version.
 * @param renewsSnapshot writes a new snapshot even if no data file changed
 * @returns the draft of the next version; undefined if another writer committed first: open a new draft
 */
export async function commitDraft(
  draft: TableDraft,
  ports: MergePorts,
  summary: Readonly<Record<string, string>>,
  renewsSnapshot = false,
): Promise<TableDraft | undefined> {
  const { table, base, slots, state, cache } = draft;
  const { store, warehouse, newId } = ports;
  const now = ports.clock.now();
  state.files = Object.fromEntries(
    slots.map(({ file, lower, upper }) => [file.key, { lower: keyTexts(lower), upper: keyTexts(upper) }]),
  );
  const stateKey = stateObjectKey(table.name, now, newId());
  await writeJson(store, stateKey, state);
  const properties = { [stateProperty]: stateKey };
  const change = { table, ...filesOf(draft), properties, summary, renewsSnapshot, now, newId };
  const live = await commitTable(store, warehouse, base, change);
  if (!live) return undefined;
  await followCommit(table, live, ports);
  return {
    table,
    base: live,
    schema: live.schema,
    state,
    slots: slotsOf(table, live, state),
    hasNewState: false,
    cache,
  };
}

/** Points the catalog at this version. If a process dies between a commit and this, the next merge does it. */
export async function followCommit(table: Table, entry: CatalogEntry, { catalog, log }: MergePorts): Promise<void> {
  const foreign = await catalog.point(table, entry);
  if (foreign !== undefined)
    log.warn('Something other than the pipeline wrote to a current table. Its changes are lost.', {
      table: table.name,
      foreign,
    });
}
