import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { expectedHours } from '../../local/cli/configured-workspaces.ts';
import { chosenConfig } from '../../local/cli/chosen-workspace.ts';
import type { Terminal } from '../../local/cli/terminal.ts';
import { sdkEnvironment } from '../../local/cloud/clients.ts';
import { openTarget, suggested, type Target } from '../target.ts';
import { readStatus } from './read-status.ts';
import { judgment } from './judgment.ts';
import { besidesRun } from './standing-lines.ts';

/** What stands after a run besides its own problems. */
export interface Standing {
  readonly lines: readonly string[];
  /** Whether nothing needs a person, as the exit status of `ops status` says. */
  readonly isWell: boolean;
  readonly verdict: string;
  readonly needs: readonly string[];
}

export async function standingAfter(report: RunReport, target: Target): Promise<Standing> {
  const { facts } = await readStatus(target);
  const statusCommand = await suggested(target, 'status');
  const judged = judgment(facts, report);
  return {
    lines: besidesRun(report, facts, { terminal: target.terminal, statusCommand }),
    // A run that was taken up after many days is not among those that the status shows.
    ...judged,
    isWell: judged.needs.length === 0,
  };
}

/** The same for `start`, which runs the embedded cloud of the folder in this process. */
export async function standingInFolder(
  report: RunReport,
  {
    out,
    workspace,
    isSimulated,
    endpoint,
    terminal,
  }: {
    readonly out: string;
    readonly workspace: string;
    readonly isSimulated: boolean;
    readonly endpoint: string;
    readonly terminal: Terminal;
  },
): Promise<Standing> {
  Object.assign(process.env, sdkEnvironment(endpoint));
  const config = await chosenConfig(workspace);
  const configured = { ...config, expectedHours: expectedHours(config) };
  // This process runs the pipeline, so a run under way is not an interrupted one.
  const local = { out, isSimulated, isRunning: true };
  return standingAfter(report, await openTarget(workspace, { local, configured, terminal }));
}
