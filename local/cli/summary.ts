/** The result of a run as text, and the answers to a few queries on its tables. */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { FunctionMemory } from '../cloud/lambda/functions.ts';
import { openLake } from '../run/lake.ts';
import { defaultOut, queryCommand } from './suggested-command.ts';
import { textTable } from './text-table.ts';
import { unreadableLake } from './unreadable-lake.ts';
import { UsageError } from './usage-error.ts';

type Counts = RunReport['tables'][string];

/** Optional columns: each is shown only if it is not 0 for every table. */
const optionalColumns: readonly (readonly [string, (table: Counts) => number])[] = [
  ['unchanged', ({ rowsUnchanged }) => rowsUnchanged],
  ['healed', ({ rowsHealed }) => rowsHealed],
  ['deleted', ({ rowsDeleted }) => rowsDeleted],
  ['suspected', ({ rowsSuspected }) => rowsSuspected],
  ['rejected', ({ rowsRejected }) => rowsRejected],
];

/** @param confirmed report of the run that confirmed the deletions that the run of `report` suspected */
export function summaryOf(report: RunReport, seconds: number, out = defaultOut, confirmed?: RunReport): string {
  const tables = Object.entries(report.tables);
  const sum = (of: (table: Counts) => number, all = report) =>
    Object.values(all.tables).reduce((total, table) => total + of(table), 0);
  const shown = optionalColumns.filter(([, of]) => sum(of) > 0);
  const head = ['table', 'status', 'rows', 'changed', ...shown.map(([name]) => name), 'KiB', 'requests'];
  const rows = tables.map(([name, table]) => [
    name,
    table.status,
    table.rowsWritten,
    table.rowsChanged,
    ...shown.map(([, of]) => of(table)),
    Math.ceil(table.bytes / 1024),
    table.requests,
  ]);
  const rejected = sum(({ rowsRejected }) => rowsRejected);
  const setAside = `${rejected.toLocaleString('en-US')} rows were rejected because they have no usable key. To see the reasons: ${queryCommand('SELECT table_name, reason, count(*) FROM rejected_rows GROUP BY 1, 2', out)}`;
  const errors = errorLines(report);
  const total = sum(({ rowsWritten }) => rowsWritten);
  const notes = Object.entries(report.tables).flatMap(([name, table]) =>
    table.notes.map((note) => `  ${name}: ${note}`),
  );
  return [
    textTable(head, rows),
    '',
    `Run ${report.runId} is ${report.status}: ${total.toLocaleString('en-US')} rows in ${rows.length} tables, ${seconds.toFixed(1)} s.`,
    ...(confirmed
      ? [
          `${sum(({ rowsDeleted }) => rowsDeleted, confirmed)} rows were deleted: the API did not give them, also when it was asked a second time.`,
        ]
      : []),
    ...(rejected > 0 ? [setAside] : []),
    ...(notes.length > 0 ? ['Notes:', ...notes] : []),
    ...(errors.length > 0 ? ['These tables could not be read completely:', ...errors] : []),
  ].join('\n');
}

/** One line for each error message, with the tables that the error left incomplete. */
export function errorLines(report: RunReport): string[] {
  const tables = new Map<string, string[]>();
  for (const [name, { error }] of Object.entries(report.tables)) {
    if (error) tables.set(error.message, [...(tables.get(error.message) ?? []), name]);
  }
  return [...tables].map(([message, names]) => `  ${names.join(', ')}: ${message}`);
}

/**
 * One line with the peak memory of each function: the resident set of its largest process, as the kernel counts it.
 */
export function memoryLine(memory: readonly FunctionMemory[]): string {
  const used = memory.filter(({ peakBytes }) => peakBytes > 0);
  const parts = used.map(({ functionName, peakBytes }) => `${functionName} ${Math.round(peakBytes / 2 ** 20)} MiB`);
  return `Peak memory of a process: ${parts.join(', ')}.`;
}

const questions = [
  {
    question: 'Leads by qualification',
    sql: `SELECT coalesce(CAST(is_qualified AS VARCHAR), 'unknown') AS qualified, count(*)::INTEGER AS leads,
      max(updated_at)::VARCHAR AS last_change FROM leads GROUP BY 1 ORDER BY 2 DESC`,
  },
  {
    question: 'Messages by channel and direction',
    sql: `SELECT channel, direction, count(*)::INTEGER AS messages, count(DISTINCT lead_id)::INTEGER AS leads
      FROM lead_messages GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 6`,
  },
  {
    question: 'Campaigns by runs',
    sql: `SELECT c.id AS campaign, c.status, count(r.id)::INTEGER AS runs FROM campaigns c
      LEFT JOIN campaign_runs r ON r.campaign_id = c.id GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 5`,
  },
] as const;

/**
 * Asks DuckDB a few queries on the tables in `out`. Returns the answers, or the reason why there are none: it throws
 * nothing, because a damaged file of an earlier run must not hide the result of the current one.
 */
export async function sampleAnswers(out: string): Promise<string> {
  try {
    return await ask(out);
  } catch (error) {
    return `The tables cannot be queried. ${error instanceof UsageError ? error.message : await unreadableLake(error, out)}`;
  }
}

async function ask(out: string): Promise<string> {
  const connection = await openLake(out);
  const parts: string[] = [];
  for (const { question, sql } of questions) {
    const reader = await connection.runAndReadAll(sql);
    const rows = reader
      .getRowsJson()
      .map((row) => row.map((cell) => (typeof cell === 'number' || typeof cell === 'string' ? cell : null)));
    if (rows.length > 0) parts.push(`${question}:\n${textTable(reader.columnNames(), rows)}`);
  }
  return parts.join('\n\n');
}
