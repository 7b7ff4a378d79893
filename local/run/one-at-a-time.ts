import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { openDatabase } from '../cloud/sqlite.ts';

const pollMilliseconds = 100;
const mostPolls = 3_000;
/** SQLite's result code if another connection holds the lock: https://www.sqlite.org/rescode.html#busy */
const busy = 5;
const sqliteError = z.object({ errcode: z.number() });

/**
 * Runs the work while no other process runs work for the same lock file. SQLite holds the lock until the process ends,
 * even if it is killed. After five minutes of waiting the work runs without the lock.
 */
export async function oneAtATime<T>(file: string, work: () => Promise<T>): Promise<T> {
  const database = openDatabase(file);
  try {
    for (let polls = 0; polls < mostPolls && !hasLocked(database); polls += 1) await wait(pollMilliseconds);
    return await work();
  } finally {
    database.close();
  }
}

function hasLocked(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    const parsed = sqliteError.safeParse(error);
    if (parsed.success && parsed.data.errcode % 256 === busy) return false;
    throw error;
  }
}
