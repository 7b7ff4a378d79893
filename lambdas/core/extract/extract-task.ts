import { abortedKey, extractReceiptKey } from '../../contract/object-keys.ts';
import type { ConvertMessage, ExtractMessage } from '../../contract/messages.ts';
import { extractReceipt } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { childTasks, countByStream } from './child-tasks.ts';
import { ChunkLog, positionAfter } from '../rows/chunk-log.ts';
import { PagingError, PipelineError, RateLimitedError } from '../errors.ts';
import { completeTask, failTask, totalsOf } from '../runs/extract-receipts.ts';
import { type Gathered, gatherChunk } from './gather-chunk.ts';
import { sortLines, type Sorting } from './select-new-rows.ts';
import { isFinished, start } from './pages.ts';
import { rememberListing } from './paging-guard.ts';
import type { Api, Clock, Deadline, Log, ObjectStore, Queue } from '../ports.ts';
import { readSeenRows, writeSeenRows } from './seen-rows.ts';
import { readJson, writeJson } from '../store/stored-json.ts';

export interface ExtractPorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
  /** For this task alone: its counts go into the receipt. */
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ExtractWork {
  readonly message: ExtractMessage;
  readonly stream: Stream;
  /** Streams below this one that are switched on. */
  readonly children: readonly Stream[];
  readonly deadline: Deadline;
  readonly pageSize: number;
}

/** At the longest wait between two messages of a task these last for months. */
const maxContinuations = 10_000;
const maxDelaySeconds = 900;

/**
 * Reads one task from the API and lands it in chunks, sends a convert message for each chunk and extract
 * messages for the children, and leaves a receipt. Right when run twice, late or beside itself (see
 * ChunkLog). A terminal error ends in a failed receipt; a fatal one aborts the run as well.
 *
 * @throws PipelineError that is transient, once what had been read is landed
 */
export async function extractTask(work: ExtractWork, ports: ExtractPorts): Promise<void> {
  const { runId, task } = work.message;
  const receipt = await readJson(ports.store, extractReceiptKey(runId, task.taskId), extractReceipt);
  if (receipt?.value.status === 'done' || (await isAborted(ports.store, runId))) return;
  try {
    const waitSeconds = await landTask(work, ports);
    if (waitSeconds !== undefined) await continueLater(work, ports, waitSeconds);
  } catch (error) {
    if (!(error instanceof PipelineError) || error.disposition === 'transient') throw error;
    ports.log.error('The task failed.', { stream: task.stream, taskId: task.taskId, ...error.toFailure() });
    if (error.disposition === 'fatal')
      await writeJson(ports.store, abortedKey(runId), error.toFailure(), { ifAbsent: true });
    await failTask(work.message, error.toFailure(), ports, ports.api.counts);
  }
}

async function isAborted(store: ObjectStore, runId: string): Promise<boolean> {
  return (await store.head(abortedKey(runId))) !== undefined;
}

