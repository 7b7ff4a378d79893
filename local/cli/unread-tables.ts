import { AddressFile } from '../cloud/address-file.ts';
import { folderObjects } from '../run/folder-objects.ts';
import { lastReport, unreadAmong, unreadText } from '../run/read-tables.ts';
import { unfinishedRun } from '../run/run-pipeline.ts';
import { startCommand } from './out-flag.ts';
import { opsCommand } from './suggested-command.ts';

/**
 * One line that says which of the tables of a query no run has read, and where the reason stands.
 * @param names of the tables and views that the query reads
 * @returns undefined if all were read
 */
export async function unreadLine(out: string, names: readonly string[]): Promise<string | undefined> {
  const unread = await unreadAmong(folderObjects(out), names);
  if (unread.length === 0) return undefined;
  const runId = await unfinishedRun(out);
  if (runId !== undefined) {
    const [names, are] = [unread.join(', '), unread.length === 1 ? 'it is' : 'they are'];
    return (await isRunning(out))
      ? `The run ${runId} is under way and has put no row into ${names} yet, so ${are} empty here.`
      : `The run ${runId} was interrupted before ${names} could be put into ${unread.length === 1 ? 'a table' : 'tables'}, so ${are} empty here. This takes it up: ${startCommand(out)}`;
  }
  const status = (await lastReport(out))?.status;
  if (status === undefined || status === 'complete') return unreadText(unread);
  const last = status === 'failed' ? 'failed' : 'is incomplete';
  return `${unreadText(unread)} The last run ${last}; why: ${await opsCommand('status', out)}`;
}

/** Whether a process runs the pipeline on the folder. One that was killed leaves its address. */
async function isRunning(out: string): Promise<boolean> {
  const endpoint = new AddressFile(out).read();
  return (
    endpoint !== undefined &&
    (await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  );
}
