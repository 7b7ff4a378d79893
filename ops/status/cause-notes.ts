/** Why a run did not read everything, as the notes of `ops status` tell it. */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { damagedAdvice } from '../../lambdas/core/errors.ts';
import { type Cause, causesOf, causeText, tablesText } from '../../lambdas/core/runs/causes.ts';
import { causeKey } from '../../lambdas/core/runs/same-cause.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { withCommandApart } from '../../local/cli/suggested-command.ts';
import { statusStyles } from '../../local/cli/summary.ts';
import type { Note, RunNotesFacts } from './note.ts';
import { isRepair } from './repeated-runs.ts';

/** @param told the run with which each cause was told already */
export function causeNotes(run: RunReport, { opsFlags, runs }: RunNotesFacts, told: Map<string, string>): Note[] {
  const style = statusStyles[run.status];
  const notes: Note[] = [];
  const again = new Map<string, string[]>();
  for (const cause of causesOf(run, streams)) {
    const { problem, message, tables } = cause;
    const { text, command, rest } = withCommandApart(withRepair(cause, run, runs), opsFlags);
    const names = tablesText(run, tables);
    const key = `${problem} ${names}: ${message}`;
    const where = told.get(key);
    if (where === undefined) {
      told.set(key, run.runId);
      notes.push({ problem, text: `(${names})${nightsText(cause, run, runs)}: ${text}`, style, command, rest });
    } else again.set(where, [...(again.get(where) ?? []), `${problem} (${names})`]);
  }
  for (const [runId, names] of again) notes.push({ text: `${names.join(', ')}: as in ${runId}`, style });
  return notes;
}

/** The text of a cause. After the repair of a damaged object, the next night ends what one before could not read. */
function withRepair(cause: Cause, { startedAt }: RunReport, runs: readonly RunReport[]): string {
  const text = causeText(cause);
  const repair = runs.find(
    (one) =>
      isRepair(one) &&
      one.startedAt > startedAt &&
      cause.tables.every((table) => one.tables[table]?.status === 'complete'),
  );
  if (!repair || !text.includes(damagedAdvice)) return text;
  const at = `${repair.finishedAt.slice(11, 16)} UTC`;
  return `${text.replace(damagedAdvice, '')} Repaired at ${at} by ${repair.runId}. The next night that reads these tables ends this. To start it now: npx prospect-lake ops run`;
}

/** What is the same if two runs met the same cause. */
export function keyOf({ problem, tables, message }: Cause): string {
  return [problem, ...tables, causeKey(message, tables)].join(' ');
}

/** In how many nights a cause was met, up to this one; empty if it is this one alone. */
function nightsText(cause: Cause, { kind, startedAt }: RunReport, runs: readonly RunReport[]): string {
  const nights = runs.filter((run) => run.kind === 'nightly' && run.startedAt <= startedAt);
  const met = nights.filter((run) => causesOf(run, streams).some((one) => keyOf(one) === keyOf(cause)));
  return kind === 'nightly' && met.length > 1 ? `, in ${met.length} of the ${nights.length} nights shown` : '';
}
