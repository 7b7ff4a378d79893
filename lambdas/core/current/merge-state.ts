/**
 * What the merge remembers of a current table in addition to its rows: one immutable object per version of the table,
 * committed with it. Times are milliseconds since the epoch; keys are texts as `keyJson` makes them.
 */

import { z } from 'zod';
import { runId } from '../../contract/run.ts';
import type { ObjectStore } from '../ports.ts';
import { readJson } from '../store/stored-json.ts';
import { DamagedObjectError } from '../store/stored-object.ts';

const time = z.number().int();
const count = z.number().int().nonnegative();
const texts = z.array(z.string());

/** A row that a read did not return. It stays in the table until a second read confirms the deletion. */
const suspect = z.object({
  /** Request times of the first and the last read that did not return the row. */
  since: time,
  last: time,
  runId,
  /** Request time of the last copy of the row before these reads. */
  seen: time,
  /** The table has no such row, but a copy that was requested before the read may still arrive. */
  isAbsent: z.literal(true).optional(),
});
export type Suspect = z.infer<typeof suspect>;

/**
 * Two versions of the row compete. The current one was last requested at `seen`. The other was requested later, at
 * `by`, but lost because its `updated_at` is older. Only a read after `by` can confirm the current one.
 */
const contested = z.object({ seen: time, by: time });
export type Contested = z.infer<typeof contested>;

const deletion = z.object({
  /** When the read that confirmed the deletion was requested. A copy that was requested later restores the row. */
  at: time,
  runId,
  /** The version of the table that no longer has the row. */
  version: count,
});

export const mergeCounts = z.object({
  inserted: count,
  updated: count,
  /** Copies identical to the row in the table. */
  unchanged: count,
  /** Copies that lost to a newer one. */
  outdated: count,
  /** Inserted or updated rows that only a reread found. */
  healed: count,
  /** Rows that this run was the first to find missing. */
  missing: count,
  deleted: count,
  /** Parents whose children were requested, and how many of them answered 404 or 410. */
  parents: count,
  parentsMissing: count,
});
export type MergeCounts = z.infer<typeof mergeCounts>;

export const noCounts: MergeCounts = {
  inserted: 0,
  updated: 0,
  unchanged: 0,
  outdated: 0,
  healed: 0,
  missing: 0,
  deleted: 0,
  parents: 0,
  parentsMissing: 0,
};

/** Why nothing is deleted although rows are missing. */
export const held = z.object({
  reason: z.enum(['empty_list', 'too_many_missing', 'too_many_parents_missing']),
  /** Missing rows, and rows in the table. */
  missing: count,
  rows: count,
  parents: count,
  parentsMissing: count,
  /** Scopes (what tasks read to the end) whose deletions wait for approval. */
  scopes: texts,
});
export type Held = z.infer<typeof held>;

/** Chunks that are copied into files by key range (see sort-load.ts), until all of these files are merged. */
const sortedLoad = z.object({
  sortedAt: time,
  /** Ids of the chunks. */
  chunks: texts,
  /** The files that are still to be merged, range by range. */
  ranges: z.array(
    z.array(
      z.object({
        id: z.string(),
        taskId: z.string(),
        key: z.string(),
        rows: count,
        bytes: count,
        reread: z.boolean().optional(),
        healsBefore: z.string().optional(),
      }),
    ),
  ),
});
export type SortedLoad = z.infer<typeof sortedLoad>;

/** Which rows and scopes of a run are merged. */
const runProgress = z.object({
  mergedAt: time,
  chunks: texts,
  scopes: texts,
  /** Deleted parents whose children are deleted. */
  deletedParents: texts,
  counts: mergeCounts,
  held: held.nullable(),
  load: sortedLoad.optional(),
});
export type RunProgress = z.infer<typeof runProgress>;

export const mergeState = z.object({
  /** When the last complete read of the list was requested. */
  lastList: time.nullable(),
  suspects: z.record(z.string(), suspect),
  contested: z.record(z.string(), contested),
  /** When rows were last requested on their own and found unchanged. */
  seenAt: z.record(z.string(), time),
  deleted: z.record(z.string(), deletion),
  /** Key range of each data file, by the file's object key. The ranges are disjoint. */
  files: z.record(z.string(), z.object({ lower: texts, upper: texts })),
  runs: z.record(runId, runProgress),
  /** Rows deleted by this version may still lack their tombstones in the history. */
  tombstones: z.object({ version: count, runId, startedAt: z.iso.datetime() }).nullable(),
});
export type MergeState = z.infer<typeof mergeState>;

export const emptyState = (): MergeState => ({
  lastList: null,
  suspects: {},
  contested: {},
  seenAt: {},
  deleted: {},
  files: {},
  runs: {},
  tombstones: null,
});

/** Reads the state of a table version. @throws DamagedObjectError if the object is missing or not what a merge wrote */
export async function readState(store: ObjectStore, key: string): Promise<MergeState> {
  const stored = await readJson(store, key, mergeState);
  if (!stored) throw new DamagedObjectError(key, 'is missing');
  return stored.value;
}

const day = 86_400_000;
/**
 * How long deleted, suspected and contested rows are remembered: longer than a run, its redeliveries and the replay of
 * a dead letter take together.
 */
export const deletedDays = 14;
const memory = deletedDays * day;
/**
 * How long a run's progress is remembered: longer than its messages live. If a run is merged again after that, no row
 * changes, but its counts start over.
 */
const runMemory = 7 * day;

/** Drops entries of the state that are too old for any late copy or late message to need. */
export function pruneState(state: MergeState, now: number): void {
  const { lastList, suspects, contested, seenAt, deleted, runs } = state;
  drop(suspects, ({ isAbsent, since }) => isAbsent === true && since < now - memory);
  drop(contested, ({ by }) => by < now - memory);
  drop(seenAt, (at) => at <= (lastList ?? 0) || at < now - memory);
  drop(deleted, ({ at }) => at < now - memory);
  drop(runs, ({ mergedAt }) => mergedAt < now - runMemory);
}

function drop<T>(record: Record<string, T>, isOver: (value: T) => boolean): void {
  for (const [key, value] of Object.entries(record)) if (isOver(value)) delete record[key];
}
