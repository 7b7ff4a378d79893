/** Commands that messages suggest. They are complete: a person can type them unchanged. */

import { withFlags } from '../../lambdas/core/runs/commands.ts';
import { loadWorkspaces } from '../../lib/config/load-workspaces.ts';
import { configuredFor } from '../run/folder-source.ts';
import { outFlag, shellWord } from './out-flag.ts';

export function queryCommand(sql: string, out: string): string {
  return `npx prospect-lake query "${sql}"${outFlag(out)}`;
}

/** Command that runs one of the named queries. */
export function namedCommand(name: string, out: string): string {
  return `npx prospect-lake query --named ${name}${outFlag(out)}`;
}

/** Command that opens the page of the last run of a folder. */
export function pageCommand(out: string): string {
  return `npx prospect-lake page --local${outFlag(out)}`;
}

/**
 * An `npx prospect-lake ops` command for a folder. It names the folder's workspace if several are configured.
 * @param command with its own flags, such as `audit --repair`
 */
export async function opsCommand(command: string, out: string): Promise<string> {
  return `npx prospect-lake ops ${command}${await folderFlags(out)}`;
}

/**
 * The flags with which an `npx prospect-lake ops` command works on a folder.
 * @param configured name of the folder's workspace. @default that of the last start
 */
export async function folderFlags(out: string, configured?: string): Promise<string> {
  const name = configured ?? (await configuredFor(out));
  const isOneOfSeveral = name !== undefined && (await areSeveral());
  return ` --local${isOneOfSeveral ? ` --workspace ${shellWord(name)}` : ''}${outFlag(out)}`;
}

export interface CommandApart {
  readonly text: string;
  /** Stands on a line of its own after the text. */
  readonly command?: string;
  /** Follows the command. */
  readonly rest?: string;
}

/**
 * A message of the pipeline for a person. Its commands get the flags of the folder, because the pipeline does not know
 * that it runs on one. A command at its end gets a line of its own, which no line break cuts. Of deletions that were held
 * back, that is the command which only looks, and the `rest` of the message follows it: whoever copies the line must not
 * approve by accident.
 */
export function withCommandApart(message: string, flags: string): CommandApart {
  const [, before, audit, rest] =
    /^(.*?:) (npx prospect-lake ops audit [^.]+)\. (.* approve-deletions .*)$/s.exec(message) ?? [];
  if (before !== undefined && audit !== undefined && rest !== undefined)
    return { text: withFlags(before, flags), command: `${audit}${flags}`, rest: withFlags(rest, flags) };
  const [, text = message, command] = /^(.*:) (npx prospect-lake ops [^.]+)\.?$/s.exec(message) ?? [];
  if (command !== undefined) return { text: withFlags(text, flags), command: `${command}${flags}` };
  return { text: withFlags(message, flags) };
}

/**
 * Whether several workspaces are configured. False if the configuration cannot be used: the suggested command reports
 * that.
 */
async function areSeveral(): Promise<boolean> {
  return loadWorkspaces().then(
    ({ length }) => length > 1,
    () => false,
  );
}
