import { currentTablePrefix, stateProperty, versionKey, versionOf, writtenAt } from '../../contract/current-keys.ts';
import type { CatalogEntry, ObjectStore } from '../ports.ts';
import { inBatches } from '../store/in-batches.ts';
import { currentSnapshot, metadataText, type Snapshot, type TableMetadata } from './metadata.ts';
import { catalogEntry, findVersion, newestVersion, readSnapshot, readVersion } from './table.ts';
import { graceMilliseconds, versionADayAgo, versionLog } from './version-log.ts';
import type { Warehouse } from './warehouse.ts';

export interface Expiry {
  /** A replaced snapshot can be queried (time travel) for at least this many days. */
  readonly snapshotDays: number;
  readonly now: Date;
}

export interface Expired {
  /** Snapshots that were removed from the table. */
  readonly snapshots: number;
  /** Objects that were deleted. */
  readonly objects: number;
  /** The newest version of the table, for the catalog; undefined if the table was never committed. */
  readonly newest: CatalogEntry | undefined;
}

interface Version {
  readonly version: number;
  readonly metadataKey: string;
  readonly metadata: TableMetadata;
}

const day = 86_400_000;

/**
 * Removes snapshots that were replaced more than `snapshotDays` ago. Deletes data files, manifests, old versions and
 * state that no snapshot has referenced for a day. Keeps the current snapshot, the newest version and everything
 * younger than a day. If another writer commits meanwhile, the next call does the rest.
 * @throws DamagedObjectError, see {@link readSnapshot}: nothing is deleted then
 */
export async function expireTable(
  store: ObjectStore,
  warehouse: Warehouse,
  name: string,
  { snapshotDays, now }: Expiry,
): Promise<Expired> {
  const newest = await readNewest(store, name);
  if (!newest) return { snapshots: 0, objects: 0, newest: undefined };
  const { metadata, snapshots } = dropExpiredSnapshots(warehouse, newest, snapshotDays, now);
  const isWritten = snapshots > 0 && (await writeVersion(store, name, newest.version + 1, metadata));
  const objects = await deleteUnnamed(store, warehouse, name, newest, now);
  // If the write was refused, the version exists: another writer wrote it, or an earlier attempt whose answer was lost.
  const last = snapshots === 0 ? newest : await readNewest(store, name);
  return {
    snapshots: isWritten ? snapshots : 0,
    objects,
    newest: last && catalogEntry(warehouse, name, last.version, last.metadata),
  };
}

async function readNewest(store: ObjectStore, name: string): Promise<Version | undefined> {
  const version = await newestVersion(store, name);
  return version === undefined ? undefined : versionOfTable(name, version, await readVersion(store, name, version));
}

function versionOfTable(name: string, version: number, metadata: TableMetadata): Version {
  return { version, metadataKey: versionKey(name, version), metadata };
}

function writeVersion(store: ObjectStore, name: string, version: number, metadata: TableMetadata): Promise<boolean> {
  const options = { ifAbsent: true, contentType: 'application/json' };
  return store.put(versionKey(name, version), metadataText(metadata), options);
}

function dropExpiredSnapshots(
  warehouse: Warehouse,
  newest: Version,
  snapshotDays: number,
  now: Date,
): { readonly metadata: TableMetadata; readonly snapshots: number } {
  const { metadata } = newest;
  const oldest = now.getTime() - snapshotDays * day;
  // A snapshot is current until the next one is written.
  const isEnded = (_: Snapshot, at: number) => (metadata.snapshots[at + 1]?.['timestamp-ms'] ?? Infinity) < oldest;
  const ended = new Set(metadata.snapshots.filter(isEnded).map((snapshot) => snapshot['snapshot-id']));
  ended.delete(metadata['current-snapshot-id']);
  const isKept = (one: { readonly 'snapshot-id': bigint }) => !ended.has(one['snapshot-id']);
  return {
    metadata: {
      ...metadata,
      'last-updated-ms': Math.max(now.getTime(), metadata['last-updated-ms']),
      snapshots: metadata.snapshots.filter(isKept),
      'snapshot-log': metadata['snapshot-log'].filter(isKept),
      'metadata-log': versionLog(warehouse, newest, now),
    },
    snapshots: ended.size,
  };
}

/**
 * Deletes objects that no kept snapshot or version names. It reads two snapshots only: the current one, and the oldest
 * that was kept a day ago. A file is committed within a day of its writing or never. So a file that is more than a day
 * older than this oldest snapshot, and is not in it, is in no later one either.
 * @returns how many objects were deleted
 */
async function deleteUnnamed(
  store: ObjectStore,
  warehouse: Warehouse,
  name: string,
  newest: Version,
  now: Date,
): Promise<number> {
  const pastNumber = versionADayAgo(warehouse, newest, now);
  if (pastNumber === undefined) return 0;
  const past = pastNumber === newest.version ? newest.metadata : await findVersion(store, name, pastNumber);
  // Another function, whose clock is ahead, has deleted this version and all that this call would delete.
  if (!past) return 0;
  const versionOfADayAgo = versionOfTable(name, pastNumber, past);
  const current = currentSnapshot(newest.metadata);
  const oldest = versionOfADayAgo.metadata.snapshots[0] ?? newest.metadata.snapshots[0];
  const keys = new Set([versionOfADayAgo, newest].map(({ metadata }) => metadata.properties[stateProperty]));
  // Keep what the current snapshot names too, so that a wrong clock cannot cost rows.
  const snapshots = new Map([oldest, current].flatMap((one) => (one ? [[one['snapshot-id'], one]] : [])));
  for (const one of snapshots.values())
    for (const key of (await readSnapshot(store, warehouse, one)).keys) keys.add(key);
  const aDayAgo = now.getTime() - graceMilliseconds;
  const beforeOldest =
    oldest && snapshots.size > 1 ? Math.min(now.getTime(), oldest['timestamp-ms']) - graceMilliseconds : aDayAgo;
  const statePrefix = `${currentTablePrefix(name)}state/`;
  const isUnnamed = (key: string): boolean => {
    const version = versionOf(key);
    if (version !== undefined) return version < versionOfADayAgo.version;
    const time = writtenAt(key)?.getTime();
    if (time === undefined || keys.has(key)) return false;
    return time < (key.startsWith(statePrefix) ? aDayAgo : beforeOldest);
  };
  const unnamed: string[] = [];
  for await (const { key } of store.list(currentTablePrefix(name))) if (isUnnamed(key)) unnamed.push(key);
  await inBatches(unnamed, (key) => store.delete(key));
  return unnamed.length;
}
