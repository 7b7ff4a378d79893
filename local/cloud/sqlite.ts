import type { DatabaseSync } from 'node:sqlite';

/** Opens a database. SQLite is loaded only then, because Node 20, which shows the help of each command, has none. */
export function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync: Database } = process.getBuiltinModule('node:sqlite');
  return new Database(file);
}
