/**
 * Tasks that follow from what a run has found: rows that may be deleted, items that failed, parents that are missing.
 */

import { maxIdsPerTask, type Selection, type Task } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import type { SuspectRow } from '../current/merge-input.ts';
import { isAddressable } from '../rows/row-ids.ts';
import { minItemsForShare, refusedAloneCode } from '../runs/item-bounds.ts';
import { controlIds } from './control-ids.ts';
import type { Progress } from './merge-run.ts';
import type { TablePorts } from './read-parents.ts';
import type { RunTree } from './run-tree.ts';

/** Most bytes of ids in one task, and so in its message (SQS takes 1 MiB). */
const mostIdBytes = 200_000;

/** Splits ids into parts that each fit into one task. */
export function splitIds(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  let bytes = 0;
  for (const id of ids) {
    const size = Buffer.byteLength(JSON.stringify(id));
    const part = parts.at(-1);
    if (part && part.length < maxIdsPerTask && bytes + size <= mostIdBytes) {
      part.push(id);
      bytes += size;
    } else {
      parts.push([id]);
      bytes = size;
    }
  }
  return parts;
}

/**
 * Parents or ids of a stream that the run has tasks for, and whether these tasks include the rota, the periodic
 * rereading.
 */
export function plannedIds(tree: RunTree, stream: string): { ids: ReadonlySet<string>; rota: boolean } {
  const selections = tree.tasks.flatMap(({ task }) => (task.stream === stream ? [task.selection] : []));
  return {
    ids: new Set(selections.flatMap(idsOf)),
    rota: selections.some((selection) => selection.kind === 'children' && selection.reread),
  };
}

export function idsOf(selection: Selection): readonly string[] {
  if (selection.kind === 'children') return selection.parents;
  return selection.kind === 'ids' ? selection.ids : [];
}

interface SuspectSearch {
  readonly now: Date;
  readonly settings: { readonly confirmAfterSeconds: number };
  readonly runId: string;
}

/**
 * Rows that an earlier run suspected to be deleted at least `confirmAfterSeconds` ago, and that are still suspected.
 */
export function suspectsToAsk(
  progress: Progress,
  table: string,
  { now, settings, runId }: SuspectSearch,
): SuspectRow[] {
  const before = now.getTime() - settings.confirmAfterSeconds * 1_000;
  const suspects = progress.tables[table]?.result.suspects ?? [];
  return suspects.filter((suspect) => suspect.runId !== runId && Date.parse(suspect.since) <= before);
}

/** Tasks of a nightly run that request again the rows suspected to be deleted, if the API has a path by id. */
export async function suspectTasks(
  streams: readonly Stream[],
  tree: RunTree,
  { progress, number, ...search }: SuspectSearch & { progress: Progress; number: number },
  ports: TablePorts,
): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const stream of streams) {
    if (!stream.byId) continue;
    const asked = plannedIds(tree, stream.name).ids;
    const found = suspectsToAsk(progress, stream.name, search).flatMap(({ id }) => id ?? []);
    const ids = found.filter((id) => isAddressable(id) && !asked.has(id));
    if (ids.length === 0) continue;
    const controls = await controlIds(stream, progress.tables[stream.name]?.result.suspects ?? [], ports);
    for (const [index, part] of splitIds(ids).entries()) {
      const taskId = `${stream.name}.${number}.suspects${index}`;
      tasks.push({ taskId, stream: stream.name, selection: { kind: 'ids', ids: [...part, ...controls] } });
    }
  }
  return tasks;
}

/** Tasks that request again, in the same run, parents and ids that failed while others of their task succeeded. */
export function failedTasks(tree: RunTree, number: number): Task[] {
  if (!tree.tasks.some(({ receipt }) => receipt?.failed.length)) return [];
  const asked = new Map<string, number>();
  const nameOf = (stream: string, id: string) => `${stream} ${id}`;
  for (const { task } of tree.tasks)
    for (const id of idsOf(task.selection))
      asked.set(nameOf(task.stream, id), (asked.get(nameOf(task.stream, id)) ?? 0) + 1);
  return tree.tasks.flatMap(({ task, receipt }, index): Task[] => {
    // Those that alone are refused were asked for often enough.
    const failed =
      receipt?.status === 'done' ? receipt.failed.filter(({ failure }) => failure.code !== refusedAloneCode) : [];
    const again = failed.map(({ id }) => id).filter((id) => asked.get(nameOf(task.stream, id)) === 1);
    if (again.length === 0) return [];
    const { selection } = task;
    const ids = selection.kind === 'ids' ? { ids: again } : { parents: again };
    return [{ ...task, taskId: `${task.stream}.${number}.again${index}`, selection: { ...selection, ...ids } }];
  });
}

/**
 * Tasks that request a parent by its id if its list of children answered 404: it may be deleted. If more than half of
 * at least 20 such lists are missing, the cause is not the parents, and none is requested.
 */
export function missingParentTasks(streams: readonly Stream[], tree: RunTree, number: number): Task[] {
  return streams.flatMap((parent) => {
    if (!parent.byId) return [];
    const missing = new Set<string>();
    for (const child of streams.filter((stream) => stream.parent?.stream === parent.name)) {
      const receipts = tree.tasks.flatMap(({ task, receipt }) =>
        task.stream === child.name && task.selection.kind === 'children' && receipt ? [receipt] : [],
      );
      const found = receipts.flatMap((receipt) => receipt.missing);
      const read = receipts.reduce((sum, receipt) => sum + receipt.read, 0);
      if (found.length * 2 <= read || read < minItemsForShare) for (const id of found) missing.add(id);
    }
    const asked = plannedIds(tree, parent.name).ids;
    return splitIds([...missing].filter((id) => !asked.has(id))).map((ids, index) => ({
      taskId: `${parent.name}.${number}.missing${index}`,
      stream: parent.name,
      selection: { kind: 'ids', ids },
    }));
  });
}
