import { join } from 'node:path';
import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';
import { opsCommand } from './suggested-command.ts';

/** One line that says why the files of a lake cannot be read, and what to do. */
export async function unreadableLake(error: unknown, out: string): Promise<string> {
  return `${firstLine(error)}. What is damaged, and how it is read again: ${await opsCommand('audit --repair', out)}`;
}

/** Whether an error is about a file of the lake, not about the SQL. */
export function isAboutFile(error: unknown, out: string): boolean {
  if (error instanceof DamagedObjectError) return true;
  return error instanceof Error && ['lake', 'current'].some((folder) => error.message.includes(join(out, folder)));
}

/** The first line of DuckDB's message. The other lines repeat the SQL or mention a bucket. */
function firstLine(error: unknown): string {
  if (error instanceof DamagedObjectError) return `${error.key} ${error.fault}`;
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return `DuckDB says: ${line.replace(/\.$/, '')}`;
}
