import { versionKey, versionKeysPrefix, versionOf } from '../../contract/current-keys.ts';
import type { CatalogEntry, ReadableStore } from '../ports.ts';
import { DamagedObjectError, decodeObject, readObject } from '../store/stored-object.ts';
import { type DataFile, decodeManifest } from './manifest.ts';
import { decodeManifestList } from './manifest-list.ts';
import { currentSchema, currentSnapshot, parseMetadata, type Snapshot, type TableMetadata } from './metadata.ts';
import { keyOf, uriOf, type Warehouse } from './warehouse.ts';

/** A version of a table that was read or committed. */
export interface LiveTable extends CatalogEntry {
  readonly name: string;
  readonly metadataKey: string;
  readonly metadata: TableMetadata;
  /** Data files of the current snapshot. */
  readonly files: readonly DataFile[];
  readonly properties: Readonly<Record<string, string>>;
  /** Id of the current snapshot; null if the table has never had a row. */
  readonly snapshotId: bigint | null;
}

/**
 * Loads the newest version of a table. The version in the store is the truth, whatever a catalog says.
 * @returns undefined if the table was never committed
 * @throws DamagedObjectError that names the object if one is missing or is not what a commit wrote
 */
export async function loadTable(
  store: ReadableStore,
  warehouse: Warehouse,
  name: string,
): Promise<LiveTable | undefined> {
  const version = await newestVersion(store, name);
  if (version === undefined) return undefined;
  const metadata = await readVersion(store, name, version);
  const snapshot = currentSnapshot(metadata);
  const files = snapshot ? (await readSnapshot(store, warehouse, snapshot)).files : [];
  return liveTable(warehouse, name, version, metadata, files);
}

/** The entry that a catalog has for a version of a table. */
export function catalogEntry(
  warehouse: Warehouse,
  name: string,
  version: number,
  metadata: TableMetadata,
): CatalogEntry {
  return {
    version,
    metadataUri: uriOf(warehouse, versionKey(name, version)),
    location: metadata.location,
    schema: currentSchema(metadata),
  };
}

export function liveTable(
  warehouse: Warehouse,
  name: string,
  version: number,
  metadata: TableMetadata,
  files: readonly DataFile[],
): LiveTable {
  return {
    ...catalogEntry(warehouse, name, version, metadata),
    name,
    metadataKey: versionKey(name, version),
    metadata,
    files,
    properties: metadata.properties,
    snapshotId: currentSnapshot(metadata)?.['snapshot-id'] ?? null,
  };
}

export async function newestVersion(store: ReadableStore, name: string): Promise<number | undefined> {
  let newest: number | undefined;
  for await (const { key } of store.list(versionKeysPrefix(name)))
    newest = Math.max(newest ?? 0, versionOf(key) ?? 0) || undefined;
  return newest;
}

/** Reads the metadata of one version. @throws DamagedObjectError, see {@link loadTable} */
export async function readVersion(store: ReadableStore, name: string, version: number): Promise<TableMetadata> {
  const metadata = await findVersion(store, name, version);
  if (!metadata) throw new DamagedObjectError(versionKey(name, version), 'is missing');
  return metadata;
}

/** @returns undefined if the version does not exist, or expired */
export async function findVersion(
  store: ReadableStore,
  name: string,
  version: number,
): Promise<TableMetadata | undefined> {
  const key = versionKey(name, version);
  const object = await readObject(store, key);
  return object && parseAs(key, object.body, (bytes) => parseMetadata(new TextDecoder().decode(bytes)));
}

/**
 * The data files of a snapshot, and the keys of all objects that it consists of.
 * @throws DamagedObjectError, see {@link loadTable}
 */
export async function readSnapshot(
  store: ReadableStore,
  warehouse: Warehouse,
  snapshot: Snapshot,
): Promise<{ readonly files: readonly DataFile[]; readonly keys: ReadonlySet<string> }> {
  const listKey = keyOf(warehouse, snapshot['manifest-list']);
  const manifests = await readAs(store, listKey, (bytes) => decodeManifestList(warehouse, bytes));
  const files: DataFile[] = [];
  for (const { key, sequence } of manifests)
    files.push(...(await readAs(store, key, (bytes) => decodeManifest(warehouse, bytes, sequence))));
  return { files, keys: new Set([listKey, ...manifests.map(({ key }) => key), ...files.map(({ key }) => key)]) };
}

async function readAs<T>(store: ReadableStore, key: string, parse: (bytes: Uint8Array) => T): Promise<T> {
  const object = await readObject(store, key);
  if (!object) throw new DamagedObjectError(key, 'is missing');
  return parseAs(key, object.body, parse);
}

function parseAs<T>(key: string, body: Uint8Array, parse: (bytes: Uint8Array) => T): T {
  return decodeObject(key, 'does not have the form that the pipeline writes', () => parse(body));
}
