/** Rows that a run rejected, healed or missed, as the notes of `ops status` tell it. */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { confirmOutcome } from '../../lambdas/core/runs/confirm-outcome.ts';
import { number } from '../../lambdas/core/runs/counted.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { noUsableKey } from '../../lambdas/core/runs/rejected-text.ts';
import { isSettled } from '../../lambdas/core/runs/standing-rejected.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { isOftenRejected } from '../../local/cli/summary.ts';
import type { Note, RunNotesFacts } from './note.ts';

type Table = RunReport['tables'][string];

/** The tables for which a number is not 0, with the number. */
function counts({ tables }: RunReport, of: (table: Table, name: string) => number): string {
  return foldedList(
    Object.entries(tables).flatMap(([name, table]) =>
      of(table, name) > 0 ? [`${name} ${number(of(table, name))}`] : [],
    ),
  );
}

/** The rejected rows that no later run has read again. @param isCounted false for tables whose error tells of them */
export function rejectedRows(
  run: RunReport,
  facts: RunNotesFacts,
  isCounted: (table: Table) => boolean = () => true,
): string {
  return counts(run, (table, name) =>
    isCounted(table) && !isSettled(facts.rejected, name, run) ? table.rowsRejected : 0,
  );
}

/** When rejected rows can be converted again. No version can read a row for which the API gives no key. */
function replayAdvice({ tables }: RunReport, replayable: number | undefined): string {
  const rows = Object.values(tables).reduce((sum, { rowsRejected }) => sum + rowsRejected, 0);
  if (replayable === undefined || replayable >= rows) return 'If a newer version of Prospect Lake can read them:';
  if (replayable === 0) return 'The API gives no key for them, so there is nothing to replay: report it to the vendor.';
  const others = rows - replayable;
  return `For ${number(others)} of the ${number(rows)} the API gives no key: report that to the vendor. If a newer version of Prospect Lake can read the other ${number(replayable)}:`;
}

export function rowNotes(run: RunReport, facts: RunNotesFacts): Note[] {
  const { runId, confirmRunId } = run;
  const rejected = rejectedRows(run, facts, ({ error }) => error?.code !== 'all_rejected');
  const healed = counts(run, ({ rowsHealed }) => rowsHealed);
  const confirmed = facts.runs.find((one) => one.runId === confirmRunId);
  const suspected = confirmRunId === undefined || confirmed ? '' : counts(run, ({ rowsSuspected }) => rowsSuspected);
  const isOften = Object.values(run.tables).some(isOftenRejected);
  const replayable = facts.replayable?.get(runId);
  return [
    ...(rejected === ''
      ? []
      : [
          {
            problem: 'RowsRejected' as const,
            text: `(${rejected}): they ${noUsableKey} ${replayAdvice(run, replayable)}`,
            command:
              replayable === 0 ? undefined : `npx prospect-lake ops replay-rejected --run ${runId}${facts.opsFlags}`,
            style: isOften ? ('red' as const) : ('yellow' as const),
          },
        ]),
    ...(healed === ''
      ? []
      : [
          {
            text: `Changes that only rereading found: ${healed}. The tables are right again. If this happens each time, lower rereadDays or childRereadDays.`,
          },
        ]),
    ...(suspected === ''
      ? []
      : [
          { text: `Rows that the API did not give: ${suspected}. ${confirmRunId} asks again before they are deleted.` },
        ]),
    ...(confirmed ? confirmOutcome(run, confirmed, streams).map((text) => ({ text })) : []),
  ];
}
