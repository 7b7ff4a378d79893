/** The columns that a configuration can add for fields which the contract does not name. */

import type { CustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { columnFor } from '../../lambdas/core/publish/suggest-column.ts';
import { FieldCounter } from '../../lambdas/core/rows/field-counter.ts';
import type { Endpoint } from './endpoints.ts';

/**
 * Gives each new field of the API a column, beside the columns that the configuration has already.
 * @returns undefined if no field is new
 */
export function columnsForNewFields(
  endpoints: readonly Endpoint[],
  configured: CustomColumns,
): CustomColumns | undefined {
  const columns: CustomColumns = structuredClone(configured);
  let isMore = false;
  for (const { operation, page, differences } of endpoints) {
    const { stream } = operation;
    const taken = Object.entries(columns[stream.name] ?? {}).map(([name, { field = name }]) => field);
    for (const { kind, field } of differences) {
      const column =
        kind === 'new' && !taken.includes(field) && columnFor(stream, field, countOf(field, page?.rows ?? []));
      if (!column) continue;
      columns[stream.name] = { ...columns[stream.name], ...column };
      isMore = true;
    }
  }
  return isMore ? columns : undefined;
}

function countOf(field: string, rows: readonly Readonly<Record<string, unknown>>[]) {
  const counter = new FieldCounter();
  for (const row of rows) {
    const value = row[field];
    if (value !== undefined) counter.add(field, value, () => JSON.stringify(value), 'none');
  }
  return counter.counted(field);
}
