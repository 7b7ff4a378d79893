/** Applies a change to every object of the lake, in lots that a killed process can continue. */

import { currentTablePrefix, versionOf } from '../../contract/current-keys.ts';
import {
  forgottenKey,
  localPageKey,
  pageKey,
  prefixes,
  rewriteReceiptsPrefix,
  rewriteWorkKey,
} from '../../contract/object-keys.ts';
import type { Stream, Table } from '../../contract/stream.ts';
import type { MergePorts } from '../current/table-draft.ts';
import { inBatches } from '../store/in-batches.ts';
import { readObject } from '../store/stored-object.ts';
import type { Change } from './change.ts';
import { textsOf } from './texts-of.ts';
import { type ChangedObject, changeObject } from './change-object.ts';
import { changeCurrent, countChanges, type CurrentChange } from './current-table.ts';
import { changeFile, correctReceipt } from './history-file.ts';
import { addCounts, type Counts, type LotEntry, type WorkLog } from './work.ts';

export interface CurrentTable {
  readonly table: Table;
  /** Undefined for a table of the pipeline's own. */
  readonly stream: Stream | undefined;
}

export interface RewriteSettings {
  readonly change: Change;
  readonly state: CurrentChange['state'];
  /** Every current table. */
  readonly current: readonly CurrentTable[];
  /** Called with the number of objects looked at. */
  readonly onProgress: (objects: number) => void;
}

/** ETags of objects that were found to need no change, by key. */
export type Clean = Map<string, string>;

const lotSize = 16;
const maxAttempts = 20;

type RowCounts = Pick<LotEntry, 'removed' | 'changed'>;

interface Found {
  readonly key: string;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly after: ChangedObject;
}

/**
 * Makes one pass: changes each object that needs it, and finishes what an earlier process left.
 * @param spareAfter see {@link changeCurrent}
 * @returns how many objects were changed: if none were, the lake needs no further pass
 */
export async function rewriteOnce(
  work: WorkLog,
  settings: RewriteSettings,
  clean: Clean,
  spareAfter: Date,
  ports: MergePorts,
): Promise<number> {
  await finishLot(work, settings, spareAfter, ports);
  let changed = 0;
  for await (const lot of lotsOf(settings, clean, ports)) {
    const entries = lot.map(entryOf);
    await work.write({ lot: entries });
    await inBatches(lot, (found) => apply(found, settings, ports));
    await settle(entries, work, ports);
    changed += lot.length;
  }
  for (const one of settings.current) {
    if (!(await needsChange(one.table, settings, clean, ports))) continue;
    const key = currentTablePrefix(one.table.name);
    const onChanged = (after: RowCounts) => work.write({ lot: [entryOf({ key, after })] });
    await changeCurrent(one, currentChange(settings), { spareAfter, onChanged }, ports);
    await work.finishLot();
    changed += 1;
  }
  return changed;
}

/** Counts what {@link rewriteOnce} would change, by folder and table. Adds objects that need no change to `clean`. */
export async function surveyRewrite(
  settings: RewriteSettings,
  clean: Clean,
  ports: MergePorts,
): Promise<Record<string, Counts>> {
  const found: LotEntry[] = [];
  for await (const lot of lotsOf(settings, clean, ports)) found.push(...lot.map(entryOf));
  for (const { table } of settings.current) {
    const key = currentTablePrefix(table.name);
    if (await needsChange(table, settings, clean, ports))
      found.push(entryOf({ key, after: await countChanges(table, currentChange(settings), ports) }));
  }
  return addCounts({}, found);
}

function entryOf({ key, after: { removed, changed } }: { readonly key: string; readonly after: RowCounts }): LotEntry {
  return { key, place: placeOf(key), removed, changed };
}

/** The place under which the receipt counts an object: the first folder of its key, and its table if it has one. */
function placeOf(key: string): string {
  const [prefix = '', folder = ''] = key.split('/');
  const withTables: readonly string[] = [prefixes.raw, prefixes.lake, prefixes.current];
  return withTables.includes(`${prefix}/`) ? `${prefix}/${folder}` : prefix;
}

function currentChange({ change, state }: RewriteSettings): CurrentChange {
  return { rows: change.rows, matcher: change.matcher, state };
}

