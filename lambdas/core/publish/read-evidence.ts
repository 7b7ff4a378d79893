import {
  abortedKey,
  approvalKey,
  convertReceiptsPrefix,
  extractReceiptsPrefix,
  replayKey,
  roundSentKey,
  roundsPrefix,
} from '../../contract/object-keys.ts';
import {
  type ConvertReceipt,
  convertReceipt,
  type ExtractReceipt,
  extractReceipt,
  type Failure,
  failure,
  type Plan,
  type Replay,
  replay,
  type Round,
  round,
  type Task,
} from '../../contract/run.ts';
import type { ObjectStore } from '../ports.ts';
import { chunkId } from '../runs/run-ids.ts';
import { inBatches } from '../store/in-batches.ts';
import { readJson } from '../store/stored-json.ts';

/** Everything that a run has left in the object store. */
export interface RunEvidence {
  readonly plan: Plan;
  /** Tasks of the plan and of all rounds. */
  readonly tasks: readonly Task[];
  /** Rounds so far, without the plan's round 0. */
  readonly rounds: number;
  /** The last round, if it may not have been sent completely. */
  readonly unsentRound: Round | undefined;
  readonly extractReceipts: ReadonlyMap<string, ExtractReceipt>;
  /** By {@link chunkId}. */
  readonly convertReceipts: ReadonlyMap<string, ConvertReceipt>;
  /** Why the run was aborted, if it was. */
  readonly aborted: Failure | undefined;
  readonly replay: Replay | undefined;
  /** Whether an operator approved the deletions that the guard against mass deletion held back. */
  readonly approved: boolean;
}

export async function readEvidence(store: ObjectStore, plan: Plan): Promise<RunEvidence> {
  const { runId } = plan;
  const rounds = await readAll(store, roundsPrefix(runId), round);
  const last = rounds.at(-1);
  const isSent = !last || last.tasks.length === 0 || (await store.head(roundSentKey(runId, last.round))) !== undefined;
  const extractReceipts = await readAll(store, extractReceiptsPrefix(runId), extractReceipt);
  const embedded = extractReceipts.flatMap(({ converted }) => converted ?? []);
  // If a chunk was converted again, its separate receipt comes later in this list and replaces the embedded one.
  const convertReceipts = [...embedded, ...(await readAll(store, convertReceiptsPrefix(runId), convertReceipt))];
  return {
    plan,
    tasks: [...plan.tasks, ...rounds.flatMap(({ tasks }) => tasks)],
    rounds: rounds.length,
    unsentRound: isSent ? undefined : last,
    extractReceipts: new Map(extractReceipts.map((receipt) => [receipt.taskId, receipt])),
    convertReceipts: new Map(convertReceipts.map((receipt) => [chunkId(receipt.taskId, receipt.sequence), receipt])),
    aborted: (await readJson(store, abortedKey(runId), failure))?.value,
    replay: (await readJson(store, replayKey(runId), replay))?.value,
    approved: (await store.head(approvalKey(runId))) !== undefined,
  };
}

async function readAll<T>(store: ObjectStore, prefix: string, schema: Parameters<typeof readJson<T>>[2]): Promise<T[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  const read = await inBatches(keys, (key) => readJson(store, key, schema));
  return read.flatMap((one) => (one ? [one.value] : []));
}
