import { historyName } from '../../lambdas/contract/stream.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { lastReport, readTables } from '../run/read-tables.ts';
import { opsCommand } from './suggested-command.ts';

/**
 * One line that says which of the tables of a query no run has read. Otherwise the zero rows of such a table would look
 * like those of an empty list.
 * @param names of the tables and views that the query reads
 * @returns undefined if all were read
 */
export async function unreadText(out: string, names: readonly string[]): Promise<string | undefined> {
  const asked = streams.filter((stream) => names.includes(stream.name) || names.includes(historyName(stream)));
  const tables = asked.map(({ name }) => name);
  const read = await readTables(out, tables);
  const unread = tables.filter((name) => !read.includes(name));
  if (unread.length === 0) return undefined;
  const what = unread.length === 1 ? 'it is' : 'they are';
  const says = `No run has read ${unread.join(', ')}, so ${what} empty here, whatever the API has.`;
  const status = (await lastReport(out))?.status;
  if (status === undefined || status === 'complete') return says;
  const last = status === 'failed' ? 'failed' : 'is incomplete';
  return `${says} The last run ${last}; why: ${await opsCommand('status', out)}`;
}
