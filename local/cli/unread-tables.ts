import { folderObjects } from '../run/folder-objects.ts';
import { lastReport, unreadAmong, unreadText } from '../run/read-tables.ts';
import { opsCommand } from './suggested-command.ts';

/**
 * One line that says which of the tables of a query no run has read, and where the reason stands.
 * @param names of the tables and views that the query reads
 * @returns undefined if all were read
 */
export async function unreadLine(out: string, names: readonly string[]): Promise<string | undefined> {
  const unread = await unreadAmong(folderObjects(out), names);
  if (unread.length === 0) return undefined;
  const status = (await lastReport(out))?.status;
  if (status === undefined || status === 'complete') return unreadText(unread);
  const last = status === 'failed' ? 'failed' : 'is incomplete';
  return `${unreadText(unread)} The last run ${last}; why: ${await opsCommand('status', out)}`;
}
