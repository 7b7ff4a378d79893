/** The problems of a run as text. */

import type { CustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { causesOf, causeText, tablesText } from '../../lambdas/core/runs/causes.ts';
import { withFlags } from '../../lambdas/core/runs/commands.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { noUsableKey, rejectedCounts, rejectedTables } from '../../lambdas/core/runs/rejected-text.ts';
import { runError } from '../../lambdas/core/runs/run-error.ts';
import { stillGivenText } from '../../lambdas/core/runs/still-given.ts';
import { unfitText } from '../../lambdas/core/runs/unfit-text.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { queryCommand, withCommandApart } from './suggested-command.ts';
import { paint, type Terminal, wrap } from './terminal.ts';

const rejectedSql = 'SELECT table_name, reason, count(*) FROM rejected_rows GROUP BY 1, 2';

/** Follows problems that are told with their names. */
export const runbookLine = 'docs/runbook.md has a section for each of these names.';

export interface ProblemsOptions {
  /** Folder of a local run; empty for a deployed workspace, whose SQL a person asks in Athena. */
  readonly out: string;
  readonly terminal: Terminal;
  /** Flags that commands in the messages of the pipeline need. @default none */
  readonly opsFlags?: string;
  /** Columns that the configuration of the workspace adds. @default none */
  readonly customColumns?: CustomColumns | undefined;
}

/** The problems of a run, each with what to do; empty if it has none. */
export function problemsText(report: RunReport, { out, terminal, opsFlags = '' }: ProblemsOptions): string {
  const rejected = rejectedCounts(report.tables);
  const errors = causesOf(report, streams);
  const { unfitColumns = [] } = report;
  const stillGiven = stillGivenText(report.forgotten);
  if (errors.length + rejected.length + unfitColumns.length === 0 && stillGiven === undefined) return '';
  return [
    paint(terminal, ['bold', 'red'], 'Problems:'),
    ...errors.flatMap((cause) => {
      const { problem, tables } = cause;
      const { text, command, rest } = withCommandApart(causeText(cause), opsFlags);
      const indent = runError(report) ? '  ' : '    ';
      return [
        ...(runError(report) ? [] : wrap(`${problem} (${tablesText(report, tables)}):`, terminal, '  ')),
        ...wrap(runError(report) ? `${problem}: ${text}` : text, terminal, indent),
        ...(command === undefined ? [] : [`${indent}  ${command}`]),
        ...(rest === undefined ? [] : wrap(rest, terminal, indent)),
      ];
    }),
    ...(stillGiven === undefined
      ? []
      : wrap(`ForgottenStillGiven: ${withFlags(stillGiven, opsFlags)}`, terminal, '  ')),
    ...(rejected.length === 0
      ? []
      : [
          ...wrap(`RowsRejected (${foldedList(rejected)}): they ${noUsableKey}`, terminal, '  '),
          `    ${out === '' ? rejectedSql : queryCommand(rejectedSql, out)}`,
        ]),
    ...(unfitColumns.length === 0 ? [] : unfitLines(report, { terminal, opsFlags })),
    ...wrap(runbookLine, terminal, '  ').map((line) => paint(terminal, 'dim', line)),
  ].join('\n');
}

function unfitLines(
  { tables, unfitColumns = [] }: RunReport,
  { terminal, opsFlags }: { readonly terminal: Terminal; readonly opsFlags: string },
): string[] {
  const told = unfitText(unfitColumns, rejectedTables(tables));
  const { text, command } = withCommandApart(`ValuesDoNotFit: ${told}`, opsFlags);
  return [...wrap(text, terminal, '  '), ...(command === undefined ? [] : [`    ${command}`])];
}
