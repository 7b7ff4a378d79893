import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { UsageError } from '../usage-error.ts';

/**
 * The state of the embedded cloud that is not plain files: messages, what S3 knows of each object, and the
 * secrets that the cloud made up itself.
 *
 * Writes made in one turn of the event loop are one transaction, committed before any answer leaves. They
 * are not forced to the disk: they outlive the process, killed at whatever moment, not the machine.
 */
export class StateFile {
  readonly #database: DatabaseSync;
  #open = false;

  /** @param folder made where it is missing */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#database = new DatabaseSync(join(folder, 'state.sqlite'));
    try {
      this.#database.exec(`
        PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS messages (
          id TEXT PRIMARY KEY, queue TEXT NOT NULL, message TEXT NOT NULL, receives INTEGER NOT NULL, first_received INTEGER
        );
        CREATE TABLE IF NOT EXISTS objects (
          bucket TEXT NOT NULL, key TEXT NOT NULL, object TEXT NOT NULL, upload TEXT NOT NULL, PRIMARY KEY (bucket, key)
        );
        CREATE TABLE IF NOT EXISTS generated_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS switched_off (id TEXT PRIMARY KEY);
        COMMIT;`);
    } catch (error) {
      this.#database.close();
      if (error instanceof Error && error.message.includes('locked')) {
        throw new UsageError(
          `Another run is using ${folder}. Wait until it ends, or choose another folder with --out.`,
        );
      }
      throw error;
    }
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /** Makes what is written in this turn of the event loop one transaction. */
  join(): void {
    if (this.#open) return;
    this.#database.exec('BEGIN');
    this.#open = true;
    queueMicrotask(() => this.commit());
  }

  commit(): void {
    if (!this.#open) return;
    this.#database.exec('COMMIT');
    this.#open = false;
  }

  close(): void {
    this.commit();
    this.#database.close();
  }
}
