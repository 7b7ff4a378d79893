import type { ProblemName } from '../../contract/problems.ts';
import type { UnfitColumn } from '../../contract/unfit-columns.ts';
import type { PageContext } from './page-context.ts';
import type { ListedRun } from './page-state.ts';
import runbook from './runbook.json' with { type: 'json' };

export type Advice = Pick<(typeof runbook)[ProblemName], 'means' | 'look' | 'act'>;

/** Most columns for which the same command is shown. */
const columnsShown = 3;

/**
 * What the runbook says about a problem, with the names of this run, its tables and its columns in the commands, so that
 * they can be copied as they are.
 */
export function adviceOn(
  { problem, tables }: Pick<ListedRun['problems'][number], 'problem' | 'tables'>,
  { runId, unfitColumns = [] }: Pick<ListedRun, 'runId' | 'unfitColumns'>,
  { workspace }: Pick<PageContext, 'workspace'>,
): Advice {
  const { means, look, act } = runbook[problem];
  const filled = (text: string) =>
    forEachColumn(text, unfitColumns.slice(0, columnsShown))
      .replaceAll('<run id>', runId)
      .replaceAll('<workspace>', workspace)
      .replaceAll('--stream <table>', `--stream ${tables.join(',')}`);
  return { means, look: filled(look), act: filled(act) };
}

/** Repeats the command that names a column for each of the columns. */
function forEachColumn(text: string, columns: readonly UnfitColumn[]): string {
  if (columns.length === 0) return text;
  return text.replaceAll(/`[^`]*<column>[^`]*`/g, (command) =>
    columns
      .map(({ table, column, field = column }) =>
        command
          .replaceAll('<field>', () => field)
          .replaceAll('<table>', table)
          .replaceAll('<column>', column),
      )
      .join(' '),
  );
}
