import type { Task } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { childTaskId } from '../runs/run-ids.ts';

/** Bounds of one child task, and so of the message that holds its parents' ids (SQS takes 1 MiB). */
const maxParents = 1_000;
const maxIdBytes = 200_000;

/** The tasks that read the children of the parents in one chunk. The same chunk gives the same tasks. */
export function childTasks(
  parentTaskId: string,
  sequence: number,
  parents: readonly string[],
  children: readonly Stream[],
): Task[] {
  const parts = partsOf(parents);
  return children.flatMap((child) =>
    parts.map((part, index) => ({
      taskId: childTaskId(parentTaskId, sequence, child.name, index),
      stream: child.name,
      selection: { kind: 'children', parents: part },
    })),
  );
}

function partsOf(parents: readonly string[]): string[][] {
  const parts: string[][] = [];
  let bytes = 0;
  for (const parent of parents) {
    const size = Buffer.byteLength(JSON.stringify(parent));
    const part = parts.at(-1);
    if (part && part.length < maxParents && bytes + size <= maxIdBytes) {
      part.push(parent);
      bytes += size;
    } else {
      parts.push([parent]);
      bytes = size;
    }
  }
  return parts;
}

/** How many child tasks of each stream a chunk has, as its mark keeps it. */
export function countByStream(tasks: readonly Task[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { stream } of tasks) counts[stream] = (counts[stream] ?? 0) + 1;
  return counts;
}
