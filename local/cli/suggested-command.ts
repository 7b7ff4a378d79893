import { loadWorkspaces } from '../../lib/config/load-workspaces.ts';
import { configuredFor } from '../run/folder-source.ts';

/** Commands that a message tells a person to type: they work as they stand. */

/** Where tables and state lie unless `--out` says otherwise. */
export const defaultOut = '.prospect-lake';

/** ` --out <dir>` at the end of a command, or nothing if the command looks there by itself. */
export function outFlag(out: string): string {
  return out === defaultOut ? '' : ` --out ${shellWord(out)}`;
}

export function queryCommand(sql: string, out: string): string {
  return `npm run query -- "${sql}"${outFlag(out)}`;
}

/**
 * With the workspace that the folder was started with, if the command could not know it.
 * @param command with its own flags, such as `audit --repair`
 */
export async function opsCommand(command: string, out: string): Promise<string> {
  const name = await configuredFor(out);
  const isOneOfSeveral = name !== undefined && (await areSeveral());
  return `npm run ops -- ${command} --local${isOneOfSeveral ? ` --workspace ${shellWord(name)}` : ''}${outFlag(out)}`;
}

/** Where the configuration cannot be used, the command will say so. */
async function areSeveral(): Promise<boolean> {
  return loadWorkspaces().then(
    ({ length }) => length > 1,
    () => false,
  );
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
