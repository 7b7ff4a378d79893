/** Three independent Parquet readers. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import parquetjs from 'parquetjs-lite';
import { z } from 'zod';
import type { ColumnType, ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Table } from '../../lambdas/contract/stream.ts';
import { writeParquet } from '../../lambdas/core/rows/parquet/write.ts';
import type { ParsedRow } from '../../lambdas/core/rows/rows.ts';

type Rows = Record<string, unknown>[];

export async function readWithHyparquet(bytes: Uint8Array): Promise<Rows> {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer, compressors });
  // hyparquet reads a null list as undefined.
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null])));
}

/** A separate DuckDB, and a folder for the files that it reads. */
export class DuckDbReader {
  readonly #connection: DuckDBConnection;
  readonly #folder: string;
  #files = 0;

  private constructor(connection: DuckDBConnection, folder: string) {
    this.#connection = connection;
    this.#folder = folder;
  }

  static async open(): Promise<DuckDbReader> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run("SET TimeZone = 'UTC'");
    return new DuckDbReader(connection, await mkdtemp(join(tmpdir(), 'prospect-lake-duckdb-')));
  }

  /** Runs a query on a Parquet file. @param sql with `FILE` in place of the file's path */
  async query(bytes: Uint8Array, sql = 'SELECT * FROM FILE'): Promise<Rows> {
    this.#files += 1;
    const path = join(this.#folder, `${this.#files}.parquet`);
    await writeFile(path, bytes);
    return this.queryFile(path, sql);
  }

  async queryFile(path: string, sql: string): Promise<Rows> {
    const reader = await this.#connection.runAndReadAll(sql.replaceAll('FILE', `'${path}'`));
    return reader.getRowObjectsJS();
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    await rm(this.#folder, { recursive: true });
  }
}

/**
 * Rows as parquetjs-lite reads them. It supports neither zstd nor dictionaries, accepts only version 1 in the footer,
 * and fails at every timestamp, even at its own. So the rows are written with snappy and plain pages, and the footer
 * is changed to version 1 and to integers instead of timestamps.
 */
export async function readWithParquetjs(table: Table, rows: readonly ParsedRow[]): Promise<Rows> {
  const bytes = Buffer.from(writeParquet(table, rows, { codec: 'SNAPPY', dictionaries: false }));
  const envelope = await parquetjs.ParquetEnvelopeReader.openBuffer(bytes);
  const footer = await envelope.readFooter();
  footer.version = 1;
  for (const element of footer.schema)
    if (table.columns[element.name]?.type === 'timestamp') element.converted_type = null;
  const cursor = new parquetjs.ParquetReader(footer, envelope).getCursor();
  const read: Rows = [];
  for (let row = await cursor.next(); row; row = await cursor.next()) {
    const values = row;
    const named = Object.entries(table.columns).map(([name, { type }]) => [
      name,
      fromParquetjs[type]?.(values[name] ?? null) ?? values[name] ?? null,
    ]);
    read.push(Object.fromEntries(named));
  }
  return read;
}

const fromParquetjs: Partial<Record<ColumnType, (value: unknown) => unknown>> = {
  timestamp: (value) => (typeof value === 'bigint' ? new Date(Number(value)) : null),
  date: (value) => (typeof value === 'number' ? new Date(value * 86_400_000) : null),
  string_list: (value) => parquetjsList.parse(value)?.list.map(({ element }) => element) ?? null,
};

/** parquetjs-lite returns lists in the shape of their schema; an empty one has no member `list`. */
const parquetjsList = z.object({ list: z.array(z.object({ element: z.string() })).default([]) }).nullable();

/** Writes the rows with the lake's writer, and reads them with each engine. @returns the rows by the engine's name */
export async function readEverywhere(
  duckDb: DuckDbReader,
  table: Table,
  rows: readonly ParsedRow[],
): Promise<Record<string, Rows>> {
  const bytes = writeParquet(table, rows);
  return {
    hyparquet: await readWithHyparquet(bytes),
    DuckDB: await duckDb.query(bytes),
    'parquetjs-lite': await readWithParquetjs(table, rows),
  };
}

/** A row with a value or null for each column, as the engines return it. */
export function withNulls(table: Table, row: ParsedRow): Record<string, ColumnValue> {
  return Object.fromEntries(Object.keys(table.columns).map((name) => [name, row[name] ?? null]));
}
