/**
 * Plans second readings of lists. Rows move while a list is paged, and a reading misses a row that moves to a page that
 * was already read.
 */

import type { Selection, Task } from '../../contract/run.ts';
import { currentTableOf, type Stream } from '../../contract/stream.ts';
import { noCounts } from '../current/merge-state.ts';
import { readCurrent } from '../current/read-current.ts';
import type { Progress } from './merge-run.ts';
import type { TablePorts } from './read-parents.ts';
import type { RunTree, TaskNode } from './run-tree.ts';
import { firstReadingOf, isSecondReading } from '../runs/second-reading.ts';

interface ListsRead {
  readonly runId: string;
  readonly tree: RunTree;
  readonly progress: Progress;
  /** Number of the round (of tasks added to the run) that the new tasks are part of. */
  readonly number: number;
}

/**
 * Tasks that reread each list of several pages in which the run found a new, changed or missing row. A list that is
 * exactly as in the table was read without a miss.
 */
export async function listsToReadAgain(
  streams: readonly Stream[],
  read: ListsRead,
  ports: TablePorts,
): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const stream of streams) {
    const { inserted, updated, missing } = read.progress.tables[stream.name]?.result.counts ?? noCounts;
    // Rows whose key is their position in the list change their key if a row before them moves, so they are left out.
    if (inserted + updated + missing === 0 || stream.numbered) continue;
    const nodes = read.tree.tasks.filter(({ task }) => task.stream === stream.name);
    const isRepeated = new Set(nodes.flatMap(({ task }) => firstReadingOf(task) ?? []));
    const once = nodes.filter(({ task }) => !isSecondReading(task) && !isRepeated.has(task.taskId));
    const selections = stream.parent
      ? await childListsAgain(stream, once, read, ports)
      : once.flatMap((node) => listAgain(stream, node));
    const taskIdOf = (index: number) => `${stream.name}.${read.number}.list${index}`;
    tasks.push(...selections.map((selection, at) => ({ taskId: taskIdOf(at), stream: stream.name, selection })));
  }
  return tasks;
}

function listAgain(stream: Stream, { task, receipt }: TaskNode): Selection[] {
  const { selection, taskId } = task;
  // A list whose reading began in an earlier night is read completely in the next night anyway.
  if (selection.kind !== 'list' || selection.resume || receipt?.status !== 'done') return [];
  const pages = receipt.requests - receipt.retries - (stream.detail ? receipt.rows : 0);
  return pages < 2 ? [] : [{ ...selection, again: taskId }];
}

/**
 * Selects the lists of children that are read again: each in which this run changed a row. The current table of the
 * children shows which these are.
 */
async function childListsAgain(
  stream: Stream,
  nodes: readonly TaskNode[],
  { runId, progress }: ListsRead,
  ports: TablePorts,
): Promise<Selection[]> {
  const paged = nodes.filter(({ task, receipt }) => task.selection.kind === 'children' && receipt?.paged);
  if (paged.length === 0) return [];
  const suspects = progress.tables[stream.name]?.result.suspects ?? [];
  const moved = new Set(suspects.flatMap((row) => (row.runId === runId ? (row.parentId ?? []) : [])));
  const parentKey = stream.parent?.key ?? '';
  for await (const rows of readCurrent(currentTableOf(stream), [parentKey, '_run_id'], ports))
    for (const [index, parent] of (rows[parentKey] ?? []).entries())
      if (rows['_run_id']?.[index] === runId) moved.add(String(parent));
  return paged.flatMap(({ task, receipt }): Selection[] => {
    const parents = (receipt?.paged ?? []).filter((parent) => moved.has(parent));
    return parents.length === 0 ? [] : [{ kind: 'children', parents, again: task.taskId }];
  });
}
