/** Parents and ids that could not be read although others of their stream were. */

import type { FailedItem, Failure } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { maxFailuresBeforeFirstAnswer, minItemsForShare } from '../runs/item-bounds.ts';
import { idsOf } from './follow-up-tasks.ts';
import type { TaskNode } from './run-tree.ts';
import { readItems } from './scopes.ts';

/** A table fails as a whole if more than this share of its parents or ids fail, out of at least `minItemsForShare`. */
const mostFailed = 0.1;
/** Errors that concern the API key and never a single parent or id. */
const apiKeyErrors: ReadonlySet<string> = new Set(['unauthorized', 'secret']);

type Family = Pick<Stream, 'name' | 'parent'>;

/** Parents or ids that a task of the stream has read, or found to be missing. */
function answered(nodes: readonly TaskNode[]): Set<string> {
  return new Set(
    nodes.flatMap((node) => {
      const { parents, missing } = readItems(node, idsOf(node.task.selection));
      return [...parents, ...missing];
    }),
  );
}

/**
 * True if parents or ids of the stream other than the failed ones have answered. If the run requested only a few
 * parents, all of them may be bad; then rows in the table show that others have answered in earlier runs.
 */
function doOthersAnswer(nodes: readonly TaskNode[], rowsInTable: number): boolean {
  if (answered(nodes).size > 0) return true;
  const areChildren = nodes.every(({ task }) => task.selection.kind === 'children');
  const asked = new Set(nodes.flatMap(({ task }) => idsOf(task.selection)));
  return areChildren && rowsInTable > 0 && asked.size < maxFailuresBeforeFirstAnswer;
}

/** True if a task's failure is blamed on the parents or ids that it left unread. */
function failedByItems({ task, receipt }: TaskNode, othersAnswer: boolean): boolean {
  const { error } = receipt ?? {};
  const unread = idsOf(task.selection).slice(receipt?.read ?? 0);
  return !!error && !apiKeyErrors.has(error.code) && othersAnswer && unread.length > 0;
}

/** Errors of tasks, except those that are reported for their parents or ids. */
export function taskErrors(stream: Family, nodes: readonly TaskNode[], rowsInTable: number): Failure[] {
  const othersAnswer = doOthersAnswer(nodes, rowsInTable);
  return nodes.flatMap((node) => {
    const { error } = node.receipt ?? {};
    return !error || failedByItems(node, othersAnswer) ? [] : namingItems(error, stream, node);
  });
}

/** Names the first parent or id that a failed task did not read, unless the error concerns the API key. */
function namingItems(error: Failure, { name, parent }: Family, { task, receipt }: TaskNode): Failure {
  const [first, ...others] = idsOf(task.selection).slice(receipt?.read ?? 0);
  if (first === undefined || apiKeyErrors.has(error.code)) return error;
  const which = [first, ...(others.length > 0 ? [`${others.length} more`] : [])].join(' and ');
  const whose = parent && task.selection.kind === 'children' ? `what belongs to ${parent.stream}` : name;
  return { ...error, message: `${error.message} Not read: ${whose} ${which}.` };
}

/** Parents or ids that failed alone, or that a failed task left unread, and that no other task has read. */
export function failedItems(nodes: readonly TaskNode[], rowsInTable: number): FailedItem[] {
  const read = answered(nodes);
  const othersAnswer = doOthersAnswer(nodes, rowsInTable);
  const failed = new Map<string, FailedItem>();
  for (const node of nodes) {
    const { task, receipt } = node;
    for (const item of receipt?.failed ?? []) failed.set(item.id, item);
    if (!receipt?.error || !failedByItems(node, othersAnswer)) continue;
    for (const id of idsOf(task.selection).slice(receipt.read)) failed.set(id, { id, failure: receipt.error });
  }
  return [...failed.values()].filter(({ id }) => !read.has(id));
}

export function itemFailures(stream: Stream, nodes: readonly TaskNode[], rowsInTable: number): Failure[] {
  const failed = failedItems(nodes, rowsInTable);
  const [first] = failed;
  if (!first) return [];
  const asked = answered(nodes).size + failed.length;
  const code = asked >= minItemsForShare && failed.length > asked * mostFailed ? 'items_failed' : 'item_failed';
  const ofAll = `${failed.length} of ${asked}`;
  const which = stream.parent ? `The rows that belong to ${ofAll} rows of ${stream.parent.stream}` : `${ofAll} ids`;
  return [
    {
      code,
      message: `${which} could not be read; the next run asks for them again. The first is ${first.id}: ${first.failure.message}`,
      requestId: first.failure.requestId,
    },
  ];
}
