import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { currentTablePrefix, manifestKey, manifestListKey, versionKey } from '../../contract/current-keys.ts';
import type { Table } from '../../contract/stream.ts';
import type { ObjectStore } from '../ports.ts';
import type { WrittenFile } from './data-file.ts';
import { type DataFile, encodeManifest, type ManifestContent } from './manifest.ts';
import { encodeManifestList } from './manifest-list.ts';
import {
  currentSnapshot,
  metadataText,
  noSnapshot,
  type Snapshot,
  type TableMetadata,
  type TableSchema,
} from './metadata.ts';
import { lastColumnId, schemaFor } from './schema.ts';
import { summaryOf } from './summary.ts';
import { type LiveTable, liveTable } from './table.ts';
import { versionLog } from './version-log.ts';
import { uriOf, type Warehouse } from './warehouse.ts';

export interface TableChange {
  /** Declaration of the table. Columns that the stored table lacks are added to its schema. */
  readonly table: Table;
  readonly added: readonly WrittenFile[];
  /** Files to remove: a part of `base.files`. */
  readonly removed: readonly DataFile[];
  /** Properties to set. They override existing properties of the same name. */
  readonly properties: Readonly<Record<string, string>>;
  /** Further entries of the snapshot's summary, such as the run. */
  readonly summary?: Readonly<Record<string, string>>;
  /** Writes a new snapshot even if no file is added or removed. */
  readonly renewsSnapshot?: boolean;
  readonly now: Date;
  /** A new UUID each time. */
  readonly newId: () => string;
}

/**
 * Writes the next version of a table. If several writers start from the same base, one succeeds. Data files and
 * properties change together or not at all, by the conditional write of `metadata/v<N>.metadata.json`. Without added or
 * removed files, the version has no new snapshot.
 * @returns the version that was written; undefined if another writer was first: load the table and start over
 * @throws SchemaChangeError, see {@link schemaFor}; Error if a removed file is not in the base, or an added file was
 * written with column ids that the table uses for other columns
 */
export async function commitTable(
  store: ObjectStore,
  warehouse: Warehouse,
  base: LiveTable | undefined,
  change: TableChange,
): Promise<LiveTable | undefined> {
  const { table, added, removed } = change;
  const schema = schemaFor(table, base);
  checkFiles(table, schema, base, change);
  const hasSnapshot = change.renewsSnapshot === true || added.length + removed.length > 0;
  const started = startedVersion(warehouse, base, change, schema);
  const kept = base?.files.filter(({ key }) => !removed.some((file) => file.key === key)) ?? [];
  const snapshot = hasSnapshot ? await writeSnapshot(store, warehouse, started, change, kept, schema) : undefined;
  const metadata = snapshot ? withSnapshot(started, snapshot) : started;
  const version = (base?.version ?? 0) + 1;
  const isFirst = await store.put(versionKey(table.name, version), metadataText(metadata), {
    ifAbsent: true,
    contentType: 'application/json',
  });
  if (!isFirst) return undefined;
  const files = snapshot ? [...added.map((file) => namedBy(snapshot, file)), ...kept] : kept;
  return liveTable(warehouse, table.name, version, metadata, files);
}

function namedBy(snapshot: Snapshot, { key, rows, bytes, splitOffsets, columnSizes, stats }: WrittenFile): DataFile {
  const { 'snapshot-id': snapshotId, 'sequence-number': sequence } = snapshot;
  return { key, rows, bytes, splitOffsets, columnSizes, stats, snapshotId, sequence };
}

function checkFiles(
  table: Table,
  schema: TableSchema,
  base: LiveTable | undefined,
  { added, removed }: TableChange,
): void {
  const fields = new Map(schema.fields.map((field) => [field.id, field]));
  for (const field of added.flatMap((file) => file.schema.fields)) {
    const { name, type } = fields.get(field.id) ?? {};
    if (name !== field.name || !isDeepStrictEqual(type, field.type))
      throw new Error(`A data file of ${table.name} was written under another schema: write it again.`);
  }
  const known = new Set(base?.files.map(({ key }) => key));
  const foreign = removed.find(({ key }) => !known.has(key));
  if (foreign) throw new Error(`${foreign.key} cannot be removed: the table does not have it.`);
}

/** The metadata of the next version, before its new snapshot is added. */
function startedVersion(
  warehouse: Warehouse,
  base: LiveTable | undefined,
  { table, properties, now, newId }: TableChange,
  schema: TableSchema,
): TableMetadata {
  const before = base?.metadata;
  const others = before?.schemas.filter((known) => known['schema-id'] !== schema['schema-id']) ?? [];
  return {
    'format-version': 2,
    'table-uuid': before?.['table-uuid'] ?? newId(),
    location: uriOf(warehouse, currentTablePrefix(table.name)).replace(/\/$/, ''),
    'last-sequence-number': before?.['last-sequence-number'] ?? 0,
    // Never goes backwards, even if the clocks of two writers differ.
    'last-updated-ms': Math.max(now.getTime(), before?.['last-updated-ms'] ?? 0),
    'last-column-id': Math.max(before?.['last-column-id'] ?? 0, lastColumnId(schema)),
    'current-schema-id': schema['schema-id'],
    schemas: [...others, schema],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'last-partition-id': 999,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: { ...before?.properties, ...properties },
    'current-snapshot-id': before?.['current-snapshot-id'] ?? noSnapshot,
    refs: before?.refs ?? {},
    snapshots: before?.snapshots ?? [],
    'snapshot-log': before?.['snapshot-log'] ?? [],
    'metadata-log': base ? versionLog(warehouse, base, now) : [],
  };
}

async function writeSnapshot(
  store: ObjectStore,
  warehouse: Warehouse,
  started: TableMetadata,
  { table, added, removed, summary, newId }: TableChange,
  kept: readonly DataFile[],
  schema: TableSchema,
): Promise<Snapshot> {
  const sequence = started['last-sequence-number'] + 1;
  const parent = currentSnapshot(started);
  const content: ManifestContent = { snapshotId: snapshotIdOf(newId()), added, kept, deleted: removed };
  const manifest = encodeManifest(warehouse, schema, content);
  const time = new Date(started['last-updated-ms']);
  const key = manifestKey(table.name, time, newId());
  const listKey = manifestListKey(table.name, time, newId());
  const parentId = parent?.['snapshot-id'];
  const list = encodeManifestList(warehouse, sequence, parentId, content, { key, bytes: manifest.byteLength });
  await Promise.all([store.put(key, manifest), store.put(listKey, list)]);
  return {
    'snapshot-id': content.snapshotId,
    ...(parentId === undefined ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': sequence,
    'timestamp-ms': started['last-updated-ms'],
    'manifest-list': uriOf(warehouse, listKey),
    summary: { ...summary, ...summaryOf(content) },
    'schema-id': schema['schema-id'],
  };
}

function withSnapshot(started: TableMetadata, snapshot: Snapshot): TableMetadata {
  const { 'snapshot-id': id, 'timestamp-ms': time } = snapshot;
  return {
    ...started,
    'last-sequence-number': snapshot['sequence-number'],
    'current-snapshot-id': id,
    refs: { main: { 'snapshot-id': id, type: 'branch' } },
    snapshots: [...started.snapshots, snapshot],
    'snapshot-log': [...started['snapshot-log'], { 'snapshot-id': id, 'timestamp-ms': time }],
  };
}

/** A snapshot id made from a UUID. It has 63 bits, because snapshot ids are positive. */
function snapshotIdOf(id: string): bigint {
  return createHash('sha256').update(id).digest().readBigUInt64BE() >> 1n;
}