/** Finishes the lot that an earlier process had begun. That process has stored the counts of the lot. */
async function finishLot(work: WorkLog, settings: RewriteSettings, spareAfter: Date, ports: MergePorts): Promise<void> {
  const { lot } = work.value;
  for (const { key } of lot) {
    const one = settings.current.find(({ table }) => currentTablePrefix(table.name) === key);
    if (one) await changeCurrent(one, currentChange(settings), { spareAfter }, ports);
    else {
      const found = await find(key, settings, ports);
      if (found) await apply(found, settings, ports);
    }
  }
  await settle(lot, work, ports);
}

async function settle(lot: readonly LotEntry[], work: WorkLog, { store }: MergePorts): Promise<void> {
  const files = lot.filter(({ key }) => key.startsWith(prefixes.lake));
  await inBatches(files, ({ key }) => correctReceipt(key, work.value.startedAt, store));
  await work.finishLot();
}

/** Objects that need a change, in lots. */
async function* lotsOf(settings: RewriteSettings, clean: Clean, ports: MergePorts): AsyncGenerator<Found[]> {
  let looked = 0;
  const { raw, lake, runs, state } = prefixes;
  const searched = settings.change.matcher ? [raw, lake, runs, state, pageKey, localPageKey] : [lake];
  for (const prefix of searched) {
    let keys: { key: string; etag: string }[] = [];
    const look = async () => {
      const found = await inBatches(keys, ({ key }) => find(key, settings, ports));
      for (const [at, one] of found.entries()) if (!one) clean.set(keys[at]?.key ?? '', keys[at]?.etag ?? '');
      settings.onProgress(looked);
      keys = [];
      return found.flatMap((one) => one ?? []);
    };
    for await (const { key, etag } of ports.store.list(prefix)) {
      if (isOwn(key)) continue;
      looked += 1;
      if (clean.get(key) === etag) continue;
      keys.push({ key, etag });
      if (keys.length < lotSize) continue;
      const lot = await look();
      if (lot.length > 0) yield lot;
    }
    const lot = await look();
    if (lot.length > 0) yield lot;
  }
}

/** True for objects that rewrites store about themselves: no rewrite changes them. */
function isOwn(key: string): boolean {
  const receipts = [rewriteReceiptsPrefix('forget'), rewriteReceiptsPrefix('rehash')];
  return key === forgottenKey || key === rewriteWorkKey || receipts.some((prefix) => key.startsWith(prefix));
}

async function find(key: string, { change }: RewriteSettings, { store }: MergePorts): Promise<Found | undefined> {
  const object = await readObject(store, key);
  const after = object && (await changeObject(key, object, change));
  return after && { key, etag: object.etag, metadata: after.metadata ?? object.metadata, after };
}

/** Writes a changed object. If another writer changed it meanwhile, starts over with the new content. */
async function apply(found: Found, settings: RewriteSettings, ports: MergePorts): Promise<void> {
  const { store } = ports;
  let next: Found | undefined = found;
  for (let attempt = 0; next && attempt < maxAttempts; attempt += 1) {
    const { key, etag, metadata, after }: Found = next;
    if (!after.body) return store.delete(key);
    if (await store.put(key, after.body, { ifMatch: etag, metadata })) return;
    next = await find(key, settings, ports);
  }
  if (next) throw new Error(`${next.key} was changed by others ${maxAttempts} times in a row; try again.`);
}

/** True if an object of the table, also one of an earlier version, holds what has to be changed. */
async function needsChange(table: Table, settings: RewriteSettings, clean: Clean, ports: MergePorts): Promise<boolean> {
  const { change } = settings;
  for await (const { key, etag } of ports.store.list(currentTablePrefix(table.name))) {
    if (versionOf(key) !== undefined || clean.get(key) === etag) continue;
    const object = await readObject(ports.store, key);
    if (!object) continue;
    const isRows = key.endsWith('.parquet');
    const holds = isRows
      ? (await changeFile(key, object.body, table, change)) !== undefined
      : change.matcher !== undefined && textsOf(key, object.body).some(change.matcher.isName);
    if (holds) return true;
    clean.set(key, etag);
  }
  return false;
}
