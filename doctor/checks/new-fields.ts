/** The columns that a configuration can add for fields without a column, and for values that do not fit theirs. */

import { type Column, columnsByField } from '../../lambdas/contract/column-types.ts';
import type { CustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { foldUnfit } from '../../lambdas/core/publish/fold-unfit.ts';
import { columnFor } from '../../lambdas/core/publish/suggest-column.ts';
import { columnParsers } from '../../lambdas/core/rows/column-parsers.ts';
import { FieldCounter } from '../../lambdas/core/rows/field-counter.ts';
import { type AddedColumn, withColumns } from '../../lambdas/core/runs/columns-to-add.ts';
import { secondColumnFor } from '../../lambdas/core/runs/unfit-text.ts';
import type { Row } from '../contract/page.ts';
import type { Endpoint } from './endpoints.ts';

/**
 * Gives each new field of the API a column, and each field whose values do not fit a second one, beside the columns that
 * the configuration has already.
 * @returns undefined if every value has a column
 */
export function missingColumns(endpoints: readonly Endpoint[], configured: CustomColumns): CustomColumns | undefined {
  const added: AddedColumn[] = [];
  for (const { operation, page, differences } of endpoints) {
    const { stream } = operation;
    const taken = Object.entries(configured[stream.name] ?? {}).map(([name, { field = name }]) => field);
    for (const { kind, field } of differences) {
      if (kind === 'missing' || taken.includes(field)) continue;
      const column = kind === 'new' ? newColumn(stream, field, page?.rows) : secondColumn(stream, field, page?.rows);
      if (column) added.push({ table: stream.name, column });
    }
  }
  return withColumns(configured, added);
}

function newColumn(stream: Stream, field: string, rows: readonly Row[] = []) {
  return columnFor(stream, field, countsOf(field, rows).fields[field]);
}

function secondColumn(stream: Stream, field: string, rows: readonly Row[] = []): CustomColumns[string] | undefined {
  const [name = ''] = columnsByField(stream.columns).get(field) ?? [];
  const counts = countsOf(field, rows, stream.columns[name]);
  const reading = { counts, startedAt: new Date().toISOString(), extent: 'some' as const };
  const unfit = foldUnfit(stream, [], reading).find((one) => one.column === name);
  if (!unfit) return undefined;
  const second = secondColumnFor(unfit, stream);
  return { [second.name]: second.settings };
}

/** @param column of the field; undefined if it has none */
function countsOf(field: string, rows: readonly Row[], column?: Column) {
  const counter = new FieldCounter();
  for (const row of rows) {
    const value = row[field];
    if (value === undefined) continue;
    const text = () => JSON.stringify(value);
    const isFit = column && (value === null || columnParsers[column.type](value, text) !== undefined);
    counter.add(field, value, text, isFit ? 'fits' : column ? 'unfit' : 'none');
  }
  return counter.counts;
}
