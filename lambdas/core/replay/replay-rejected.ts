/** Converts chunks with rejected rows again, from the raw rows that the API returned. */

import { chunkKey, parquetFile, partitionDate, planKey, prefixes } from '../../contract/object-keys.ts';
import type { ConvertMessage, PublishMessage } from '../../contract/messages.ts';
import { rejectedRows } from '../../contract/pipeline-tables.ts';
import { type Plan, plan as planSchema } from '../../contract/run.ts';
import { chunkId } from '../runs/run-ids.ts';
import { inBatches } from '../store/in-batches.ts';
import type { Clock, ObjectStore, Queue } from '../ports.ts';
import { readConversion } from '../runs/convert-receipts.ts';
import { recordReplay } from '../runs/replay-record.ts';
import { readJson } from '../store/stored-json.ts';

export interface RejectedPorts {
  readonly store: ObjectStore;
  readonly convertQueue: Queue;
  readonly publishQueue: Queue;
  readonly clock: Clock;
}

export interface ReconvertibleChunk {
  readonly taskId: string;
  readonly sequence: number;
  readonly stream: string;
  readonly rowsRejected: number;
  readonly convertedAt: string;
}

/** Chunks of one run. */
export interface ChunksOfRun {
  readonly plan: Plan;
  readonly chunks: readonly ReconvertibleChunk[];
}

export interface Rejected {
  readonly runs: readonly ChunksOfRun[];
  /** Keys of the files whose rows cannot be converted again: the raw chunk or the record of the run has expired. */
  readonly expired: readonly string[];
}

const chunksAtOnce = 1_000;

/**
 * Finds chunks with rejected rows through the files that hold these rows.
 * @param wanted limits the search to a run or a table
 */
export async function findRejected(
  wanted: { readonly runId?: string | undefined; readonly table?: string | undefined },
  store: ObjectStore,
): Promise<Rejected> {
  const plans = new Map<string, Promise<Plan | undefined>>();
  const planOf = (runId: string) => {
    const plan = plans.get(runId) ?? readJson(store, planKey(runId), planSchema).then((stored) => stored?.value);
    plans.set(runId, plan);
    return plan;
  };
  const files: string[] = [];
  for await (const { key } of store.list(await prefixOf(wanted.runId, planOf))) files.push(key);
  const found = new Map<string, { plan: Plan; chunks: ReconvertibleChunk[] }>();
  const expired: string[] = [];
  for (const one of await inBatches(files, (key) => look(key, wanted, planOf, store))) {
    if (one === undefined) continue;
    if ('expired' in one) {
      expired.push(one.expired);
      continue;
    }
    const run = found.get(one.plan.runId) ?? { plan: one.plan, chunks: [] };
    run.chunks.push(one.chunk);
    found.set(one.plan.runId, run);
  }
  return { runs: [...found.values()], expired };
}

type PlanOf = (runId: string) => Promise<Plan | undefined>;

async function prefixOf(runId: string | undefined, planOf: PlanOf): Promise<string> {
  const all = `${prefixes.lake}${rejectedRows.name}/`;
  const plan = runId === undefined ? undefined : await planOf(runId);
  return plan ? `${all}dt=${partitionDate(plan.startedAt)}/${plan.runId}-` : all;
}

async function look(
  key: string,
  wanted: Parameters<typeof findRejected>[0],
  planOf: PlanOf,
  store: ObjectStore,
): Promise<{ plan: Plan; chunk: ReconvertibleChunk } | { expired: string } | undefined> {
  const file = parquetFile(key);
  if (!file || (wanted.runId !== undefined && file.runId !== wanted.runId)) return undefined;
  const { runId, taskId, sequence } = file;
  const receipt = (await readConversion(store, file))?.value;
  if (!receipt) return { expired: key };
  const { stream, rowsRejected, finishedAt: convertedAt } = receipt;
  if (rowsRejected === 0 || (wanted.table !== undefined && stream !== wanted.table)) return undefined;
  const plan = await planOf(runId);
  if (!plan || !(await store.head(chunkKey(stream, runId, taskId, sequence)))) return { expired: key };
  return { plan, chunk: { taskId, sequence, stream, rowsRejected, convertedAt } };
}

/**
 * Has each chunk converted again: first the run is told to wait, then a check of the run is requested, then the
 * messages are sent. If this replay is interrupted, the next one finds only chunks that are not converted yet. If the
 * check came last, an interruption just before it could leave all chunks converted, and nobody would request the check.
 */
export async function replayRejected(
  runs: readonly ChunksOfRun[],
  { store, convertQueue, publishQueue, clock }: RejectedPorts,
): Promise<void> {
  for (const { plan, chunks } of runs) {
    const { runId, startedAt: runStartedAt } = plan;
    for (let from = 0; from < chunks.length; from += chunksAtOnce) {
      const part = chunks.slice(from, from + chunksAtOnce);
      const awaited = new Map(
        part.map(({ taskId, sequence, convertedAt }) => [chunkId(taskId, sequence), convertedAt]),
      );
      await recordReplay(plan, awaited, { store, clock });
      await publishQueue.send([{ body: { runId, check: 0 } satisfies PublishMessage }]);
      await convertQueue.send(
        part.map(({ taskId, sequence, stream }) => ({
          body: { runId, runStartedAt, taskId, stream, sequence, again: true } satisfies ConvertMessage,
        })),
      );
    }
  }
}
