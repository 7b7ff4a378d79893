import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { z } from 'zod';
import { startCommand } from '../cli/out-flag.ts';
import { UsageError } from '../cli/usage-error.ts';
import { openDatabase } from './sqlite.ts';

const quickCheck = z.object({ quick_check: z.string() });
const sqliteError = z.object({ errcode: z.number(), message: z.string() });
/** SQLite's result codes: https://www.sqlite.org/rescode.html. Extended codes use the upper bytes. */
const codes = { busy: 5, locked: 6, corrupt: 11, notDatabase: 26 };

/** Another process holds the lock of the folder. */
export class FolderInUseError extends UsageError {}

/**
 * The state of the embedded cloud that is not in plain files: messages, the metadata of S3 objects, generated secrets,
 * and what is switched off.
 *
 * All writes in one turn of the event loop form one transaction, which is committed before the server sends any answer.
 * Writes are not forced to the disk: they survive a kill of the process at any moment, but not a crash of the machine.
 * SQLite overwrites deleted rows (`secure_delete`). Otherwise the file would keep the bytes of old messages, and with them
 * the ids of people who were forgotten.
 */
export class StateFile {
  readonly #database: DatabaseSync;
  #open = false;

  /**
   * Opens the file and locks the folder until `close`.
   * @param folder `.cloud` in the output folder; created if it is missing
   * @throws UsageError if another process holds the lock, or the file is damaged
   */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'state.sqlite');
    this.#database = openDatabase(file);
    try {
      this.#database.exec(`
        PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
        PRAGMA secure_delete = ON; BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS messages (
          id TEXT PRIMARY KEY, queue TEXT NOT NULL, message TEXT NOT NULL, receives INTEGER NOT NULL, first_received INTEGER
        );
        CREATE TABLE IF NOT EXISTS objects (
          bucket TEXT NOT NULL, key TEXT NOT NULL, object TEXT NOT NULL, upload TEXT NOT NULL, PRIMARY KEY (bucket, key)
        );
        CREATE TABLE IF NOT EXISTS generated_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS switched_off (id TEXT PRIMARY KEY);
        COMMIT;`);
      const { quick_check: found } = quickCheck.parse(this.#database.prepare('PRAGMA quick_check(1)').get());
      if (found !== 'ok') throw damaged(file, found.replaceAll(/\s+/g, ' '));
    } catch (error) {
      this.#database.close();
      const parsed = sqliteError.safeParse(error);
      if (parsed.success) throw meaningOf(file, parsed.data) ?? error;
      throw error;
    }
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /** Starts a transaction for everything written in this turn of the event loop, unless one is open. */
  join(): void {
    if (this.#open) return;
    this.#database.exec('BEGIN');
    this.#open = true;
    queueMicrotask(() => this.commit());
  }

  commit(): void {
    if (!this.#open) return;
    this.#open = false;
    // SQLite rolls the transaction back by itself if a write finds the disk full.
    if (!this.#database.isTransaction) throw Object.assign(new Error('The state was not written.'), { code: 'ENOSPC' });
    this.#database.exec('COMMIT');
  }

  /** Commits and closes the file. Can be called more than once. */
  close(): void {
    if (!this.#database.isOpen) return;
    this.commit();
    this.#database.close();
  }
}

function meaningOf(file: string, { errcode, message }: z.infer<typeof sqliteError>): UsageError | undefined {
  const code = errcode % 256;
  if (code === codes.busy || code === codes.locked) {
    return new FolderInUseError(
      `Another start or command of ops is at work on ${dirname(dirname(file))}. Try again when it has ended; one with --watch ends with Ctrl-C. For a lake of its own, start with another folder: --out <dir>`,
    );
  }
  return code === codes.corrupt || code === codes.notDatabase ? damaged(file, message) : undefined;
}

/**
 * The error for a damaged state file. No run can go on without it: the waiting messages, and which files are objects,
 * are stored nowhere else.
 */
function damaged(file: string, reason: string): UsageError {
  const out = dirname(dirname(file));
  return new UsageError(
    `${file} is damaged (${reason}), and without it no run can go on. Move ${out} aside, or choose another folder with --out: ${startCommand(out)} then reads everything anew. Keep what you moved: it has the history, rejected_rows and pipeline_runs, which the API does not give again. With --out and its new name, npx prospect-lake query still answers from its tables.`,
    1,
  );
}
