import { extractReceiptKey } from '../../contract/object-keys.ts';
import type { ExtractMessage } from '../../contract/messages.ts';
import { type ExtractReceipt, extractReceipt, type Failure } from '../../contract/run.ts';
import { childTaskIds } from './run-ids.ts';
import { type Chunk, ChunkLog } from '../rows/chunk-log.ts';
import { afterAttempt, isProvisional, neverAfter, processDied } from './last-attempt.ts';
import type { Clock, Deadline, ObjectStore } from '../ports.ts';
import { readJson, writeJson } from '../store/stored-json.ts';

/** Totals of a task so far. */
export interface Totals {
  readonly requests: number;
  readonly retries: number;
  readonly gone: number;
  readonly unchanged: number;
}

/** What the last chunk says of all that came before it. */
export function totalsOf(chunks: readonly Chunk[]): Totals {
  const mark = chunks.at(-1)?.mark;
  return {
    requests: mark?.requests ?? 0,
    retries: mark?.retries ?? 0,
    gone: mark?.gone ?? 0,
    unchanged: mark?.unchanged ?? 0,
  };
}

/** The receipt of a task that has read everything; it takes the place of any earlier one. */
export async function completeTask(
  { runId, task }: ExtractMessage,
  chunks: readonly Chunk[],
  totals: Totals,
  { store, clock }: { store: ObjectStore; clock: Clock },
): Promise<void> {
  const receipt: ExtractReceipt = {
    ...common(task, chunks, totals, clock),
    status: 'done',
    error: null,
  };
  await writeJson(store, extractReceiptKey(runId, task.taskId), receipt);
}

/**
 * Leaves a failed receipt, which counts what has been landed; never over one that says done.
 * @param counts of the attempt that failed, where they are known: its chunks may not tell of all of them
 */
export async function failTask(
  { runId, task }: Pick<ExtractMessage, 'runId' | 'task'>,
  error: Failure,
  { store, clock }: { store: ObjectStore; clock: Clock },
  counts: Pick<Totals, 'requests' | 'retries'> = { requests: 0, retries: 0 },
): Promise<void> {
  const key = extractReceiptKey(runId, task.taskId);
  const stored = await readJson(store, key, extractReceipt);
  if (stored?.value.status === 'done') return;
  const chunks = await new ChunkLog(store, task.stream, runId, task.taskId).chunks();
  const landed = totalsOf(chunks);
  const totals = {
    ...landed,
    requests: Math.max(landed.requests, counts.requests),
    retries: Math.max(landed.retries, counts.retries),
  };
  const receipt: ExtractReceipt = { ...common(task, chunks, totals, clock), status: 'failed', error };
  await writeJson(store, key, receipt, stored ? { ifMatch: stored.etag } : { ifAbsent: true });
}

/** Before the last attempt at a task: what its receipt is if the process dies. */
export async function leaveProvisionalFailure(
  message: Pick<ExtractMessage, 'runId' | 'task'>,
  { store, clock, deadline }: { store: ObjectStore; clock: Clock; deadline: Deadline },
): Promise<void> {
  await failTask(message, processDied, { store, clock: afterAttempt(clock, deadline.remainingMilliseconds()) });
}

/** After an attempt at a task that goes on in another message. */
export async function withdrawProvisionalFailure(
  message: Pick<ExtractMessage, 'runId' | 'task'>,
  { store, clock }: { store: ObjectStore; clock: Clock },
): Promise<void> {
  const stored = await readJson(store, extractReceiptKey(message.runId, message.task.taskId), extractReceipt);
  if (stored && isProvisional(stored.value, clock.now()))
    await failTask(message, processDied, { store, clock: neverAfter });
}

function common(task: ExtractMessage['task'], chunks: readonly Chunk[], totals: Totals, clock: Clock) {
  return {
    taskId: task.taskId,
    stream: task.stream,
    chunks: chunks.map(({ mark }) => mark.rows),
    rows: chunks.reduce((sum, { mark }) => sum + mark.rows, 0),
    children: chunks.flatMap(({ sequence, mark }) => childTaskIds(task.taskId, sequence, mark.children)),
    ...totals,
    finishedAt: clock.now().toISOString(),
  };
}
