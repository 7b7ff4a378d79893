import type { Selection, Task } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';

/** A task of a run, and what its receipt says if it has ended. */
export interface SeenTask extends Pick<Task, 'stream'> {
  readonly selection: Selection;
  readonly ended: { readonly requests: number; readonly read: number } | undefined;
}

interface Run {
  readonly tasks: readonly SeenTask[];
  /** Rows written so far, by table. */
  readonly rows: ReadonlyMap<string, number>;
  /**
   * Names of the streams of the run that no earlier run has read. Their children are requested for every parent row.
   */
  readonly unread: ReadonlySet<string>;
}

/**
 * Estimates the requests of a whole run from what it has read so far. A list of children that is not yet read counts as
 * the average of such lists so far, at least one request.
 * @returns undefined as long as a long list is being read: its length, and the number of its children, is unknown
 */
export function expectedRequests({ tasks, rows, unread }: Run, streams: readonly Stream[]): number | undefined {
  const isParent = (name: string) => streams.some(({ parent }) => parent?.stream === name);
  const isOfUnknownLength = ({ stream, selection, ended }: SeenTask) =>
    !ended && selection.kind === 'list' && selection.window === undefined && isParent(stream);
  if (tasks.length === 0 || tasks.some(isOfUnknownLength)) return undefined;
  const perItem = requestsPerItem(tasks);
  const known = tasks.reduce(
    (sum, task) => sum + (task.ended?.requests ?? itemsOf(task.selection) * (perItem.get(task.stream) ?? 1)),
    0,
  );
  const toCome = streams.reduce((sum, { name, parent }) => {
    if (!parent || !unread.has(name)) return sum;
    const planned = tasks
      .filter(({ stream, selection }) => stream === name && selection.kind === 'children')
      .reduce((count, { selection }) => count + itemsOf(selection), 0);
    return sum + Math.max(0, (rows.get(parent.stream) ?? 0) - planned) * (perItem.get(name) ?? 1);
  }, 0);
  return Math.ceil(known + toCome);
}

/** Average requests for one parent row so far, by stream of its children. */
function requestsPerItem(tasks: readonly SeenTask[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { requests: number; read: number }>();
  for (const { stream, selection, ended } of tasks) {
    if (!ended || selection.kind !== 'children') continue;
    const { requests, read } = sums.get(stream) ?? { requests: 0, read: 0 };
    sums.set(stream, { requests: requests + ended.requests, read: read + ended.read });
  }
  return new Map([...sums].map(([stream, { requests, read }]) => [stream, Math.max(1, requests / Math.max(1, read))]));
}

function itemsOf(selection: Selection): number {
  if (selection.kind === 'children') return selection.parents.length;
  return selection.kind === 'ids' ? selection.ids.length : 1;
}
