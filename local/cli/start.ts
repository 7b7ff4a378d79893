/** `npm start`: the whole pipeline on this machine, as the README describes it. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { number } from '../../lambdas/core/runs/counted.ts';
import { configFileName } from '../../lib/config/load-workspaces.ts';
import { assemblyFolder, sharedFunctions } from '../run/assembly.ts';
import { chosenWorkspace } from './chosen-workspace.ts';
import type { CloudOptions } from '../cloud/cloud.ts';
import { compileCacheOf } from '../cloud/lambda/function-process.ts';
import { sharedThread } from '../cloud/lambda/shared-thread.ts';
import { StateFile } from '../cloud/state-file.ts';
import { checkFolderColumns } from '../run/folder-columns.ts';
import {
  checkFolderSource,
  type FolderSource,
  rateOfLastStart,
  streamsOfLastStart,
  writeFolderSource,
} from '../run/folder-source.ts';
import { checkApi, checkPaths } from './preflight.ts';
import { saidIfInterrupted } from './interruption.ts';
import { builtAssembly } from './building.ts';
import { createProgressDisplay } from './progress-display.ts';
import { command, outliveReader } from './run-command.ts';
import {
  hasEarlierRun,
  localConcurrency,
  localEnvironment,
  releaseSeconds,
  unfinishedRun,
} from '../run/run-pipeline.ts';
import { OtherWorkspaceError } from '../run/refused-start.ts';
import { apiSource, type Source, startNextSimulator } from '../run/source.ts';
import { startLine, type StartOptions, startOptions } from './start-options.ts';
import { startCommand } from './out-flag.ts';
import { folderFlags, opsCommand } from './suggested-command.ts';
import { writeLine } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { loadOnce } from './load-once.ts';
import { storedSecret, watch, watchSecret } from './watch.ts';

/** @param parts parts of the embedded cloud that tests replace */
export const start = (parts: Pick<CloudOptions, 'startInstance'> = {}) =>
  command({
    ...startLine,
    async run(input) {
      const options = startOptions(input, process.env);
      try {
        return await run(options, parts);
      } catch (error) {
        if (error instanceof OtherWorkspaceError) await renewPageOf(options.out);
        throw error;
      }
    },
  });

/** Lets the page say why a start was refused, as `ops status` does. */
async function renewPageOf(out: string): Promise<void> {
  const { renewFolderPage } = await import('../../ops/lake/renew-folder-page.ts');
  await renewFolderPage(out);
}

async function run(given: StartOptions, parts: Pick<CloudOptions, 'startInstance'>): Promise<number> {
  // A run that ended with its reader would write no page, and no later page would list it.
  outliveReader();
  const startedAt = new Date();
  const { api, out } = given;
  const chosen = await chosenWorkspace(given.workspace);
  if (given.watch && !chosen.hasWebhooks)
    throw new UsageError(
      `webhooks.enabled of workspace '${chosen.name}' is false in ${configFileName()}, and --watch needs webhooks: set it to true, or leave out --watch.`,
    );
  const folder = assemblyFolder();
  // The thread of the functions loads their code while this one makes its checks.
  const startInstance =
    parts.startInstance ??
    sharedThread(sharedFunctions(folder), existsSync(folder) ? compileCacheOf(folder) : undefined);
  const workspace = api ? await workspaceOf(api, out) : null;
  await checkPaths(out, given.report);
  // Opened first, because it locks the folder: from here on no other run writes to it.
  const state = new StateFile(join(resolve(out), '.cloud'));
  try {
    const { leads, customFields } = given;
    const isResumed = (await unfinishedRun(out)) !== undefined;
    const formerRate = await rateOfLastStart(out);
    // A run that is taken up keeps its rate and its tables: the command that takes it up names neither.
    const requestsPerMinute =
      given.requestsPerMinute ?? (isResumed ? formerRate : undefined) ?? (api && chosen.requestsPerMinute);
    const kept = isResumed && given.streams === undefined ? await streamsOfLastStart(out) : undefined;
    const options = kept === undefined ? given : { ...given, streams: [...kept] };
    const folderSource = await checkFolderSource(
      out,
      { kind: api ? 'api' : 'simulator', workspace, requestsPerMinute, streams: options.streams },
      chosen,
      api?.keyFrom ?? '',
    );
    await checkFolderColumns(out, chosen.customColumns);
    const assembly = await saidIfInterrupted('Interrupted. Nothing was read.', () =>
      builtAssembly(createProgressDisplay(process.stdout), folder),
    );
    const source = api
      ? apiSource(api.url, api.key, requestsPerMinute ?? chosen.requestsPerMinute)
      : await startNextSimulator(out, { leads, customFields, requestsPerMinute, now: startedAt, isResumed });
    try {
      if (api && given.requestsPerMinute === undefined && formerRate !== undefined && formerRate !== requestsPerMinute)
        say(
          `The rate is that of the configuration. The last start had ${number(formerRate)} requests a minute: --requests-per-minute ${formerRate} keeps it.`,
        );
      if (kept) say(`Only these tables are read, as the interrupted start chose: ${kept.join(', ')}.`);
      return await runFrom(source, {
        startInstance,
        options,
        startedAt,
        assembly,
        state,
        folderSource,
        workspace: chosen.name,
      });
    } finally {
      await source.stop();
    }
  } finally {
    state.close();
  }
}

