/** Changes rows of a current table, and removes its earlier versions, which still hold the rows as they were. */

import { currentTablePrefix, stateProperty, versionKey, versionOf, writtenAt } from '../../contract/current-keys.ts';
import type { Stream, Table } from '../../contract/stream.ts';
import { writeTombstones } from '../current/delete-rows.ts';
import { keyAt, keyColumns } from '../current/keys.ts';
import { mergeState, type MergeState } from '../current/merge-state.ts';
import {
  commitDraft,
  type FileSlot,
  followCommit,
  maxAttempts,
  type MergePorts,
  openDraft,
  type TableDraft,
} from '../current/table-draft.ts';
import { type RowColumns, readColumns, rowSource, writeDataFile } from '../iceberg/data-file.ts';
import { currentSnapshot, metadataText, type TableMetadata } from '../iceberg/metadata.ts';
import { catalogEntry, findVersion, newestVersion, readSnapshot, readVersion } from '../iceberg/table.ts';
import { inBatches } from '../store/in-batches.ts';
import type { Change } from './change.ts';
import { mayConcern } from './may-concern.ts';
import { changeRows } from './row-change.ts';

export interface CurrentChange extends Pick<Change, 'rows' | 'matcher'> {
  /** Changes what the merge remembers of the table. */
  readonly state: (state: MergeState) => unknown;
}

export interface CurrentOptions {
  /** Objects that no version names and that are younger than this are kept: a merge may be about to commit them. */
  readonly spareAfter: Date;
  /** Called with what will change, before it is committed. */
  readonly onChanged?: (counts: Pick<ChangedTable, 'removed' | 'changed'>) => Promise<void>;
}

export interface ChangedTable {
  readonly files: number;
  readonly removed: number;
  readonly changed: number;
  /** Objects of earlier versions that were deleted. */
  readonly deleted: number;
}

/**
 * Changes the rows of a table in a new version, and deletes all earlier ones: time travel to them is lost. Merges that
 * run at the same time start over. Safe to repeat.
 * @param stream whose table it is; undefined for a table of the pipeline's own
 */
export async function changeCurrent(
  { table, stream }: { readonly table: Table; readonly stream: Stream | undefined },
  change: CurrentChange,
  { spareAfter, onChanged }: CurrentOptions,
  ports: MergePorts,
): Promise<ChangedTable> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const draft = await openDraft(table, ports);
    if (!draft.base) return { files: 0, removed: 0, changed: 0, deleted: 0 };
    Object.assign(draft.state, mergeState.parse(change.state(draft.state)));
    // Files that were sorted for a merge hold the rows as they were. The merge sorts the rewritten chunks again.
    for (const run of Object.values(draft.state.runs)) delete run.load;
    if (stream) await writeTombstones(stream, draft.state, ports.store);
    draft.state.tombstones = null;
    const counts = await changeDraft(draft, change, ports);
    await onChanged?.(counts);
    const committed = await commitDraft(draft, ports, { 'prospect-lake.rewrite': 'true' }, true);
    if (!committed?.base) continue;
    const deleted = await dropEarlier(table, committed.base.version, spareAfter, ports);
    return { ...counts, deleted };
  }
  throw new Error(`${table.name} was changed by others ${maxAttempts} times in a row; try again.`);
}

/** The rows that {@link changeCurrent} would remove and change. Changes nothing. */
export async function countChanges(
  table: Table,
  change: CurrentChange,
  ports: MergePorts,
): Promise<Pick<ChangedTable, 'removed' | 'changed'>> {
  const draft = await openDraft(table, ports);
  let [removed, changed] = [0, 0];
  if (!draft.base) return { removed, changed };
  for await (const { after } of changedFiles(draft, change)) {
    removed += after?.removed ?? 0;
    changed += after?.changed ?? 0;
  }
  return { removed, changed };
}

async function changeDraft(
  draft: TableDraft,
  change: CurrentChange,
  ports: MergePorts,
): Promise<Omit<ChangedTable, 'deleted'>> {
  const slots: FileSlot[] = [];
  let [files, removed, changed] = [0, 0, 0];
  for await (const { slot, after } of changedFiles(draft, change)) {
    if (!after) {
      if (slot) slots.push(slot);
      continue;
    }
    files += 1;
    removed += after.removed;
    changed += after.changed;
    if (after.rows > 0) slots.push(await writeSlot(draft, after.columns, ports));
  }
  draft.slots = slots;
  return { files, removed, changed };
}

