import { createHash } from 'node:crypto';
import { z } from 'zod';
import { progressKey } from '../../contract/object-keys.ts';
import { failure, type Plan } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { recordChildReads } from '../current/child-reads.ts';
import { mergeResult } from '../current/merge-input.ts';
import { mergeTable } from '../current/merge-table.ts';
import { createTurns } from '../current/merge-turns.ts';
import type { MergePorts } from '../current/table-draft.ts';
import { readForgotten } from '../rows/forgotten.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import type { DamagedTables } from './damaged-tables.ts';
import type { RunEvidence } from './read-evidence.ts';
import { readItems, scopesRead, mergeableChunks } from './scopes.ts';
import type { RunTree, TaskNode } from './run-tree.ts';
import { isSecondReading } from '../runs/second-reading.ts';

export interface MergeSettings {
  readonly lookbackHours: number;
  readonly confirmAfterSeconds: number;
  readonly maxDeletedShare: number;
}

/** What publish has done for a run. This is a cache: without it, publish repeats the work and changes nothing. */
const progress = z.object({
  /** When the run was last merged; before the first merge, when the run began. */
  mergedAt: z.iso.datetime(),
  /** By table: a digest of what was merged, and the result. */
  tables: z.record(z.string(), z.object({ merged: z.string(), result: mergeResult })),
  /** By child table: a digest of the merges that the last search for due parents used. If it changes, search again. */
  due: z.record(z.string(), z.string()),
  /** By table: the lost or damaged object for which it fails. */
  damaged: z.record(z.string(), failure).optional(),
});
export type Progress = z.infer<typeof progress>;

export interface MergedRun {
  /** False if time ran out: what is complete is merged, and the rest follows in another message. */
  readonly done: boolean;
  readonly progress: Progress;
}

export async function readProgress(
  { store }: Pick<MergePorts, 'store'>,
  { runId, startedAt }: Pick<Plan, 'runId' | 'startedAt'>,
): Promise<Progress> {
  const stored = await readJson(store, progressKey(runId), progress);
  return stored?.value ?? { mergedAt: startedAt, tables: {}, due: {} };
}

export async function writeProgress(ports: Pick<MergePorts, 'store'>, runId: string, value: Progress): Promise<void> {
  await writeJson(ports.store, progressKey(runId), value);
}

/**
 * Merges what a run has read so far into the current tables, parents before children, and records which parents had
 * their children read, unless the run is a refresh. Large tables are merged one after the other: each may need most of
 * the memory of the function.
 * @param streams of the plan, parents first
 */
export async function mergeRun(
  { plan, approved }: Pick<RunEvidence, 'plan' | 'approved'>,
  tree: Pick<RunTree, 'tasks'>,
  {
    streams,
    settings,
    former,
    damaged,
  }: { streams: readonly Stream[]; settings: MergeSettings; former: Progress; damaged: DamagedTables },
  ports: MergePorts,
): Promise<MergedRun> {
  const tables = { ...former.tables };
  const byTable = Map.groupBy(tree.tasks, ({ task }) => task.stream);
  const newlyRead: TaskNode[] = [];
  let done = true;
  const turn = createTurns();
  for (const generation of generations(streams.filter(({ historyOnly }) => !historyOnly))) {
    await Promise.all(
      generation.map(async (stream) => {
        const tasks = byTable.get(stream.name) ?? [];
        const chunks = mergeableChunks(stream.name, tasks);
        const scopes = scopesRead(tasks);
        const deletedParents = stream.parent ? (tables[stream.parent.stream]?.result.deleted ?? []) : [];
        const merged = digestOf([chunks.map(({ id }) => id), scopes, deletedParents, approved]);
        if (tables[stream.name]?.merged === merged) return;
        const input = {
          runId: plan.runId,
          startedAt: plan.startedAt,
          forced: plan.fullRefresh,
          approved,
          ...settings,
          chunks,
          scopes,
          deletedParents,
        };
        const result = await damaged.attempt([stream.name], () => mergeTable(stream, input, { ...ports, turn }));
        if (!result) return;
        tables[stream.name] = { merged: result.done ? merged : '', result };
        if (result.done) newlyRead.push(...tasks);
        else done = false;
      }),
    );
  }
  // For a small refresh, a commit of the ledger would be a sixth of its requests to S3. It would hardly spare a night any
  // reading: the night after a refresh reads the children of a changed row in any case, because they may come late.
  if (plan.kind !== 'refresh') {
    const children = streams.flatMap(({ name, parent }) => (parent ? [name] : []));
    await damaged.attempt(children, () => recordReadings(newlyRead, plan.runId, streams, ports));
  }
  return { done, progress: { ...former, mergedAt: ports.clock.now().toISOString(), tables } };
}

/** Records the child lists that these tasks have read, except those of forgotten parents. */
async function recordReadings(
  tasks: readonly TaskNode[],
  runId: string,
  streams: readonly Stream[],
  ports: MergePorts,
): Promise<void> {
  const readings = tasks.flatMap((node) => childReadings(node, runId));
  if (readings.length === 0) return;
  // A task may have begun before its parent was forgotten. The ledger would name the person again.
  const forgotten = await readForgotten(ports.store);
  const parentOf = new Map(streams.map(({ name, parent }) => [name, parent?.stream ?? '']));
  const isForgotten = (reading: (typeof readings)[number]) =>
    forgotten.when({ stream: parentOf.get(reading.table) ?? '', id: reading.parentId }) !== undefined;
  await recordChildReads(
    readings.filter((reading) => !isForgotten(reading)),
    ports,
  );
}

/** Digest of the input of a merge, which shows whether the input has changed since it was last merged. */
function digestOf(input: unknown): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('base64url').slice(0, 22);
}

/**
 * The child lists that a task has read to their end. A list that answered 404 counts as unread: it is requested again,
 * and does not show that the rows of its parent still exist.
 */
function childReadings(node: TaskNode, runId: string) {
  const { task, receipt, chunks } = node;
  if (
    task.selection.kind !== 'children' ||
    isSecondReading(task) ||
    !receipt?.askedAt ||
    !chunks.every(({ rows, receipt }) => rows === 0 || receipt?.status === 'done')
  )
    return [];
  const readAt = receipt.askedAt;
  const { parents } = readItems(node, task.selection.parents);
  return parents.map((parentId) => ({ table: task.stream, parentId, readAt, runId }));
}

/** Groups of streams that can be merged in parallel: roots first, then their children, then the children's children. */
function generations(streams: readonly Stream[]): Stream[][] {
  const depths = new Map<string, number>();
  const depthOf = (stream: Stream): number => (stream.parent ? (depths.get(stream.parent.stream) ?? -1) + 1 : 0);
  for (const stream of streams) depths.set(stream.name, depthOf(stream));
  const byDepth = Map.groupBy(streams, (stream) => depths.get(stream.name) ?? 0);
  return [...byDepth].toSorted(([a], [b]) => a - b).map(([, generation]) => generation);
}
