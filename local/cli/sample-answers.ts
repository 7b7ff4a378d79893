/** Answers to a few queries on the tables of a run. */

import { folderObjects } from '../run/folder-objects.ts';
import { readTables } from '../run/read-tables.ts';
import { missingPackage } from './missing-package.ts';
import { namedCommand } from './suggested-command.ts';
import type { Terminal } from './terminal.ts';
import { type Cell, textTable } from './text-table.ts';
import { unreadableLake } from './unreadable-lake.ts';
import { UsageError } from './usage-error.ts';

/** Most rows of an answer. */
const mostRows = 8;

const questions = [
  {
    question: 'Leads by qualification',
    tables: ['leads'],
    sql: `SELECT coalesce(CAST(is_qualified AS VARCHAR), 'unknown') AS qualified, count(*)::INTEGER AS leads,
      max(updated_at)::VARCHAR AS last_change FROM leads GROUP BY 1 ORDER BY 2 DESC`,
    named: 'lead_funnel',
  },
  {
    question: 'Messages by channel and direction',
    tables: ['lead_messages'],
    sql: `SELECT channel, direction, count(*)::INTEGER AS messages, count(DISTINCT lead_id)::INTEGER AS leads
      FROM lead_messages GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`,
    named: 'message_volume',
  },
  {
    question: 'Campaigns by runs',
    tables: ['campaigns', 'campaign_runs'],
    sql: `SELECT c.id AS campaign, c.status, count(r.id)::INTEGER AS runs FROM campaigns c
      LEFT JOIN campaign_runs r ON r.campaign_id = c.id GROUP BY 1, 2 ORDER BY 3 DESC, 1`,
    named: 'campaign_performance_by_run',
  },
] as const;

/** Loads DuckDB, which takes a while. If it cannot be loaded, `sampleAnswers` says why. */
export async function prepareAnswers(): Promise<void> {
  await import('../run/lake.ts').catch(() => {});
}

/**
 * Asks DuckDB a few queries on the tables in `out`. Returns the answers, or the reason why there are none: it throws
 * nothing, because the result of the run must be shown even if DuckDB cannot read its tables.
 */
export async function sampleAnswers(out: string, terminal: Terminal): Promise<string> {
  try {
    return await ask(out, terminal);
  } catch (error) {
    const known = missingPackage(error) ?? error;
    return `The tables cannot be queried. ${known instanceof UsageError ? known.message : await unreadableLake(error, out)}`;
  }
}

/** The first rows as a table. If there are more, a line says so, with a command that shows them. */
export function shortTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  command: string,
  terminal: Terminal,
): string {
  const table = textTable(head, rows.slice(0, mostRows), terminal);
  return rows.length > mostRows ? `${table}\n${mostRows} of ${rows.length} rows. More: ${command}` : table;
}

async function ask(out: string, terminal: Terminal): Promise<string> {
  const { openLake } = await import('../run/lake.ts');
  const tables: string[] = questions.flatMap((each) => each.tables);
  const connection = await openLake(out, tables);
  // A table that was not read is empty, and its answer would be a zero that is false.
  const read = await readTables(folderObjects(out), tables);
  const parts: string[] = [];
  for (const { question, sql, named, tables: needed } of questions) {
    if (!needed.every((table) => read.includes(table))) continue;
    const reader = await connection.runAndReadAll(sql);
    const rows = reader
      .getRowsJson()
      .map((row) => row.map((cell) => (typeof cell === 'number' || typeof cell === 'string' ? cell : null)));
    if (rows.length === 0) continue;
    parts.push(`${question}:\n${shortTable(reader.columnNames(), rows, namedCommand(named, out), terminal)}`);
  }
  return parts.join('\n\n');
}
