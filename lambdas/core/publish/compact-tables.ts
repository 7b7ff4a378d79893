import { createHash } from 'node:crypto';
import { type Compaction, compactedBytes, compaction, settledDays } from '../../contract/compaction.ts';
import { compactedKey, compactionKey, fileOfRun, planKey, prefixes } from '../../contract/object-keys.ts';
import { inBatches } from '../store/in-batches.ts';
import { compactFiles } from '../rows/parquet/compact.ts';
import type { Clock, Log, ObjectStore } from '../ports.ts';
import { readJson, writeJson } from '../store/stored-json.ts';

/**
 * Replaces the many small files of an old partition by one that holds the same rows, so that a query opens a
 * file a day: docs/adr/0006.
 *
 * One function at a time does so. It writes down which files it replaces and by which, then writes that file,
 * then deletes the others. Wherever it is killed, each row is in one file at least, and the next one that
 * compacts ends what it began.
 */

export interface CompactionPorts {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Log;
}

const day = 86_400_000;
/** Four times as long as any function may run. */
const leaseMilliseconds = 3_600_000;
/** Bytes. A larger file stays as it is. */
const smallFile = 1_000_000;
const mostSources = 500;
/** What a night leaves over the next one compacts. */
const mostFiles = 4_000;

interface SmallFile {
  readonly key: string;
  readonly date: string;
  readonly runId: string;
}

/**
 * Compacts each table, its oldest partition first, as far as no run can write there any more.
 * @param tables their names
 */
export async function compactTables(tables: readonly string[], ports: CompactionPorts): Promise<void> {
  const { store, log } = ports;
  if (!(await takeLease(ports))) return;
  const isOver = runsThatAreOver(store);
  let left = mostFiles;
  for (const table of tables) {
    let replaced = 0;
    for (const part of await partsOf(table, left, isOver, ports)) replaced += await compact(table, part, ports);
    left -= replaced;
    if (replaced > 0) log.info('Small files are compacted.', { table, files: replaced });
  }
  await store.delete(compactionKey);
}

/** @returns false where somebody else is at it, or has been killed at it in the last hour: then only what that one began is ended */
async function takeLease({ store, clock, log }: CompactionPorts): Promise<boolean> {
  const stored = await readJson(store, compactionKey, compaction);
  const replacing = stored?.value.replacing;
  // Whoever has the lease deletes the same, if it is alive.
  if (replacing && (await store.head(replacing.target))) {
    await inBatches(replacing.sources, (source) => store.delete(source));
    log.info('A compaction that was broken off is ended.', { target: replacing.target });
  }
  const now = clock.now();
  if (stored && now.getTime() - Date.parse(stored.value.at) < leaseMilliseconds) return false;
  const lease: Compaction = { at: now.toISOString(), replacing: null };
  return writeJson(store, compactionKey, lease, stored ? { ifMatch: stored.etag } : { ifAbsent: true });
}

/** Groups of two files and more of one day, each as large as the limits let one file be. */
async function partsOf(
  table: string,
  most: number,
  isOver: (runId: string) => Promise<boolean>,
  { store, clock }: CompactionPorts,
): Promise<SmallFile[][]> {
  const settled = new Date(clock.now().getTime() - settledDays * day).toISOString().slice(0, 10);
  const parts: SmallFile[][] = [];
  let part: SmallFile[] = [];
  let bytes = 0;
  let found = 0;
  /** @returns false where there is no more to be found */
  const end = async () => {
    const ended = part;
    part = [];
    bytes = 0;
    // A day that is compacted already has one small file, or none.
    if (ended.length < 2) return true;
    if ((await inBatches(ended, ({ runId }) => isOver(runId))).includes(false)) return false;
    parts.push(ended);
    found += ended.length;
    return found < most;
  };
  // Listed by key, and so by date. Plans expire in the order of their days.
  for await (const { key, size } of store.list(`${prefixes.lake}${table}/`)) {
    const file = fileOfRun(key);
    if (!file || size > smallFile) continue;
    if (file.date >= settled) break;
    const isFull = part.length >= mostSources || bytes + size > compactedBytes;
    if ((part[0]?.date !== file.date || isFull) && !(await end())) return parts;
    part.push({ key, ...file });
    bytes += size;
  }
  await end();
  return parts;
}

/** A run whose plan has expired can read and write no more, and no receipt speaks of its files. */
function runsThatAreOver(store: ObjectStore): (runId: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (runId) => {
    const isOver = known.get(runId) ?? store.head(planKey(runId)).then((plan) => plan === undefined);
    known.set(runId, isOver);
    return isOver;
  };
}

/** @returns how many files it has replaced */
async function compact(table: string, part: readonly SmallFile[], { store, clock }: CompactionPorts): Promise<number> {
  const objects = await inBatches(part, ({ key }) => store.get(key));
  const there = part.flatMap(({ key }, at) => {
    const object = objects[at];
    return object ? [{ key, body: object.body }] : [];
  });
  let replaced = 0;
  for (const { sources: places, parquet } of await compactFiles(there.map(({ body }) => body))) {
    const sources = places.flatMap((place) => there[place]?.key ?? []);
    const digest = createHash('sha256').update(sources.join('\n')).digest('hex').slice(0, 16);
    const target = compactedKey(table, part[0]?.date ?? '', digest);
    const lease: Compaction = { at: clock.now().toISOString(), replacing: { target, sources } };
    await writeJson(store, compactionKey, lease);
    await store.put(target, parquet, { contentType: 'application/vnd.apache.parquet' });
    await inBatches(sources, (source) => store.delete(source));
    replaced += sources.length;
  }
  return replaced;
}
