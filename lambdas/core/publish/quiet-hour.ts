import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { RunReport } from '../../contract/run-report.ts';
import { type ProblemSettings, runProblems } from './run-problems.ts';

const hourMilliseconds = 3_600_000;

/**
 * Memory of a process that does small refreshes. Once a refresh has ended well and no problem stood, the refreshes of
 * the next hour that end well too need not look for a problem that they solve, and need not write the page.
 */
export class QuietHour {
  #known: { readonly since: number; readonly state: PipelineState } | undefined;

  /** @returns the pipeline's state when the hour began; undefined if this run has to look for itself */
  stateFor(report: RunReport, settings: ProblemSettings): PipelineState | undefined {
    if (!this.#known || !isWell(report)) return undefined;
    const { since, state } = this.#known;
    const isOver = Date.parse(report.finishedAt) - since >= hourMilliseconds;
    return isOver || runProblems(report, state, settings).length > 0 ? undefined : state;
  }

  /** Call it after a run that found no standing problem and wrote the page. */
  begin(report: RunReport, state: PipelineState): void {
    if (isWell(report)) this.#known = { since: Date.parse(report.finishedAt), state };
  }

  /** Call it if a refresh has to be done by others: it may end with a problem. */
  end(): void {
    this.#known = undefined;
  }
}

function isWell({ kind, status }: RunReport): boolean {
  return kind === 'refresh' && status === 'complete';
}
