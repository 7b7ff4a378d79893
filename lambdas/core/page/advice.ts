import type { ProblemName } from '../../contract/problems.ts';
import { isUnfitNow, type UnfitColumn } from '../../contract/unfit-columns.ts';
import { isReplayable, keylessAdvice } from '../runs/rejected-text.ts';
import type { PageContext } from './page-context.ts';
import type { ListedRun } from './page-state.ts';
import runbook from './runbook.json' with { type: 'json' };

export type Advice = Pick<(typeof runbook)[ProblemName], 'means' | 'look' | 'act'>;

/** Sentences of what to do that a card shows at once. */
const stepsShown = 3;
/** Sentences about what only a workspace in AWS has: queues of SQS, the ticks of its schedules, a deployment. */
const onlyInAws = /\bSQS\b|`missed-runs`|^Deploy\b|^For a deployed |^If Plan failed\b/;
const onlyInFolder = /^For a folder on your machine\b/;

/**
 * Advice as a card shows it: what a person needs at once, and more that opens on demand.
 * @param isLocal leaves out what a folder on this machine does not have; false leaves out what only such a folder has
 */
export function inShort({ means, look, act }: Advice, isLocal: boolean): Advice & { readonly more: string } {
  const fitting = (text: string) =>
    sentences(text).filter((sentence) => !(isLocal ? onlyInAws : onlyInFolder).test(sentence));
  const [meaning = '', ...moreMeaning] = fitting(means);
  const steps = fitting(act);
  // At least up to the first command.
  const shown = Math.max(stepsShown, steps.findIndex((step) => step.includes('`npx ')) + 1);
  return {
    means: meaning,
    act: steps.slice(0, shown).join(' '),
    more: [...moreMeaning, ...steps.slice(shown)].join(' '),
    look: fitting(look).join(' '),
  };
}

export const sentences = (text: string): string[] => text.split(/(?<=\.) /);

/** Most columns for which the same command is shown. */
const columnsShown = 3;

/**
 * What the runbook says about a problem, with the names of this run, its tables and its columns in the commands, so that
 * they can be copied as they are.
 */
export function adviceOn(
  { problem, tables }: Pick<ListedRun['problems'][number], 'problem' | 'tables'>,
  { runId, rejected, keyless, unfitColumns = [] }: Pick<ListedRun, 'runId' | 'rejected' | 'keyless' | 'unfitColumns'>,
  { workspace }: Pick<PageContext, 'workspace'>,
): Advice {
  const advice = runbook[problem];
  const { means, look } = advice;
  const rows = { rejected, keyless };
  const isLost = problem === 'RowsRejected' && rejected > 0 && !isReplayable(rows);
  const act = isLost ? keylessAdvice(rows) : actFor(advice, unfitColumns);
  const filled = (text: string) =>
    forEachColumn(text, unfitColumns.slice(0, columnsShown))
      .replaceAll('<run id>', runId)
      .replaceAll('<workspace>', workspace)
      .replaceAll('--stream <table>', `--stream ${tables.join(',')}`);
  return { means, look: filled(look), act: filled(act) };
}

/**
 * The steps that apply: those of `ifFit` if the newest values of all columns fit or were not read, those of `act` if the
 * newest values of no column fit, otherwise both, each with its condition.
 */
function actFor(advice: { readonly act: string; readonly ifFit?: string }, columns: readonly UnfitColumn[]): string {
  const { act, ifFit } = advice;
  if (ifFit === undefined || (columns.length > 0 && columns.every(isUnfitNow))) return act;
  if (columns.length > 0 && !columns.some(isUnfitNow)) return ifFit;
  return `If the newest values of a column fit, or none were read since: ${uncapitalized(ifFit)} If they do not fit: ${uncapitalized(act)}`;
}

const uncapitalized = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

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
