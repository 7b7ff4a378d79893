import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Table } from '../../lambdas/contract/stream.ts';
import { duckdbTypes } from '../../local/run/lake.ts';

/** A cell as a test writes it: times as ISO text. */
export type Cell = string | number | boolean | null;
export type TestRow = Readonly<Record<string, Cell>>;

export async function emptyDuckdb(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

/** Creates an empty table with the lake's columns and `dt`. @param types names of column types, by default DuckDB's */
export async function createTable(
  connection: DuckDBConnection,
  name: string,
  table: Table,
  types: typeof duckdbTypes = duckdbTypes,
): Promise<void> {
  const columns = Object.entries(table.columns).map(([column, { type }]) => `"${column}" ${types[type]}`);
  await connection.run(`CREATE TABLE "${name}" (${columns.join(', ')}, dt DATE)`);
}

/** Replaces the table's rows. Columns that a row does not name are null. */
export async function fillTable(connection: DuckDBConnection, name: string, rows: readonly TestRow[]): Promise<void> {
  await connection.run(`DELETE FROM "${name}"`);
  for (const row of rows) {
    const columns = Object.keys(row).map((column) => `"${column}"`);
    await connection.run(
      `INSERT INTO "${name}" (${columns.join(', ')}) VALUES (${Object.values(row).map(literal).join(', ')})`,
    );
  }
}

function literal(cell: Cell): string {
  return typeof cell === 'string' ? `'${cell.replaceAll("'", "''")}'` : String(cell);
}
