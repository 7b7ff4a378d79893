import { number } from '../runs/counted.ts';
import { standingDeletions } from '../runs/held-deletions.ts';
import { standingRejections } from '../runs/standing-rejected.ts';
import { standingUnfit } from '../runs/standing-unfit.ts';
import { unfitText } from '../runs/unfit-text.ts';
import type { ListedRun, PageState } from './page-state.ts';

type StandingProblem = ListedRun['problems'][number] & { readonly run: ListedRun };

/**
 * The problems that still need a person: those of the last night as it stands, and those of later runs. A problem of a later
 * run is solved when a run after it has read the same tables without it. Values that do not fit stand as long as for
 * `ops status`. Deletions that are held back stand until the pipeline's state says otherwise, because most runs cannot
 * find them.
 */
export function standingProblems(state: PageState): StandingProblem[] {
  const nightId = state.lastNight?.report.runId;
  const lastNightly = state.runs.findIndex(({ runId }) => runId === nightId);
  const recent = state.runs.slice(0, lastNightly === -1 ? undefined : lastNightly + 1).toReversed();
  let standing: StandingProblem[] = [];
  for (const run of recent) {
    const isMended = (tables: readonly string[]) => tables.every((table) => run.tables.includes(table));
    // The problems of the last night are those of the tables that no nightly run has read since.
    const isKept = ({ runId, kind }: ListedRun) => runId === nightId || (kind === 'nightly' && run.kind !== 'nightly');
    standing = standing.filter((former) => isUnfit(former) || isKept(former.run) || !isMended(former.tables));
    for (const found of run.problems) {
      const isKnown = standing.some(
        ({ problem, tables }) => problem === found.problem && found.tables.every((table) => tables.includes(table)),
      );
      if (isUnfit(found) || !isKnown) standing.push({ ...found, run });
    }
  }
  standing = standing.flatMap((found) => (isUnfit(found) ? stillUnfit(found, state.runs) : [found]));
  const [last] = state.runs;
  if (last && state.held) {
    standing = standing.filter(({ problem }) => problem !== 'DeletionsHeld');
    for (const { runId, at, message, tables } of standingDeletions(state.held)) {
      const run = state.runs.find((one) => one.runId === runId) ?? { ...last, runId, finishedAt: at };
      standing.push({ problem: 'DeletionsHeld', message, tables: [...tables], run });
    }
  }
  const recentIds = new Set(recent.map(({ runId }) => runId));
  for (const { runId, at, message, tables } of last ? standingRejections(state.rejected) : []) {
    if (recentIds.has(runId) || !last) continue;
    const run = state.runs.find((one) => one.runId === runId) ?? { ...last, runId, finishedAt: at, keyless: 0 };
    standing.push({ problem: 'RowsRejected', message, tables: [...tables], run });
  }
  const letters = Object.entries(state.deadLetters ?? {});
  if (last && letters.length > 0)
    standing.push({ problem: 'DeadLetters', message: deadLettersText(letters), tables: [], run: last });
  return standing;
}

const isUnfit = ({ problem }: Pick<StandingProblem, 'problem'>) => problem === 'ValuesDoNotFit';

/** The problem without the columns that a later run has read again or tells itself. Nothing if none is left. */
function stillUnfit(found: StandingProblem, runs: readonly ListedRun[]): StandingProblem[] {
  const { unfitColumns } = found.run;
  // A state that an earlier version wrote has no columns.
  if (unfitColumns === undefined) return [found];
  const all = new Set(standingUnfit(runs));
  const columns = unfitColumns.filter((column) => all.has(column));
  if (columns.length === unfitColumns.length) return [found];
  if (columns.length === 0) return [];
  const tables = [...new Set(columns.map(({ table }) => table))];
  return [{ ...found, message: unfitText(columns), tables, run: { ...found.run, unfitColumns: columns } }];
}

function deadLettersText(letters: readonly (readonly [queue: string, count: number])[]): string {
  const counts = letters.map(([queue, messages]) => `${queue} ${number(messages)}`);
  return `Work was given up. Messages in the dead-letter queues: ${counts.join(', ')}.`;
}
