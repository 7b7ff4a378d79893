/**
 * A copy of the tables without personal data, in a DuckDB file of its own. Questions are asked of the copy, by a DuckDB
 * that can reach nothing else. So no question can reach what is masked, however it is written.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { typed } from '../local/cli/command-names.ts';
import { currentFiles, historyFiles, type LakeFile, rowsSql } from '../local/run/lake.ts';
import { type ExposedTable, isMasked } from './exposed-tables.ts';
import type { LakeSource } from './lake-source.ts';

/** Stands for a value that is masked. A null stays null. */
export const mask = '[masked]';

/** The files of a table cannot be read. The message quotes nothing from them. */
export class UnreadableTableError extends Error {
  constructor(table: string, cause: unknown) {
    super(
      `The files of ${table} could not be read. A run may just have replaced them: ask again. If it lasts: ${typed('ops audit')}.`,
      { cause },
    );
  }
}

const alias = 'copy_of_the_lake';

export class MaskedCopy {
  readonly #source: LakeSource;
  readonly #tables: readonly ExposedTable[];
  readonly #isMasking: boolean;
  readonly #folder: string;
  /** The keys of the files that each table was copied from, as text, by table. */
  readonly #copied = new Map<string, string>();

  private constructor(source: LakeSource, tables: readonly ExposedTable[], isMasking: boolean, folder: string) {
    this.#source = source;
    this.#tables = tables;
    this.#isMasking = isMasking;
    this.#folder = folder;
  }

  /** @param isMasking false: personal data is copied, too */
  static async create(source: LakeSource, tables: readonly ExposedTable[], isMasking: boolean): Promise<MaskedCopy> {
    const copy = new MaskedCopy(source, tables, isMasking, await mkdtemp(join(tmpdir(), 'prospect-lake-copy-')));
    await copy.#write(async () => {});
    return copy;
  }

  /** The DuckDB file. Nobody may have it open while {@link refresh} runs. */
  get path(): string {
    return join(this.#folder, 'copy.duckdb');
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Copies the tables whose names occur in the SQL, if their files have changed. If a table is overlooked, DuckDB does
   * not find it, and the query fails. Nothing worse can happen.
   */
  async refresh(sql: string): Promise<void> {
    const words = new Set(sql.toLowerCase().match(/\w+/g));
    const stale: { table: ExposedTable; files: readonly LakeFile[]; version: string }[] = [];
    for (const table of this.#tables.filter(({ name }) => words.has(name))) {
      const files = await this.#filesOf(table);
      const version = files.map(({ key }) => key).join('\n');
      if (this.#copied.get(table.name) !== version) stale.push({ table, files, version });
    }
    if (stale.length === 0) return;
    await this.#write(async (connection) => {
      for (const { table, files, version } of stale) {
        await this.#source.withFiles(files, async (paths) => {
          await connection.run(this.#copySql(table, paths)).catch((error: unknown) => {
            throw new UnreadableTableError(table.name, error);
          });
        });
        this.#copied.set(table.name, version);
      }
    });
  }

  async #filesOf({ table, isCurrent }: ExposedTable): Promise<LakeFile[]> {
    return isCurrent ? currentFiles(this.#source.store, table.name) : historyFiles(this.#source.store, table.name);
  }

  #copySql({ name, table, isCurrent }: ExposedTable, paths: readonly string[]): string {
    // Copies only declared columns. Any other column of a file may contain personal data.
    const columns = Object.entries(table.columns).map(([column, declared]) =>
      this.#isMasking && isMasked(column, declared)
        ? `CASE WHEN "${column}" IS NOT NULL THEN '${mask}' END AS "${column}"`
        : `"${column}"`,
    );
    const all = [...columns, ...(isCurrent ? [] : ['dt'])].join(', ');
    return `CREATE OR REPLACE TABLE ${alias}."${name}" AS SELECT ${all} FROM (${rowsSql(table, paths, !isCurrent)})`;
  }

  async #write(work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      await connection.run(`ATTACH '${this.path.replaceAll("'", "''")}' AS ${alias}`);
      await work(connection);
      await connection.run(`DETACH ${alias}`);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }
}
