/** `prospect-lake ops <command>`: operates a deployed workspace, or the workspace of a local run. */

import { personAgrees } from '../local/cli/agreement.ts';
import { configuredWorkspaces, expectedHours, onlyWorkspace } from '../local/cli/configured-workspaces.ts';
import { createProgressDisplay } from '../local/cli/progress-display.ts';
import { printableLines } from '../local/cli/printable.ts';
import { outliveReader, statusOf, writeJsonError } from '../local/cli/run-command.ts';
import { terminalOf } from '../local/cli/terminal.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import type { CloudOptions } from '../local/cloud/cloud.ts';
import { storeFolderColumns } from '../local/run/folder-columns.ts';
import { OtherWorkspaceError } from '../local/run/refused-start.ts';
import { parseRequest } from './arguments.ts';
import type { Intent, Outcome } from './command.ts';
import { commands } from './commands.ts';
import { renewFolderPage } from './lake/renew-folder-page.ts';
import { startLocalTarget } from './local-target.ts';
import { modestRequestsPerMinute, openTarget } from './target.ts';

type Workspace = Awaited<ReturnType<typeof configuredWorkspaces>>[number];

const declined = 'Nothing was done.';

/**
 * Parses the arguments and carries the command out.
 * @param parts parts of the embedded cloud that tests replace
 * @returns the exit status
 */
export async function operate(
  args: readonly string[],
  parts: Pick<CloudOptions, 'startInstance'> = {},
): Promise<number> {
  // `--json` is looked for before the arguments are parsed, so that a program gets errors about them as JSON too.
  return statusOf(args.includes('--json'), () => carryOut(args, parts));
}

async function carryOut(args: readonly string[], parts: Pick<CloudOptions, 'startInstance'>): Promise<number> {
  const request = parseRequest(args, commands);
  if (request.kind === 'help') {
    process.stdout.write(`${request.text}\n`);
    return 0;
  }
  const { command, common, input } = request;
  const workspace = chosenWorkspace(common.workspace, await configuredWorkspaces());
  const configured = 'retention' in workspace ? { ...workspace, expectedHours: expectedHours(workspace) } : undefined;
  const requestsPerMinute = configured?.requestsPerMinute ?? modestRequestsPerMinute;
  // Standard output is reserved for the answer.
  const progress = createProgressDisplay(process.stderr);
  const options = { requestsPerMinute, onlyReads: 'read' in command, progress };
  const local = common.local ? await openFolder(common.out, options, parts) : undefined;
  if (!local && workspace.region) process.env['AWS_REGION'] = workspace.region;
  try {
    const target = await openTarget(workspace.name, {
      local,
      settle: local?.settle,
      configured,
      api: local?.api,
      publishCheckSeconds: local && 1,
      progress,
      terminal: terminalOf(process.stdout),
    });
    if (local && configured && !options.onlyReads) await storeFolderColumns(local.out, configured.customColumns);
    const outcome =
      'read' in command ? await command.read(target, input) : await act(await command.prepare(target, input), common);
    if (!outcome) {
      if (common.json) writeJsonError(declined);
      return 1;
    }
    const text = common.json ? JSON.stringify(outcome.data) : outcome.lines.join('\n');
    process.stdout.write(`${printableLines(text)}\n`);
    if (outcome.isUnfinished) return 2;
    return outcome.ok === false ? 1 : 0;
  } finally {
    await local?.stop();
  }
}

/** Starts the cloud of a folder. If it is refused because of its key, the page says so too, as `ops status` does. */
async function openFolder(
  out: string,
  options: Parameters<typeof startLocalTarget>[2],
  parts: Pick<CloudOptions, 'startInstance'>,
) {
  try {
    return await startLocalTarget(out, process.env, options, parts);
  } catch (error) {
    if (error instanceof OtherWorkspaceError) await renewFolderPage(out);
    throw error;
  }
}

/** The workspace to operate. A name that is not in this checkout's configuration is accepted too. */
function chosenWorkspace(
  name: string | undefined,
  workspaces: readonly Workspace[],
): Workspace | { name: string; region?: undefined } {
  if (name === undefined) return onlyWorkspace(workspaces);
  return workspaces.find((workspace) => workspace.name === name) ?? { name };
}

/** Shows the prepared change, asks the person, and makes it. @returns undefined if the person declined */
async function act(
  prepared: Intent | Outcome,
  { yes, json }: { yes: boolean; json: boolean },
): Promise<Outcome | undefined> {
  if (!('act' in prepared)) return prepared;
  // For a program, standard output contains only the answer.
  const tell = json ? process.stderr : process.stdout;
  tell.write(`${printableLines(prepared.lines.join('\n'))}\n`);
  if (!yes && !(await isAllowed())) {
    tell.write(`${declined}\n`);
    return undefined;
  }
  outliveReader();
  return prepared.act();
}

async function isAllowed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('Nobody can be asked here: say --yes to do it.');
  return personAgrees();
}
