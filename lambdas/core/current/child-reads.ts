/** The ledger of child reads: a current table that says when the children of each parent were last read completely. */

import { childReads } from '../../contract/pipeline-tables.ts';
import type { RowColumns } from '../iceberg/data-file.ts';
import { matchRows } from './find-rows.ts';
import { compareKeys, type KeyColumns, keyJson } from './keys.ts';
import { readersOf } from './packed-column.ts';
import { rewriteFiles } from './rewrite-files.ts';
import type { ReadAt } from './request-times.ts';
import { commitDraft, followCommit, maxAttempts, type MergePorts, openDraft, type TableDraft } from './table-draft.ts';

export interface ChildReading {
  /** The table of the children. */
  readonly table: string;
  readonly parentId: string;
  /** When the children were requested. */
  readonly readAt: string;
  readonly runId: string;
}

/**
 * Records reads of children in the ledger, except those that are older than what the ledger has. Call it only after the
 * rows of the children are merged: the ledger says that the table has them.
 * @throws Error after {@link maxAttempts} lost races
 */
export async function recordChildReads(readings: readonly ChildReading[], ports: MergePorts): Promise<void> {
  if (readings.length === 0) return;
  const rows = latestReadings(readings);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const draft = await openDraft(childReads, ports);
    const known = await readTimes(draft, keysOf(rows), rows.length);
    const isLater = rows.map(({ readAt }, at) => Date.parse(readAt) > (known[at] ?? Number.NEGATIVE_INFINITY));
    const later = rows.filter((_, at) => isLater[at]);
    const isNew = known.filter((_, at) => isLater[at]).map((time) => time === undefined);
    if (later.length === 0) {
      if (draft.base) await followCommit(childReads, draft.base, ports);
      return;
    }
    const columns = columnsOf(later);
    await rewriteFiles(
      draft,
      {
        keys: keysOf(later),
        length: later.length,
        sourceOf: () => 0,
        row: (at) => at,
        columns: () => Promise.resolve(readersOf(columns)),
        isInsert: (at) => isNew[at] === true,
      },
      guessedBytesPerRow,
      ports,
    );
    if (await commitDraft(draft, ports, {})) return;
  }
  throw new Error(`${childReads.name} was changed by others ${maxAttempts} times in a row; try again.`);
}

/** Guess that is used only for the first file of the ledger. */
const guessedBytesPerRow = 32;

function keyOf({ table, parentId }: ChildReading): string[] {
  return [table, parentId];
}

function latestReadings(readings: readonly ChildReading[]): ChildReading[] {
  const latest = new Map<string, ChildReading>();
  for (const reading of readings) {
    const name = keyJson(keyOf(reading));
    const known = latest.get(name);
    if (!known || Date.parse(known.readAt) < Date.parse(reading.readAt)) latest.set(name, reading);
  }
  return [...latest.values()].toSorted((one, other) => compareKeys(keyOf(one), keyOf(other)));
}

function keysOf(readings: readonly ChildReading[]): KeyColumns {
  return [readings.map(({ table }) => table), readings.map(({ parentId }) => parentId)];
}

function columnsOf(readings: readonly ChildReading[]): RowColumns {
  return {
    table_name: readings.map(({ table }) => table),
    parent_id: readings.map(({ parentId }) => parentId),
    read_at: readings.map(({ readAt }) => Date.parse(readAt)),
    run_id: readings.map(({ runId }) => runId),
  };
}

/**
 * When the children of each of these parents were last read, in milliseconds; undefined if the ledger lacks the parent.
 * @param keys sorted
 */
async function readTimes(draft: TableDraft, keys: KeyColumns, length: number): Promise<(number | undefined)[]> {
  const times = Array.from<number | undefined>({ length });
  await matchRows(draft, keys, length, ['read_at'], ({ read_at: column = [] }, found) => {
    for (const [key, row] of found) {
      const time = column[row];
      if (typeof time === 'number') times[key] = time;
    }
  });
  return times;
}

/**
 * Creates a function that looks up in the ledger when the children of parents were last read. It uses the ledger as it
 * stands at the first look-up.
 * @param table of the children
 */
export function createReadsLoader(
  table: string,
  ports: MergePorts,
): (parentIds: ReadonlySet<string>) => Promise<ReadAt> {
  let ledger: Promise<TableDraft> | undefined;
  return async (parentIds) => {
    if (parentIds.size === 0) return () => undefined;
    ledger ??= openDraft(childReads, ports);
    const sorted = [...parentIds].toSorted((one, other) => compareKeys([one], [other]));
    const times = await readTimes(await ledger, [sorted.map(() => table), sorted], sorted.length);
    const byParent = new Map(sorted.map((parentId, at) => [parentId, times[at]]));
    return (parentId) => byParent.get(parentId);
  };
}