/** @returns undefined when the task is over; else how many seconds to wait before it goes on in another message */
async function landTask(work: ExtractWork, ports: ExtractPorts): Promise<number | undefined> {
  const { message, stream, children } = work;
  const { runId, task } = message;
  const { selection } = task;
  const seenRun = selection.kind === 'list' ? selection.seenRun : undefined;
  const seen = seenRun === undefined ? new Map() : await readSeenRows(ports.store, seenRun, stream.name);
  const sorting: Sorting = { stream, selection, hasChildren: children.length > 0, seen };
  const recent = new Map(seen);

  const log = new ChunkLog(ports.store, stream.name, runId, task.taskId);
  const chunks = await log.chunks();
  const earlier = totalsOf(chunks);
  const counts = () => ({
    requests: earlier.requests + ports.api.counts.requests,
    retries: earlier.retries + ports.api.counts.retries,
  });
  const landedBefore = chunks.filter(({ mark }) => mark.recent > 0);
  const last = chunks.at(-1);
  // Whoever landed the last chunk may have died before its messages were sent; those of earlier chunks were.
  if (last)
    await sendMessages(
      work,
      ports,
      last.sequence,
      sortLines(sorting, await log.lines(last.sequence), new Map()).parents,
    );

  let position = last ? positionAfter(last.mark) : start;
  const memory = rememberListing(
    chunks.flatMap(({ mark }) => (mark.item === position.item && mark.cursor !== null ? [mark.cursor] : [])),
  );
  let tail: Pick<Gathered, 'gone' | 'unchanged'> = { gone: 0, unchanged: 0 };
  while (!isFinished(selection, position)) {
    const gathered = await gatherChunk(
      { ...work, api: ports.api, clock: ports.clock, selection, sorting, recent, memory },
      position,
    );
    const { end } = gathered;
    if (gathered.lines.length > 0 || (end !== 'finished' && gathered.moved)) {
      const sequence = chunks.length;
      const { gone, unchanged } = totalsOf(chunks);
      const { item, cursor, pages } = gathered.position;
      const { chunk, ours } = await log.append(sequence, gathered.lines, {
        item,
        cursor,
        pages,
        ...counts(),
        rows: gathered.lines.length,
        gone: gone + gathered.gone,
        unchanged: unchanged + gathered.unchanged,
        children: countByStream(childTasks(task.taskId, sequence, gathered.parents, children)),
        recent: gathered.recent,
      });
      chunks.push(chunk);
      if (!ours) landedBefore.push(chunk);
      await sendMessages(
        work,
        ports,
        sequence,
        ours ? gathered.parents : sortLines(sorting, await log.lines(sequence), new Map()).parents,
      );
      position = positionAfter(chunk.mark);
      if (await isAborted(ports.store, runId)) return undefined;
    } else {
      tail = gathered;
      position = gathered.position;
    }
    if (end instanceof RateLimitedError) return Math.ceil(end.retryAfterSeconds);
    if (end instanceof PipelineError) throw end;
    if (end === 'time') return 0;
  }

  if (selection.kind === 'list' && selection.seenFrom !== undefined) {
    for (const { sequence } of landedBefore) sortLines(sorting, await log.lines(sequence), recent);
    await writeSeenRows(ports.store, runId, stream.name, recent, Date.parse(selection.seenFrom));
  }
  const { gone, unchanged } = totalsOf(chunks);
  await completeTask(
    message,
    chunks,
    { ...counts(), gone: gone + tail.gone, unchanged: unchanged + tail.unchanged },
    ports,
  );
  return undefined;
}

/** The convert message of a chunk and the extract messages of its children. The same chunk gives the same messages. */
async function sendMessages(
  { message, children }: ExtractWork,
  { convertQueue, extractQueue }: ExtractPorts,
  sequence: number,
  parents: readonly string[],
): Promise<void> {
  const { runId, runStartedAt, task } = message;
  const convert: ConvertMessage = { runId, runStartedAt, taskId: task.taskId, stream: task.stream, sequence };
  await convertQueue.send([{ body: convert }]);
  const tasks = childTasks(task.taskId, sequence, parents, children);
  await extractQueue.send(
    tasks.map((child) => ({ body: { runId, runStartedAt, task: child, continuation: 0 } satisfies ExtractMessage })),
  );
}

async function continueLater(
  { message, stream }: ExtractWork,
  { extractQueue, log }: ExtractPorts,
  seconds: number,
): Promise<void> {
  const continuation = message.continuation + 1;
  if (continuation > maxContinuations) {
    throw new PagingError(
      `The task of ${stream.name} is not done after ${maxContinuations} messages and is given up. Look at how fast the API lets it be read.`,
      { stream: stream.name },
    );
  }
  log.info('The task goes on in another message.', { taskId: message.task.taskId, continuation, seconds });
  const body: ExtractMessage = { ...message, continuation };
  await extractQueue.send([{ body, delaySeconds: Math.min(seconds, maxDelaySeconds) }]);
}
