/** The forms in which `query` gives the answer of DuckDB. */

import { once } from 'node:events';
import {
  DuckDBDecimalValue,
  type DuckDBResult,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValueConverter,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import { counted } from '../../lambdas/core/runs/counted.ts';
import { printable } from './printable.ts';
import { terminalOf } from './terminal.ts';
import { type Cell, textTable } from './text-table.ts';

/** Most rows that a table on the screen has, unless all are asked for. */
const mostRowsShown = 1_000;

/** Prints every row as JSON. Whole numbers of any size and decimals are printed as numbers with all their digits. */
export async function writeAsJson(answer: DuckDBResult): Promise<void> {
  const names = answer.deduplicatedColumnNames();
  let lead = '[';
  for await (const rows of answer.yieldConvertedRows(jsonOf)) {
    const texts = rows.map((row) =>
      printable(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index]])))),
    );
    if (texts.length === 0) continue;
    await write(lead + texts.join(',\n'));
    lead = ',\n';
  }
  await write(lead === '[' ? '[]\n' : ']\n');
}

/**
 * Prints every row as CSV (RFC 4180, with line feeds). A null is empty, an empty text is `""`. On a terminal, control
 * characters are escaped.
 */
export async function writeAsCsv(answer: DuckDBResult): Promise<void> {
  const safe = process.stdout.isTTY ? printable : (text: string) => text;
  const line = (cells: readonly Json[]) => `${cells.map((cell) => safe(csvField(cell))).join(',')}\n`;
  await write(line(answer.columnNames()));
  for await (const rows of answer.yieldRowsJson()) await write(rows.map(line).join(''));
}

function csvField(value: Json): string {
  if (value === null) return '';
  const text = textOf(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Unlike an empty text. */
const shownNull = 'NULL';

/**
 * Prints the rows as a table, a null as `NULL`. If there are none or too many, says so.
 * @param all whether every row is printed
 * @param counts whether the number of rows is printed too
 */
export async function writeAsTable(answer: DuckDBResult, all: boolean, counts: boolean): Promise<void> {
  const most = all ? Number.POSITIVE_INFINITY : mostRowsShown;
  const shown: Cell[][] = [];
  let count = 0;
  for await (const rows of answer.yieldRowsJson()) {
    count += rows.length;
    for (const row of rows.slice(0, most - shown.length))
      shown.push(row.map((value) => (value === null ? shownNull : printable(textOf(value)))));
  }
  const right = answer.columnTypes().map(isNumber);
  const names = answer.columnNames().map(printable);
  const table = textTable(names, shown, terminalOf(process.stdout), { right });
  // A narrow terminal gets no header.
  await write(table === '' ? '' : `${table}\n`);
  if (count === 0 || (counts && count === shown.length)) await write(`(${counted(count, 'row')})\n`);
  if (count > shown.length) {
    const [some, whole] = [shown.length, count].map((number) => number.toLocaleString('en-US'));
    await write(`The first ${some} of ${whole} rows; --all, --csv or --json gives all.\n`);
  }
}

/** Keeps the digits of a number as DuckDB gives them: grouping and rounding would change ids and amounts. */
function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const numbers = new Set<DuckDBTypeId>([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);

function isNumber({ typeId }: DuckDBType): boolean {
  return numbers.has(typeId);
}

const jsonOf: DuckDBValueConverter<Json> = (value, type, converter) => {
  const isWhole = typeof value === 'bigint' || value instanceof DuckDBDecimalValue;
  const number: unknown = isWhole ? JSON.rawJSON(String(value)) : undefined;
  return isNumberText(number) ? number : JsonDuckDBValueConverter(value, type, converter);
};

const isNumberText = (value: unknown): value is Json => typeof value === 'object';

/** Writes to standard output, and waits if its reader is slower than DuckDB. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
