import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { Style } from '../../local/cli/terminal.ts';
import type { SolvedTextsFacts } from './solved-problems.ts';

export interface RunNotesFacts extends SolvedTextsFacts {
  /** Flags that commands in the messages of the pipeline need. */
  readonly opsFlags: string;
}

/** Something that a run found. */
export interface Note {
  /** Stands before the text. */
  readonly problem?: ProblemName;
  readonly text: string;
  readonly style?: Style;
  /** Stands on a line of its own, unbroken. */
  readonly command?: string | undefined;
  /** Follows the command. */
  readonly rest?: string | undefined;
}
