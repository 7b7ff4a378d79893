/** Rows that a run rejected, healed or missed, as the notes of `ops status` tell it. */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { confirmOutcome } from '../../lambdas/core/runs/confirm-outcome.ts';
import { number } from '../../lambdas/core/runs/counted.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { isReplayable, keylessAdvice, noUsableKey, type RejectedRows } from '../../lambdas/core/runs/rejected-text.ts';
import { totalsOf } from '../../lambdas/core/runs/run-totals.ts';
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

/** When rejected rows can be converted again. */
function replayAdvice(of: RejectedRows): string {
  if (!isReplayable(of)) return keylessAdvice(of);
  const { rejected, keyless = 0 } = of;
  return keyless === 0
    ? 'If a newer version of Prospect Lake can read them:'
    : `${keylessAdvice(of)} If a newer version of Prospect Lake can read the other ${number(rejected - keyless)}:`;
}

export function rowNotes(run: RunReport, facts: RunNotesFacts): Note[] {
  const { runId, confirmRunId } = run;
  const rejected = rejectedRows(run, facts, ({ error }) => error?.code !== 'all_rejected');
  const healed = counts(run, ({ rowsHealed }) => rowsHealed);
  const confirmed = facts.runs.find((one) => one.runId === confirmRunId);
  const suspected = confirmRunId === undefined || confirmed ? '' : counts(run, ({ rowsSuspected }) => rowsSuspected);
  const isOften = Object.values(run.tables).some(isOftenRejected);
  const all = totalsOf(run);
  return [
    ...(rejected === ''
      ? []
      : [
          {
            problem: 'RowsRejected' as const,
            text: `(${rejected}): they ${noUsableKey} ${replayAdvice(all)}`,
            command: isReplayable(all)
              ? `npx prospect-lake ops replay-rejected --run ${runId}${facts.opsFlags}`
              : undefined,
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
