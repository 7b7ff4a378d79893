import { createHash } from 'node:crypto';
import type { ConvertReceipt, ExtractReceipt, Task } from '../../contract/run.ts';
import { isProvisional } from '../runs/last-attempt.ts';
import { deadlineOf, stillAwaited } from '../runs/replay-record.ts';
import { chunkId } from '../runs/run-ids.ts';
import type { RunEvidence } from './read-evidence.ts';

/** A chunk of a task. */
export interface ChunkNode {
  readonly id: string;
  readonly sequence: number;
  /** Rows in the raw chunk. */
  readonly rows: number;
  /** Receipt of the conversion; undefined until the chunk is converted. A chunk without rows has no receipt. */
  readonly receipt: ConvertReceipt | undefined;
}

/** A task of the run with its receipt and chunks. */
export interface TaskNode {
  readonly task: Task;
  /** Receipt of the task; undefined until the task ends. */
  readonly receipt: ExtractReceipt | undefined;
  readonly chunks: readonly ChunkNode[];
}

/** The state of a run according to its receipts. */
export interface RunTree {
  readonly tasks: readonly TaskNode[];
  /** Number of tasks without a receipt, of chunks that are not converted, and of work that a replay has sent again. */
  readonly outstanding: number;
  /** Whether the deadline and its grace period have passed, so that nothing is waited for any more. */
  readonly overdue: boolean;
  readonly deadline: string;
}

/** Grace period after the deadline, in which running functions store how far they have come. */
const graceMilliseconds = 15 * 60_000;

/** Combines the receipts of a run. Ignores receipts of attempts that may still be under way. */
export function treeOf(evidence: RunEvidence, now: Date): RunTree {
  const { plan, replay } = evidence;
  const extractReceipts = settled(evidence.extractReceipts, now);
  const convertReceipts = settled(evidence.convertReceipts, now);
  const chunksLanded = Map.groupBy(convertReceipts.values(), ({ taskId }) => taskId);
  const tasks = evidence.tasks.map((task): TaskNode => {
    const receipt = extractReceipts.get(task.taskId);
    const chunks = receipt
      ? receipt.chunks.map((rows, sequence) => chunkOf(task.taskId, sequence, rows, convertReceipts))
      : (chunksLanded.get(task.taskId) ?? []).map(landedChunk);
    return { task, receipt, chunks };
  });
  const deadline = deadlineOf(plan, replay);
  const waiting = tasks.reduce((sum, node) => sum + waitingFor(node), 0);
  return {
    tasks,
    outstanding: waiting + stillAwaited({ replay, extractReceipts, convertReceipts }),
    overdue: now.getTime() > Date.parse(deadline) + graceMilliseconds,
    deadline,
  };
}

/** Digest of everything that a report of the run depends on. */
export function basisOf({ aborted, replay, approved }: RunEvidence, { tasks, overdue }: RunTree): string {
  const receipts = tasks.map(({ task, receipt, chunks }) => [task.taskId, receipt, chunks]);
  return createHash('sha256')
    .update(JSON.stringify([receipts, overdue, aborted, replay, approved]))
    .digest('base64url')
    .slice(0, 22);
}

export function isConverted({ rows, receipt }: ChunkNode): boolean {
  return rows === 0 || receipt?.status === 'done';
}

function settled<T extends ExtractReceipt | ConvertReceipt>(receipts: ReadonlyMap<string, T>, now: Date) {
  return new Map([...receipts].filter(([, receipt]) => !isProvisional(receipt, now)));
}

function chunkOf(
  taskId: string,
  sequence: number,
  rows: number,
  convertReceipts: ReadonlyMap<string, ConvertReceipt>,
): ChunkNode {
  const id = chunkId(taskId, sequence);
  return { id, sequence, rows, receipt: convertReceipts.get(id) };
}

function landedChunk(receipt: ConvertReceipt): ChunkNode {
  return { id: chunkId(receipt.taskId, receipt.sequence), sequence: receipt.sequence, rows: receipt.rowsIn, receipt };
}

function waitingFor({ receipt, chunks }: TaskNode): number {
  return (receipt ? 0 : 1) + chunks.filter((chunk) => chunk.rows > 0 && !chunk.receipt).length;
}
