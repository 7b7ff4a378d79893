import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EnvironmentName } from '../../lambdas/contract/environment.ts';
import { abortedKey, localPageKey, pipelineStateKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import type { PlanRequest } from '../../lambdas/contract/messages.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { type PipelineState, pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { withFlags } from '../../lambdas/core/runs/commands.ts';
import { capitalized } from '../../lambdas/core/runs/causes.ts';
import { runIdOf, scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { FunctionError, processEnded } from '../cloud/lambda/functions.ts';
import type { ProgressDisplay } from '../cli/progress-display.ts';
import { progressLine, waitingText } from '../cli/progress-line.ts';
import { folderFlags } from '../cli/suggested-command.ts';
import { RunView } from './run-view.ts';
import { Standstill, stuckMilliseconds } from './standstill.ts';
import { readStored } from './stored-file.ts';
import { UsageError } from '../cli/usage-error.ts';

/** The report is looked for often, because the run ends with it. Reading how far the run is takes longer. */
const lookMilliseconds = 20;
const progressMilliseconds = 200;

/**
 * Seconds until the messages of a function that died are delivered again. In AWS this takes many minutes: until their
 * visibility times out.
 */
export const releaseSeconds = 1;

/**
 * Most instances of a function in a local run. A second instance of publish would find the same work as the first, and
 * merge the same rows once more.
 */
export const localConcurrency = { publish: 1 };

/** Environment variables that a local run replaces in every function: short waits, and the chosen API. */
export function localEnvironment(options: {
  apiUrl: string;
  streams: readonly string[] | undefined;
  startDate: string | undefined;
  requestsPerMinute: number;
  /** Flags with which commands find the folder, for its page. @default ` --local` */
  flags?: string;
  /**
   * How many times faster than real time the embedded cloud runs. Above 1, missing rows are deleted without a wait
   * before the API is asked a second time, because that wait would pass in real time. @default 1
   */
  timeScale?: number;
}): Partial<Record<EnvironmentName, string>> {
  return {
    API_BASE_URL: options.apiUrl,
    REQUESTS_PER_MINUTE: String(options.requestsPerMinute),
    RETRY_BASE_SECONDS: '1',
    PUBLISH_CHECK_SECONDS: '1',
    CONFIRM_AFTER_SECONDS: (options.timeScale ?? 1) > 1 ? '0' : '2',
    PAGE_KEY: localPageKey,
    LOCAL_FLAGS: options.flags ?? ' --local',
    // Without Glue, the newest table metadata in the folder is current.
    GLUE_DATABASE: '',
    ...(options.streams ? { STREAMS: options.streams.join(',') } : {}),
    ...(options.startDate ? { START_DATE: options.startDate } : {}),
  };
}

/**
 * Starts a nightly run, unless an earlier process left one unfinished: then that run continues.
 * @returns the report of the run; and, if it found rows missing, the report of the run that asked for them again
 */
export async function runPipeline(
  cloud: Cloud,
  options: {
    out: string;
    now: Date;
    fullRefresh: boolean;
    /** Tables to read. @default those of the configuration */
    streams?: readonly string[] | undefined;
    display: ProgressDisplay;
    /** Most requests a minute, for the display. @default not shown */
    requestsPerMinute?: number;
    /** @param hasFailed whether the interrupted run had already failed: then another run follows it */
    onResume: (runId: string, hasFailed: boolean) => void;
  },
): Promise<{ report: RunReport; confirmed?: RunReport }> {
  const { watermarks } = await readState(options.out);
  const unread = (stream: string) => !(stream in watermarks);
  const watching = { requestsPerMinute: Number.POSITIVE_INFINITY, ...options, unread };
  const take = async (runId: string) => {
    const request: Partial<PlanRequest> = {
      scheduledAt: scheduledAtOf(runId).toISOString(),
      fullRefresh: options.fullRefresh,
      ...(options.streams ? { streams: [...options.streams] } : {}),
      once: true,
    };
    await plan(cloud, request, options.out);
    return waitForReport(cloud, runId, watching);
  };
  const next = runIdOf('nightly', options.now);
  const unfinished = await unfinishedRun(options.out);
  // It may have failed because of an address or a key that this start no longer uses, and reads nothing more.
  const hasFailed = unfinished !== undefined && existsSync(join(options.out, abortedKey(unfinished)));
  if (unfinished) options.onResume(unfinished, hasFailed);
  if (hasFailed) await take(unfinished);
  const report = await take(hasFailed ? next : (unfinished ?? next));
  const { confirmRunId } = report;
  if (confirmRunId === undefined) return { report };
  return { report, confirmed: await waitForReport(cloud, confirmRunId, watching) };
}

/**
 * Invokes the plan function. If its process was killed, invokes it once more: planning can be repeated. If the function
 * fails, the error gives its message and its log, without a stack trace.
 */
async function plan(cloud: Cloud, request: Partial<PlanRequest>, out: string, isAgain = false): Promise<void> {
  try {
    await cloud.invoke('plan', request);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    if (error.errorType === processEnded && !isAgain) return plan(cloud, request, out, true);
    throw new UsageError(`${error.message} Its log: ${join(out, '.cloud', 'logs', 'plan.log')}`, 1);
  }
}

/**
 * Id of a run that an earlier process started on this folder and did not finish.
 * @throws UsageError if the state of the pipeline cannot be read
 */
export async function unfinishedRun(out: string): Promise<string | undefined> {
  return Object.keys((await readState(out)).underWay)[0];
}

/** Tables that the unfinished run of a folder reads. @throws UsageError if the state of the pipeline cannot be read */
export async function tablesUnfinished(out: string): Promise<readonly string[]> {
  return Object.values((await readState(out)).underWay)[0]?.streams ?? [];
}

/** Whether a nightly run has ended on this folder. */
export async function hasEarlierRun(out: string): Promise<boolean> {
  return Object.keys((await readState(out)).watermarks).length > 0;
}

async function readState(out: string): Promise<PipelineState> {
  const path = join(out, pipelineStateKey);
  if (!existsSync(path)) return emptyState;
  return readStored(path, pipelineState, 'Delete it: the next run then reads everything anew.');
}

interface Watching {
  readonly out: string;
  readonly display: ProgressDisplay;
  readonly requestsPerMinute: number;
  /** Whether no earlier run has read a stream. */
  readonly unread: (stream: string) => boolean;
}

async function waitForReport(
  cloud: Cloud,
  runId: string,
  { out, display, requestsPerMinute: limit, unread }: Watching,
): Promise<RunReport> {
  const path = join(out, reportKey(runId));
  const traffic = () => cloud.traffic;
  const run = new RunView({ out, runId, traffic, limit, startedAt: new Date(), unread });
  const standstill = new Standstill(Date.now());
  let toldUntil: string | undefined;
  try {
    while (!existsSync(path)) {
      const now = new Date();
      const { view, waiting, tasks } = await run.at(now);
      if (waiting && waiting.until !== toldUntil) display.note(capitalized(waitingText(waiting, now)));
      toldUntil = waiting?.until;
      display.show(progressLine(view, display.terminal));
      if (standstill.update({ tasks, isWaiting: !!waiting, queues: cloud.queues() }, Date.now())) {
        throw new UsageError(
          `Run ${runId} has stood still for ${stuckMilliseconds / 1_000} s.${withFlags(lastCause(cloud), await folderFlags(out))} The logs of its functions are under ${join(out, '.cloud', 'logs')}.`,
          1,
        );
      }
      for (let waited = 0; waited < progressMilliseconds && !existsSync(path); waited += lookMilliseconds)
        await wait(lookMilliseconds);
    }
  } finally {
    display.end();
  }
  return runReport.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** The last thing that failed and was tried again: most often, the run stands still because it was given up. */
function lastCause({ traffic }: Pick<Cloud, 'traffic'>): string {
  const reason = traffic.lastRetry?.reason;
  return reason === undefined ? '' : ` What failed last: ${reason.replace(/\.?$/, '.')}`;
}
