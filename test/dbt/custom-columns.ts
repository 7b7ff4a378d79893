/** A lake's tables with custom columns, and what the staging models have of them. */

import { deepEqual } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { duckdbTypes, writeLakeDatabase } from '../../local/run/lake.ts';

/** SQL reserves the name `order`. */
const columns = { renewed_at: 'timestamp', order: 'integer' } as const;
/** Their types in the staging models, where times have no zone. */
const staged = [
  ['renewed_at', 'TIMESTAMP'],
  ['order', 'BIGINT'],
];

/** The dbt variables that name the columns, by table. */
export const customColumns = JSON.stringify({ custom_columns: { leads: columns, billing_usage: columns } });
const tables = ['leads', 'billing_usage_history'];
export const customModels = tables.map((table) => `stg_${table}`);

/** Writes the views of a lake to a DuckDB file, with the custom columns. */
export async function writeWithCustomColumns(out: string, database: string): Promise<void> {
  rmSync(database, { force: true });
  await writeLakeDatabase(out, database);
  const added = Object.entries(columns).map(([column, type]) => `NULL::${duckdbTypes[type]} AS "${column}"`);
  await withDatabase(database, async (connection) => {
    for (const table of tables) {
      await connection.run(`ALTER VIEW ${table} RENAME TO ${table}_declared`);
      await connection.run(`CREATE VIEW ${table} AS SELECT *, ${added.join(', ')} FROM ${table}_declared`);
    }
  });
}

/** @throws AssertionError if the custom columns are not the last ones of their staging models */
export async function checkCustomColumns(database: string): Promise<void> {
  await withDatabase(database, async (connection) => {
    for (const model of customModels) {
      const described = await connection.runAndReadAll(
        `SELECT column_name, column_type FROM (DESCRIBE models.${model})`,
      );
      deepEqual(described.getRows().slice(-staged.length), staged, `${model} lacks the custom columns.`);
    }
  });
  process.stdout.write(`The staging models have the custom columns: ${customModels.join(', ')}.\n`);
}

async function withDatabase(database: string, use: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  try {
    await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
