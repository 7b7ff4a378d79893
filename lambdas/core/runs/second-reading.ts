/**
 * A second reading reads lists once more in the same run, because rows may have moved while the first one paged through
 * them.
 */

import type { Task } from '../../contract/run.ts';

/** The task of the same run that has read the same lists before; undefined if none has. */
export function firstReadingOf({ selection }: Task): string | undefined {
  return selection.kind === 'list' || selection.kind === 'children' ? selection.again : undefined;
}

/** Whether a task reads lists once more that the run has read before. */
export function isSecondReading(task: Task): boolean {
  return firstReadingOf(task) !== undefined;
}