/** Every file of a table, with its rows after the change; they are undefined if the file stays as it is. */
async function* changedFiles({ table, schema, cache, slots }: TableDraft, change: CurrentChange) {
  const names = schema.fields.map(({ name }) => name);
  const slotOf = new Map(slots.map((slot) => [slot.file.key, slot]));
  for await (const [file, bytes] of cache.each(slots.map((slot) => slot.file))) {
    const after = mayConcern(bytes, change.matcher)
      ? changeRows(await readColumns(file.key, bytes, schema, names), change.rows(table))
      : undefined;
    yield { slot: slotOf.get(file.key), after };
  }
}

async function writeSlot(
  { table, schema }: TableDraft,
  columns: RowColumns,
  { store, clock, newId }: MergePorts,
): Promise<FileSlot> {
  const file = await writeDataFile(store, table, schema, rowSource(columns), { now: clock.now(), newId });
  const keys = keyColumns(columns, table.key);
  return { file, lower: keyAt(keys, 0), upper: keyAt(keys, file.rows - 1) };
}

/** Deletes all versions before this one, and the objects that only those name. @returns how many were deleted */
async function dropEarlier(table: Table, version: number, spareAfter: Date, ports: MergePorts): Promise<number> {
  const { store, warehouse, clock } = ports;
  const first = currentSnapshot(await readVersion(store, table.name, version))?.['snapshot-id'];
  let newest = await newestOf(table.name, ports);
  for (let attempt = 0; ; attempt += 1) {
    const without = withoutEarlier(newest.metadata, first, version, clock.now());
    if (without === newest.metadata) break;
    if (attempt >= maxAttempts) throw new Error(`${table.name} was changed by others ${maxAttempts} times in a row.`);
    const key = versionKey(table.name, newest.version + 1);
    await store.put(key, metadataText(without), { ifAbsent: true, contentType: 'application/json' });
    newest = await newestOf(table.name, ports);
  }
  await followCommit(table, catalogEntry(warehouse, table.name, newest.version, newest.metadata), ports);
  const kept = new Set<string>();
  for (const snapshot of newest.metadata.snapshots)
    for (const key of (await readSnapshot(store, warehouse, snapshot)).keys) kept.add(key);
  for (let one = version; one <= newest.version; one += 1) {
    const state = (await findVersion(store, table.name, one))?.properties[stateProperty];
    if (state !== undefined) kept.add(state);
  }
  const named = await namedBefore(table.name, version, ports);
  const superfluous: string[] = [];
  for await (const { key } of store.list(currentTablePrefix(table.name))) {
    const at = versionOf(key);
    const isOld = at === undefined ? named.has(key) || (writtenAt(key) ?? spareAfter) < spareAfter : at < version;
    if (isOld && !kept.has(key)) superfluous.push(key);
  }
  await inBatches(superfluous, (key) => store.delete(key));
  return superfluous.length;
}

async function newestOf(name: string, { store }: MergePorts): Promise<{ version: number; metadata: TableMetadata }> {
  const version = (await newestVersion(store, name)) ?? 0;
  return { version, metadata: await readVersion(store, name, version) };
}

/** The metadata without snapshots before `first` and versions before `version`; the same object if there are none. */
function withoutEarlier(metadata: TableMetadata, first: bigint | undefined, version: number, now: Date): TableMetadata {
  const at = metadata.snapshots.findIndex((snapshot) => snapshot['snapshot-id'] === first);
  const snapshots = metadata.snapshots.slice(Math.max(0, at));
  const log = metadata['metadata-log'].filter((entry) => (versionOf(entry['metadata-file']) ?? 0) >= version);
  if (snapshots.length === metadata.snapshots.length && log.length === metadata['metadata-log'].length) return metadata;
  const ids = new Set(snapshots.map((snapshot) => snapshot['snapshot-id']));
  return {
    ...metadata,
    'last-updated-ms': Math.max(now.getTime(), metadata['last-updated-ms']),
    snapshots,
    'snapshot-log': metadata['snapshot-log'].filter((entry) => ids.has(entry['snapshot-id'])),
    'metadata-log': log,
  };
}

/** Keys of all objects that versions before this one name. */
async function namedBefore(name: string, version: number, { store, warehouse }: MergePorts): Promise<Set<string>> {
  const named = new Set<string>();
  const seen = new Set<bigint>();
  for await (const { key } of store.list(`${currentTablePrefix(name)}metadata/v`)) {
    const at = versionOf(key);
    const metadata = at !== undefined && at < version ? await findVersion(store, name, at) : undefined;
    const state = metadata?.properties[stateProperty];
    if (state !== undefined) named.add(state);
    for (const snapshot of metadata?.snapshots ?? []) {
      if (seen.has(snapshot['snapshot-id'])) continue;
      seen.add(snapshot['snapshot-id']);
      // An expired snapshot may have lost its objects already.
      const keys = await readSnapshot(store, warehouse, snapshot).then(
        (read) => read.keys,
        () => [],
      );
      for (const one of keys) named.add(one);
    }
  }
  return named;
}
