/** Which columns of a query are null in rows although the API gives a value, because the values do not fit. */

import { DuckDBInstance } from '@duckdb/node-api';
import { pageStateKey } from '../../lambdas/contract/object-keys.ts';
import { historyName } from '../../lambdas/contract/stream.ts';
import type { UnfitColumn } from '../../lambdas/contract/unfit-columns.ts';
import { pageState } from '../../lambdas/core/page/page-state.ts';
import type { ReadableStore } from '../../lambdas/core/ports.ts';
import { counted, number } from '../../lambdas/core/runs/counted.ts';
import { standingUnfit } from '../../lambdas/core/runs/standing-unfit.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { streams } from '../../lambdas/streams/registry.ts';

/**
 * A sentence for each column that the SQL names and whose values do not fit, as the page and `ops status` know them.
 * Without it, such a null would look like one that the API gave.
 * @param tables that the SQL reads, in lower case
 */
export async function unfitTexts(store: ReadableStore, sql: string, tables: readonly string[]): Promise<string[]> {
  const asked = new Set(
    streams
      .filter((stream) => tables.includes(stream.name) || tables.includes(historyName(stream)))
      .map(({ name }) => name),
  );
  // The state of the page has what the last runs found in one object. Without it, nothing is said.
  const state = await readJson(store, pageStateKey, pageState).catch(() => undefined);
  const unfit = standingUnfit(state?.value.runs ?? []).filter(({ table }) => asked.has(table));
  if (unfit.length === 0) return [];
  const named = await columnNamesIn(sql);
  return unfit.filter(({ column }) => named.has(column.toLowerCase())).map(textOf);
}

function textOf({ table, column, unfit, values }: UnfitColumn): string {
  return `${column} of ${table} is null in rows whose values do not fit it: they are in _extra. A run last met them in ${number(unfit)} of ${counted(values, 'row')}.`;
}

/** The columns that a SELECT names, in lower case. A name in a text is none. */
async function columnNamesIn(sql: string): Promise<Set<string>> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const parsed = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
    const names = new Set<string>();
    JSON.parse(String(parsed.getRows()[0]?.[0]), (key, value: unknown) => {
      if (key === 'column_names' && Array.isArray(value))
        for (const name of value) names.add(String(name).toLowerCase());
      return value;
    });
    return names;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
