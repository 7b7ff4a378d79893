import type { ExtractMessage } from '../../contract/messages.ts';
import { abortedKey, extractReceiptKey, forbiddenKey, waitingKey } from '../../contract/object-keys.ts';
import { extractReceipt, failure, type Selection, type Waiting } from '../../contract/run.ts';
import { failureOf, ForbiddenError, MalformedAnswerError, PagingError, PipelineError } from '../errors.ts';
import { type Chunk, ChunkLog } from '../rows/chunk-log.ts';
import { earlierCounts, endTask, failTask, keepCounts, stopTask } from '../runs/extract-receipts.ts';
import { maxFailuresBeforeFirstAnswer } from '../runs/item-bounds.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import type { ExtractPorts, ExtractWork } from './extract-work.ts';
import { landTask, type Pause } from './land-task.ts';

/** Most messages of one task. At the longest delay of 15 minutes, they last for more than 100 days. */
const maxContinuations = 10_000;
const maxDelaySeconds = 900;

/**
 * Reads one task from the API, stores the rows in chunks, has each chunk converted, and writes a receipt. It is safe to
 * run a task twice, late or concurrently (see ChunkLog). A terminal error ends in a failed receipt; a fatal one also
 * aborts the run.
 *
 * @throws PipelineError that is transient, after everything read so far is stored. A malformed answer is so
 * until the last delivery.
 */
export async function extractTask(given: ExtractWork, ports: ExtractPorts): Promise<void> {
  const { runId, task } = given.message;
  const { store, log } = ports;
  const work = given.isRedelivered
    ? { ...given, message: { ...given.message, spent: await earlierCounts(given.message, ports) } }
    : given;
  const chunks = await new ChunkLog(store, task.stream, runId, task.taskId).chunks();
  if (mayBeDone(work, chunks, ports) && (await isDone(work, ports))) return;
  if (await store.head(abortedKey(runId))) {
    if (chunks.length > 0 || work.message.spent) await stopTask(work.message, chunks, ports);
    return;
  }
  const early = Date.parse(work.message.notBefore ?? '') - ports.clock.now().getTime();
  if (early > 0) return sendOn(work.message, early / 1_000, ports);
  const forbidden =
    task.selection.kind === 'children' && (await readJson(store, forbiddenKey(runId, task.stream), failure));
  if (forbidden) return failTask(work.message, forbidden.value, ports);
  try {
    const landed = await landTask(work, chunks, ports);
    if ('end' in landed) await endTask(work.message, landed.chunks, landed.end, ports);
    else await continueLater(work, ports, landed);
  } catch (error) {
    // A dead letter would not help: sent again, it would get the same answer, and the next night asks anyway.
    const isLasting = given.isLastDelivery && error instanceof MalformedAnswerError;
    if (!(error instanceof PipelineError) || (error.disposition === 'transient' && !isLasting)) {
      await keepCountsOf(work, ports);
      throw error;
    }
    log.error('The task failed.', { stream: task.stream, taskId: task.taskId, ...error.toFailure() });
    const failed = error.toFailure();
    if (error.disposition === 'fatal') await writeJson(store, abortedKey(runId), failed, { ifAbsent: true });
    if (error instanceof ForbiddenError && isAboutStream(task.selection))
      await writeJson(store, forbiddenKey(runId, task.stream), failed, { ifAbsent: true });
    await failTask(work.message, failed, ports, ports.api.counts);
  }
}

/** If this fails, only the counts are lost: the error of the task must not be hidden. */
async function keepCountsOf({ message }: ExtractWork, ports: ExtractPorts): Promise<void> {
  if (ports.api.counts.requests === 0) return;
  try {
    await keepCounts(message, ports, ports.api.counts);
  } catch (error) {
    ports.log.warn('The requests of a failed attempt could not be stored.', { ...failureOf(error) });
  }
}

/**
 * False if the task is surely not done: a done task has stored at least one chunk, perhaps without rows, and chunks
 * outlive the run.
 */
function mayBeDone({ runDeadline }: ExtractWork, chunks: readonly Chunk[], { clock }: ExtractPorts): boolean {
  return chunks.length > 0 || clock.now().getTime() > Date.parse(runDeadline);
}

async function isDone({ message: { runId, task } }: ExtractWork, { store }: ExtractPorts): Promise<boolean> {
  return (await readJson(store, extractReceiptKey(runId, task.taskId), extractReceipt))?.value.status === 'done';
}

/**
 * True if a 403 concerns the stream as a whole. If the task reads only one or two parents, the 403 may concern just
 * these, so other tasks of the stream go on.
 */
function isAboutStream(selection: Selection): boolean {
  return selection.kind !== 'children' || selection.parents.length >= maxFailuresBeforeFirstAnswer;
}

async function continueLater(
  { message, stream }: ExtractWork,
  { store, extractQueue, clock, log }: ExtractPorts,
  { seconds, limit, refused, spent }: Pause,
): Promise<void> {
  const continuation = message.continuation + 1;
  if (continuation > maxContinuations) {
    throw new PagingError(
      `The task of ${stream.name} was given up: it was not done after ${maxContinuations} messages. Check how many requests a minute the API allows.`,
      { stream: stream.name },
    );
  }
  log.info('The task continues in another message.', { taskId: message.task.taskId, continuation, seconds });
  const notBefore = new Date(clock.now().getTime() + seconds * 1_000).toISOString();
  if (limit) {
    const waiting: Waiting = { until: notBefore, stream: stream.name, reason: limit.message };
    log.warn('The API asks to wait; the task continues later.', { ...waiting, requestId: limit.requestId });
    await writeJson(store, waitingKey(message.runId), waiting);
  }
  await sendOn({ ...message, continuation, notBefore, refused, spent }, seconds, { extractQueue });
}

/**
 * Sends a message back to the queue, with a delay of at most 15 minutes: SQS allows no more. If the API asked for a
 * longer wait, the message is sent back again and again until the wait is over.
 */
async function sendOn(body: ExtractMessage, seconds: number, { extractQueue }: Pick<ExtractPorts, 'extractQueue'>) {
  await extractQueue.send([{ body, delaySeconds: Math.min(Math.ceil(seconds), maxDelaySeconds) }]);
}
