import {
  abortedKey,
  approvalKey,
  convertReceiptsPrefix,
  extractReceiptsPrefix,
  replayKey,
  roundKey,
  roundSentKey,
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
import { allReceipts } from '../runs/task-receipts.ts';
import { inBatches } from '../store/in-batches.ts';
import { readJson } from '../store/stored-json.ts';

/** Everything that a run has left in the object store. */
export interface RunEvidence {
  readonly plan: Plan;
  /** Tasks of the plan and of all rounds. */
  readonly tasks: readonly Task[];
  /** Number of rounds (of tasks that publish added) so far. The tasks of the plan are not counted as a round. */
  readonly rounds: number;
  /** The last round, if it may not have been sent completely. */
  readonly unsentRound: Round | undefined;
  readonly extractReceipts: ReadonlyMap<string, ExtractReceipt>;
  /** Receipts by {@link chunkId}. */
  readonly convertReceipts: ReadonlyMap<string, ConvertReceipt>;
  /** Why the run was aborted, if it was. */
  readonly aborted: Failure | undefined;
  readonly replay: Replay | undefined;
  /** Whether an operator approved the deletions that the guard against mass deletion held back. */
  readonly approved: boolean;
}

/** When work of the run was last sent again; undefined if it never was. */
export async function replayedAt(store: ObjectStore, runId: string): Promise<string | undefined> {
  return (await readJson(store, replayKey(runId), replay))?.value.at;
}

/** Receipts that a process has read, by key. One whose ETag has changed is read again. */
export interface ReceiptMemory {
  readonly extract: Map<string, { readonly value: ExtractReceipt; readonly etag: string }>;
  readonly convert: Map<string, { readonly value: ConvertReceipt; readonly etag: string }>;
}

export const createReceiptMemory = (): ReceiptMemory => ({ extract: new Map(), convert: new Map() });

/** @param store has listed the run's objects (see `rememberKeys`), so a read of an absent one sends no request */
export async function readEvidence(store: ObjectStore, plan: Plan, memory: ReceiptMemory): Promise<RunEvidence> {
  const { runId } = plan;
  const rounds = await readRounds(store, runId);
  const last = rounds.at(-1);
  const isSent =
    !last ||
    last.tasks.length === 0 ||
    last.receipts !== undefined ||
    (await store.head(roundSentKey(runId, last.round))) !== undefined;
  const own = await readAll(store, extractReceiptsPrefix(runId), extractReceipt, memory.extract);
  const extractReceipts = allReceipts(rounds, own);
  const tasks = [...plan.tasks, ...rounds.flatMap((one) => one.tasks)];
  const embedded = extractReceipts.flatMap(({ converted }) => converted ?? []);
  // If a chunk was converted again, its separate receipt comes later in this list and replaces the embedded one.
  const separate = await readAll(store, convertReceiptsPrefix(runId), convertReceipt, memory.convert);
  const convertReceipts = [...embedded, ...separate];
  return {
    plan,
    tasks,
    rounds: rounds.length,
    unsentRound: isSent ? undefined : last,
    extractReceipts: new Map(extractReceipts.map((receipt) => [receipt.taskId, receipt])),
    convertReceipts: new Map(convertReceipts.map((receipt) => [chunkId(receipt.taskId, receipt.sequence), receipt])),
    aborted: (await readJson(store, abortedKey(runId), failure))?.value,
    replay: (await readJson(store, replayKey(runId), replay))?.value,
    approved: (await store.head(approvalKey(runId))) !== undefined,
  };
}

/** Rounds are numbered without gaps. */
async function readRounds(store: ObjectStore, runId: string): Promise<Round[]> {
  const rounds: Round[] = [];
  for (;;) {
    const next = await readJson(store, roundKey(runId, rounds.length + 1), round);
    if (!next) return rounds;
    rounds.push(next.value);
  }
}

/** Most receipts of a kind that are remembered. One of an ordinary task takes about a kilobyte. */
const maxRemembered = 5_000;

async function readAll<T>(
  store: ObjectStore,
  prefix: string,
  schema: Parameters<typeof readJson<T>>[2],
  known: Map<string, { readonly value: T; readonly etag: string }>,
): Promise<T[]> {
  if (known.size > maxRemembered) known.clear();
  const listed: { readonly key: string; readonly etag: string }[] = [];
  for await (const one of store.list(prefix)) listed.push(one);
  const read = await inBatches(listed, async ({ key, etag }) => {
    const former = known.get(key);
    if (former?.etag === etag) return former;
    const stored = await readJson(store, key, schema);
    if (stored) known.set(key, stored);
    return stored;
  });
  return read.flatMap((one) => (one ? [one.value] : []));
}
