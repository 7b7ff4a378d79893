import type { MergeChunk, ReadScope } from '../current/merge-input.ts';
import { isConverted, type TaskNode } from './run-tree.ts';
import { isSecondReading } from '../runs/second-reading.ts';

/**
 * All chunks of a table that can be merged. A chunk that was converted again into other rows counts as another chunk.
 */
export function mergeableChunks(table: string, tasks: readonly TaskNode[]): MergeChunk[] {
  return tasks.flatMap(({ task, chunks }) => {
    const { taskId, selection } = task;
    const reread = selection.kind === 'children' && selection.reread ? { reread: true } : {};
    const healing =
      selection.kind === 'list' && selection.healsBefore !== undefined ? { healsBefore: selection.healsBefore } : {};
    return chunks.flatMap(({ id, receipt }) => {
      const file = receipt?.files.find(({ key }) => key.startsWith(`lake/${table}/`));
      if (!file) return [];
      const { key, rows, bytes, sha256 } = file;
      return [{ id: `${id}@${sha256.slice(0, 12)}`, taskId, key, rows, bytes, ...reread, ...healing }];
    });
  });
}

/**
 * The scopes (a list, the children of parents, or single rows) that the tasks of a table have read to their end. A task
 * with a rejected row is left out: the key of that row is unknown, so the task cannot say which rows are missing. Nor
 * can one that gave many rows more than once. A second reading of a list is left out too: it stores only rows that the first one did not.
 */
export function scopesRead(tasks: readonly TaskNode[]): ReadScope[] {
  return tasks.flatMap((node) => scopeRead(node) ?? []);
}

function scopeRead(node: TaskNode): ReadScope | undefined {
  const { task, receipt, chunks } = node;
  if (!receipt || receipt.askedAt === null || !chunks.every(isConverted)) return undefined;
  if (chunks.some((chunk) => (chunk.receipt?.rowsRejected ?? 0) > 0)) return undefined;
  const { taskId, selection } = task;
  if (isSecondReading(task)) return undefined;
  const common = { taskId, askedAt: receipt.askedAt };
  if (selection.kind === 'children') return { kind: 'parents', ...common, ...readItems(node, selection.parents) };
  if (selection.kind === 'ids') return { kind: 'ids', ...common, missing: readItems(node, selection.ids).missing };
  const isWhole = selection.kind === 'single' || (!selection.window && !selection.resume);
  return isWhole && receipt.status === 'done' && !receipt.repeated ? { kind: 'list', ...common } : undefined;
}

/** The parents or ids that a task has read, split into those found and those that answered 404 or 410. */
export function readItems({ receipt }: TaskNode, items: readonly string[]): { parents: string[]; missing: string[] } {
  const failed = new Set(receipt?.failed.map(({ id }) => id));
  const notFound = new Set(receipt?.missing);
  const read = items.slice(0, receipt?.read ?? 0).filter((item) => !failed.has(item));
  return { parents: read.filter((item) => !notFound.has(item)), missing: read.filter((item) => notFound.has(item)) };
}

/** Whether the list was read from beginning to end, not only its changes; perhaps over several nights. */
export function isCompleteList({ task: { selection } }: Pick<TaskNode, 'task'>): boolean {
  return selection.kind === 'list' && (selection.window === undefined || selection.healsBefore !== undefined);
}
