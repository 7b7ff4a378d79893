import { AddressFile } from '../cloud/address-file.ts';
import { folderObjects } from '../run/folder-objects.ts';
import { lastReport, unreadAmong, unreadText } from '../run/read-tables.ts';
import { tablesUnfinished, unfinishedRun } from '../run/run-pipeline.ts';
import { startCommand } from './out-flag.ts';
import { opsCommand } from './suggested-command.ts';

/**
 * What says which of the tables of a query no run has read, and where the reason stands.
 * @param names of the tables and views that the query reads
 * @returns undefined if all were read
 */
export async function unreadLine(out: string, names: readonly string[]): Promise<string | undefined> {
  const unread = await unreadAmong(folderObjects(out), names);
  if (unread.length === 0) return undefined;
  const runId = await unfinishedRun(out);
  const unfinished = await tablesUnfinished(out);
  const waited = unread.filter((name) => unfinished.includes(name));
  const others = unread.filter((name) => !unfinished.includes(name));
  return [
    ...(runId === undefined || waited.length === 0 ? [] : [await waitedText(runId, waited, out)]),
    ...(others.length === 0 ? [] : [await othersText(others, out)]),
  ].join('\n');
}

async function waitedText(runId: string, tables: readonly string[], out: string): Promise<string> {
  const [names, are] = [tables.join(', '), tables.length === 1 ? 'it is' : 'they are'];
  return (await isRunning(out))
    ? `The run ${runId} is under way and has put no row into ${names} yet, so ${are} empty here.`
    : `The run ${runId} was interrupted before ${names} could be put into ${tables.length === 1 ? 'a table' : 'tables'}, so ${are} empty here. This takes it up: ${startCommand(out)}`;
}

async function othersText(unread: readonly string[], out: string): Promise<string> {
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
