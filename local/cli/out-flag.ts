/** The folder of a local run in commands that messages suggest. */

import { resolve } from 'node:path';

/** Folder of tables and state, unless `--out` names another. */
export const defaultOut = '.prospect-lake';

/** ` --out <dir>` for the end of a command, or nothing if `out` is the default folder. */
export function outFlag(out: string): string {
  return resolve(out) === resolve(defaultOut) ? '' : ` --out ${shellWord(out)}`;
}

/** Command that starts the next run of a folder, or takes up the one that was interrupted. */
export function startCommand(out: string): string {
  return `npx prospect-lake start${outFlag(out)}`;
}

/** Command that starts a run of a folder and goes on to receive webhooks. */
export function watchCommand(out: string): string {
  return `npx prospect-lake start --watch${outFlag(out)}`;
}

/** A text as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
