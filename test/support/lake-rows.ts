import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { openLake } from '../../local/run/lake.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';

/** Keys of every row in the tables of an output folder, by table; sorted. The history has a key for every version. */
export async function keysInLake(
  out: string,
  tables: readonly string[] = streams.map(({ name }) => name),
  of: '_history' | '' = '_history',
): Promise<Record<string, string[]>> {
  const connection = await openLake(out);
  const keys: Record<string, string[]> = {};
  for (const table of tables) {
    const columns = streamNamed(table).key.map((name) => `CAST("${name}" AS VARCHAR)`);
    const reader = await connection.runAndReadAll(`SELECT ${['1', ...columns].join(', ')} FROM "${table}${of}"`);
    keys[table] = reader
      .getRows()
      .map(([, ...values]) => values.map(String).join('/'))
      .toSorted();
  }
  return keys;
}

/** Keys of every row of the simulator, by table; sorted. */
export function keysInSimulator(
  simulator: Simulator,
  tables: readonly string[] = streams.map(({ name }) => name),
): Record<string, string[]> {
  return Object.fromEntries(
    tables.map((table) => [
      table,
      [...simulator.expectedRows(table)]
        .map((row) =>
          streamNamed(table)
            .key.map((name) => String(row[name]))
            .join('/'),
        )
        .toSorted(),
    ]),
  );
}

/** Every row of each table as text, without the columns that differ between runs; sorted. */
export async function rowsInLake(
  out: string,
  tables: readonly string[] = streams.map(({ name }) => name),
): Promise<Record<string, string[]>> {
  const connection = await openLake(out);
  const rows: Record<string, string[]> = {};
  for (const table of tables) {
    const reader = await connection.runAndReadAll(
      `SELECT * EXCLUDE (_run_id, _extracted_at, _request_id, dt) FROM "${table}_history"`,
    );
    rows[table] = reader
      .getRowsJson()
      .map((row) => JSON.stringify(row))
      .toSorted();
  }
  connection.closeSync();
  return rows;
}
