/**
 * A second reading reads lists once more in the same run, because rows may have moved while the first one paged through
 * them.
 */

import type { Task } from '../../contract/run.ts';

/** The task of the same run that has read the same lists before; undefined if none has. */
export function firstReadingOf({ selection }: Task): string | undefined {
  return selection.kind === 'list' || selection.kind === 'children' ? selection.again : undefined;
}

/** True if another task of the run has already read the lists that this task reads. */
export function isSecondReading(task: Task): boolean {
  return firstReadingOf(task) !== undefined;
}
