/** Commands that a message tells a person to type: they work as they stand. */

/** Where tables and state lie unless `--out` says otherwise. */
export const defaultOut = '.prospect-lake';

/** ` --out <dir>` at the end of a command, or nothing where the command would look there by itself. */
export function outFlag(out: string): string {
  return out === defaultOut ? '' : ` --out ${shellWord(out)}`;
}

export function queryCommand(sql: string, out: string): string {
  return `npm run query -- "${sql}"${outFlag(out)}`;
}

/** @param command with its own flags, such as `audit --repair` */
export function opsCommand(command: string, out: string): string {
  return `npm run ops -- ${command} --local${outFlag(out)}`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
