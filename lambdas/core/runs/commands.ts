/** Commands in messages of the pipeline. The pipeline does not know with which flags they find its workspace. */

import type { RunReport } from '../../contract/run-report.ts';

const command = /npx prospect-lake ops [a-z-]+(?: --run [\w-]+| --stream [\w,]+| --full-refresh| --confirm --id <id>)*/;

const keyPlaces = / the secret of this workspace \(on this machine: into ([^)]+)\)/g;

/** A message as it is true of a folder: its key is in no secret. `flags` are empty for a deployed workspace. */
export function aboutFolder(message: string, flags: string): string {
  return flags === '' ? message : message.replaceAll(keyPlaces, ' $1,');
}

/** The message with `flags` added to each of its commands, such as ` --local --out here`. */
export function withFlags(message: string, flags: string): string {
  return aboutFolder(message, flags).replaceAll(new RegExp(command, 'g'), `$&${flags.replaceAll('$', '$$$$')}`);
}

/** The report with `flags` added to each command in its errors, for a program that reads it. */
export function reportWithFlags(report: RunReport, flags: string): RunReport {
  const tables = Object.entries(report.tables).map(([name, table]) => {
    const { error } = table;
    return [name, { ...table, error: error && { ...error, message: withFlags(error.message, flags) } }] as const;
  });
  return { ...report, tables: Object.fromEntries(tables) };
}

/** The parts of a message: text and commands in turn, text first. */
export function commandsApart(message: string): string[] {
  return message.split(new RegExp(`(${command.source})`));
}

/**
 * A command of the program, or SQL, as a person can type it for a folder.
 * @param flags those of `ops`, such as ` --local --workspace main --out here`; empty for a deployed workspace
 */
export function typed(text: string, flags: string): string {
  if (flags === '') return text;
  const out = / --out .*$/.exec(flags)?.[0] ?? '';
  if (text.startsWith('SELECT ')) return `npx prospect-lake query ${inQuotes(text)}${out}`;
  const name = /^npx prospect-lake ([a-z]+)/.exec(text)?.[1];
  if (name === 'ops') return `${text}${flags}`;
  if (name === 'start') return `${text}${flags.replace(' --local', '')}`;
  return name === 'query' ? `${text}${out}` : text;
}

/** A text in double quotes, in which a shell changes nothing. */
function inQuotes(text: string): string {
  return `"${text.replaceAll(/["`\\]|\$(?=[\w({])/g, String.raw`\$&`)}"`;
}
