import type { PageContext } from '../../lambdas/core/page/page-context.ts';
import { chosenConfig } from '../../local/cli/chosen-workspace.ts';
import { expectedHours } from '../../local/cli/configured-workspaces.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { configuredFor } from '../../local/run/folder-source.ts';
import { startLocalTarget } from '../local-target.ts';
import { readStatus } from '../status/read-status.ts';
import { openTarget } from '../target.ts';
import { renewLocalPage } from './renew-page.ts';

/** Writes the page of a folder anew, so that it says the same as `ops status`. A run under way writes it at its end. */
export async function renewFolderPage(out: string): Promise<void> {
  const config = await chosenConfig(await configuredFor(out));
  const { requestsPerMinute } = config;
  const options = { requestsPerMinute, onlyReads: true, progress: noProgress };
  const local = await startLocalTarget(out, process.env, options);
  try {
    if (local.isRunning) return;
    const configured = { ...config, expectedHours: expectedHours(config) };
    const target = await openTarget(config.name, { local, configured, api: local.api });
    await renewLocalPage(target, noticeOf((await readStatus(target)).facts));
  } finally {
    await local.stop();
  }
}

type Facts = Awaited<ReturnType<typeof readStatus>>['facts'];

function noticeOf({ refusedStart, underWay: [run], resumeCommand }: Facts): PageContext['notice'] {
  if (refusedStart) return { headline: 'The key belongs to another workspace', text: refusedStart.message };
  if (!run || resumeCommand === undefined) return undefined;
  return { headline: `The run ${run.runId} was interrupted`, text: `This command takes it up: ${resumeCommand}` };
}