/**
 * Asks the API whose key it is. If that fails and the folder already has tables, the run goes on. It then fails for the
 * same reason, and so the page, `status` and the history of runs show the failure.
 */
async function workspaceOf(
  { url, key, keyFrom }: NonNullable<StartOptions['api']>,
  out: string,
): Promise<string | null> {
  try {
    return await checkApi(url, key, keyFrom);
  } catch (error) {
    if (await hasEarlierRun(out)) return null;
    throw error;
  }
}

interface Start extends Pick<CloudOptions, 'startInstance'> {
  readonly options: StartOptions;
  readonly startedAt: Date;
  readonly assembly: string;
  readonly state: StateFile;
  readonly folderSource: FolderSource;
  readonly workspace: string;
}

async function runFrom(source: Source, { options, startedAt, folderSource, ...more }: Start): Promise<number> {
  say(source.banner);
  const secret = watchSecret(process.env);
  // Loaded only here, because Node 20 cannot load it to show the help.
  const { startCloud } = await import('../cloud/cloud.ts');
  const cloud = await startCloud({
    releaseSeconds,
    concurrency: localConcurrency,
    ...more,
    out: resolve(options.out),
    environment: localEnvironment({
      apiUrl: source.baseUrl,
      streams: options.streams,
      startDate: options.startDate,
      requestsPerMinute: source.requestsPerMinute,
      flags: await folderFlags(options.out, folderSource.configured),
    }),
    httpPort: options.webhookPort,
    secrets: { apiKey: source.apiKey, webhook: storedSecret(secret) },
  });
  try {
    if (cloud.isPaused)
      throw new UsageError(`The pipeline is paused. Let it go on: ${await opsCommand('resume', options.out)}`);
    // From here on the folder belongs to this source. A start that is refused leaves the folder free for another.
    await writeFolderSource(options.out, folderSource);
    const isGood = await saidIfInterrupted(interruptedText(options), () =>
      loadOnce(cloud, source, { options, startedAt, workspace: more.workspace }),
    );
    if (options.watch) {
      const { baseUrl: apiUrl, simulator } = source;
      await watch({ out: options.out, cloud, secret, apiUrl, simulator, say });
    }
    return isGood ? 0 : 1;
  } finally {
    await cloud.stop();
  }
}

function interruptedText({ out, api }: StartOptions): string {
  const same = api ? ' with the same API' : '';
  return `Interrupted. What is stored in the folder is kept. Pages that were read but not stored yet are read again: ${startCommand(out)}${same} goes on.`;
}

const say = (text: string) => writeLine(process.stdout, text);
