import { join } from 'node:path';
import { opsCommand } from './suggested-command.ts';

/**
 * What DuckDB says where it cannot read the files of a lake, in one line with what to do. It names the file
 * where it knows it.
 */
export async function unreadableLake(error: unknown, out: string): Promise<string> {
  return `${firstLine(error)}. What is damaged, and how it is read again: ${await opsCommand('audit --repair', out)}`;
}

/** Whether an error of DuckDB is about a file of the lake, and not about the SQL. */
export function isAboutFile(error: unknown, out: string): boolean {
  return error instanceof Error && error.message.includes(join(out, 'lake'));
}

/** The rest shows the SQL. */
function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return `DuckDB says: ${line.replace(/\.$/, '')}`;
}
