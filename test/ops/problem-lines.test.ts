import { expect, it } from 'vitest';
import { pipe } from '../../local/cli/terminal.ts';
import { problemLines } from '../../ops/lake/problem-lines.ts';
import { night } from '../support/status-facts.ts';
import { tableReport } from '../support/table-report.ts';
import { unfitColumn } from '../support/unfit-column.ts';

it('a run that a command started tells the columns whose values do not fit, and in a deployed workspace gives SQL alone', async () => {
  const tables = { jobs: tableReport({ rowsExtracted: 900, rowsRejected: 5 }) };
  const report = night(24, { tables, unfitColumns: [unfitColumn] });
  const told = (await problemLines(report, { local: undefined, terminal: pipe })).join('\n');
  expect(told).toContain('ValuesDoNotFit: created_at is null in jobs');
  expect(told).toContain('\n    SELECT table_name, reason, count(*) FROM rejected_rows GROUP BY 1, 2\n');
  expect(await problemLines(night(24), { local: undefined, terminal: pipe })).toEqual([]);
});
