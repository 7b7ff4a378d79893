import type { ConvertMessage } from '../../contract/messages.ts';
import { abortedKey } from '../../contract/object-keys.ts';
import type { ConvertReceipt, SentRequests } from '../../contract/run.ts';
import { failureOf, PipelineError, RateLimitedError } from '../errors.ts';
import { type Chunk, ChunkLog, type Position, positionAfter } from '../rows/chunk-log.ts';
import { readForgotten } from '../rows/forgotten.ts';
import { landedBy, type TaskEnd } from '../runs/extract-receipts.ts';
import type { ExtractPorts, ExtractWork } from './extract-work.ts';
import { gatherChunk, type Gathered } from './gather-chunk.ts';
import { readKnownRows, withoutForgottenRows, withoutKnown } from './known-rows.ts';
import { rememberListing, repeatedRows } from '../api/paging-guard.ts';
import { isFinished, readSelection, start } from './read-selection.ts';
import { mostOf, sumOf } from '../runs/sent-requests.ts';
import { checkPatience, countRefusal, type Refused } from './refusals.ts';

/** Result of a task that continues in another message. */
export interface Pause {
  readonly seconds: number;
  /** The rate limit, if the API asked us to wait. */
  readonly limit?: RateLimitedError;
  /** The item and page for which the API refused the task, and how often. */
  readonly refused?: Refused;
  /** Requests and retries of the task so far. */
  readonly spent: SentRequests;
}

/** State of a task while its chunks are being stored. */
interface Landing {
  readonly log: ChunkLog;
  readonly chunks: Chunk[];
  readonly askedAt: string;
  /** Requests and retries of the task's earlier messages. */
  readonly earlier: SentRequests;
}

/** Chunks of up to this many rows are converted by the function that read them. Larger ones go to the convert queue. */
const mostConvertedHere = 1_000;
/** A larger chunk does not fit in memory beside the page that was just read. */
const mostBytesConvertedHere = 4 * 1024 * 1024;

/**
 * Reads and stores chunk after chunk until the task ends or has to pause.
 * @param landed chunks that earlier messages of the task have stored
 * @throws PipelineError at which reading stopped, after everything before it is stored
 */
export async function landTask(
  work: ExtractWork,
  landed: readonly Chunk[],
  ports: ExtractPorts,
): Promise<Pause | { readonly end: TaskEnd; readonly chunks: readonly Chunk[] }> {
  const landing = resume(work, landed, ports);
  const { chunks } = landing;
  const { selection } = work.message.task;
  const last = chunks.at(-1);
  let position = last ? positionAfter(last.mark) : start;
  if (isFinished(selection, position)) {
    const converted = last ? await convertChunk(work, ports, last, true) : null;
    return { chunks, end: endOf(work, ports, landing, 'finished', converted, []) };
  }
  // The process that stored the last chunk may have died before converting it. All earlier chunks were converted.
  if (last) await convertChunk(work, ports, last, false);
  const memory = rememberListing(
    chunks.flatMap(({ mark }) => (mark.item === position.item && mark.cursor !== null ? [mark.cursor] : [])),
  );
  const isOverdue = () => ports.clock.now().getTime() > Date.parse(work.runDeadline);
  const landedLines = async () => (await Promise.all(chunks.map(({ sequence }) => landing.log.lines(sequence)))).flat();
  const { refused } = work.message;
  const reading = { ...work, api: ports.api, selection, memory, landedLines, refused };
  const known = await readKnownRows(work.message, ports.store);
  const forgotten = await readForgotten(ports.store);
  const pagesFrom = (from: Position) =>
    withoutForgottenRows(withoutKnown(readSelection(reading, from), known), work.stream, forgotten);
  let pages = pagesFrom(position);
  for (;;) {
    const gathered = await gatherChunk(pages, position, { deadline: work.deadline, isOverdue });
    const isLast = gathered.end === 'finished' || gathered.end === 'deadline';
    let converted: ConvertReceipt | null = null;
    if (gathered.lines.bytes > 0 || gathered.position !== position) {
      const { chunk, ours } = await append(landing, gathered, ports);
      converted = await convertChunk(work, ports, chunk, isLast && ours, ours ? gathered.lines.whole : undefined);
      gathered.lines.free();
      position = positionAfter(chunk.mark);
      if (!ours) {
        // Another delivery of the message has already stored a chunk under this key. Continue after that one.
        pages = pagesFrom(position);
        if (!isFinished(selection, position)) continue;
      }
    }
    if (gathered.end instanceof RateLimitedError) {
      // A request that the API refused is sent again, which counts as a retry. One that waited for the rate limiter was
      // never sent.
      const counts = countsOf(landing, ports);
      const spent = { ...counts, retries: counts.retries + (gathered.end.status === undefined ? 0 : 1) };
      const refused = countRefusal(work.message.refused, position, gathered.end);
      checkPatience(refused, gathered.end);
      return { seconds: Math.ceil(gathered.end.retryAfterSeconds), limit: gathered.end, refused, spent };
    }
    if (gathered.end instanceof PipelineError) throw gathered.end;
    if (gathered.end === 'time') return { seconds: 0, spent: countsOf(landing, ports) };
    const notes = [...memory.notes];
    const repeated = selection.kind === 'list' ? repeatedRows(memory) : 0;
    // If the deadline passed while the last page was read, the task is finished nevertheless.
    const reason = isFinished(selection, position) ? 'finished' : 'deadline';
    if (isLast) {
      const end = endOf(work, ports, landing, reason, converted, notes);
      return { chunks, end: repeated > 0 ? { ...end, repeated } : end };
    }
    if (await ports.store.head(abortedKey(work.message.runId)))
      return { chunks, end: endOf(work, ports, landing, reason, null, notes) };
  }
}

