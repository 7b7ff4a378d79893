import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { columnsToAdd, settingText } from '../../lambdas/core/runs/columns-to-add.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { configFileName } from '../../lib/config/load-workspaces.ts';
import { paint, type Terminal, wrap } from './terminal.ts';

export const columnsTitle = (): string => `Columns for ${configFileName()}, for what has none`;

const personalHint =
  "personal: 'quote' hides what the column holds: mcp masks it, and personalData drops it. Say false if it is nothing personal, and mcp shows it; or say the kind, such as 'name'.";

/** Columns to be copied into the configuration, which are not broken into lines, and what a person decides of them. */
export function columnLines(columns: CustomColumns, terminal: Terminal): string[] {
  return [`  ${settingText(columns)},`, ...wrap(personalHint, terminal, '    ')];
}

/** The columns for what runs found, below a title; none if every value has a column. */
export function addedColumnLines(
  found: Pick<RunReport, 'schemaChanges' | 'unfitColumns'>,
  customColumns: CustomColumns,
  terminal: Terminal,
): string[] {
  const columns = columnsToAdd(
    found,
    streams.map((stream) => withCustomColumns(stream, customColumns)),
  );
  return columns
    ? [
        ...wrap(`${columnsTitle()}:`, terminal).map((line) => paint(terminal, 'bold', line)),
        ...columnLines(columns, terminal),
      ]
    : [];
}