function resume({ message }: ExtractWork, landed: readonly Chunk[], { store, clock }: ExtractPorts): Landing {
  const { runId, task } = message;
  const log = new ChunkLog(store, task.stream, runId, task.taskId);
  const mark = landed.at(-1)?.mark;
  return {
    log,
    chunks: [...landed],
    askedAt: mark?.askedAt ?? clock.now().toISOString(),
    earlier: mostOf([mark, message.spent].flatMap((counts) => counts ?? [])),
  };
}

async function append(landing: Landing, { lines, position }: Gathered, ports: ExtractPorts) {
  const { log, chunks, askedAt } = landing;
  const mark = { ...position, askedAt, ...countsOf(landing, ports) };
  const appended = await log.append(chunks.length, lines, mark);
  chunks.push(appended.chunk);
  return appended;
}

/**
 * Converts a small chunk in this function and sends a large one to the convert queue.
 * @param isLast true for the last chunk of a task: the receipt of the task will contain the chunk's receipt
 * @param bytes the chunk's lines, if this invocation stored it and still has them
 * @returns the receipt of the chunk if `isLast` and this function converted it; otherwise null
 */
async function convertChunk(
  { message: { runId, runStartedAt, task } }: ExtractWork,
  { convertQueue, convertInline, log }: ExtractPorts,
  { sequence, mark }: Chunk,
  isLast: boolean,
  bytes?: Buffer,
): Promise<ConvertReceipt | null> {
  if (mark.rows === 0) return null;
  const { taskId, stream } = task;
  if (mark.rows <= mostConvertedHere && mark.bytes <= mostBytesConvertedHere) {
    try {
      const receipt = await convertInline(sequence, !isLast, bytes);
      return isLast ? receipt : null;
    } catch (error) {
      // The convert queue retries the conversion, and keeps a dead letter if it fails. The rest of the task does not
      // depend on it.
      log.warn('The function that read a chunk could not convert it; the convert queue does.', {
        taskId,
        sequence,
        ...failureOf(error),
      });
    }
  }
  const body: ConvertMessage = { runId, runStartedAt, taskId, stream, sequence };
  await convertQueue.send([{ body }]);
  return null;
}

function endOf(
  { message: { task } }: ExtractWork,
  ports: ExtractPorts,
  landing: Landing,
  reason: 'finished' | 'deadline',
  converted: ConvertReceipt | null,
  notes: readonly string[],
): TaskEnd {
  const isDone = reason === 'finished';
  const items =
    task.selection.kind === 'children'
      ? task.selection.parents
      : task.selection.kind === 'ids'
        ? task.selection.ids
        : [0];
  return {
    status: isDone ? 'done' : 'stopped',
    ...countsOf(landing, ports),
    askedAt: landing.askedAt,
    ...(isDone ? { read: items.length, resume: null } : landedBy(task, landing.chunks)),
    converted,
    notes,
    error: null,
  };
}

function countsOf({ earlier }: Landing, { api: { counts } }: ExtractPorts) {
  return sumOf([earlier, counts]);
}
