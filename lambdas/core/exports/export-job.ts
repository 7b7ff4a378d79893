/**
 * Starts export jobs and polls them until their files are ready. No step sleeps: each sends the next step as a delayed
 * message.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { metricNames } from '../../contract/metrics.ts';
import type { Problem } from '../../contract/problems.ts';
import { exportJobKey, exportOwnerKey } from '../../contract/object-keys.ts';
import { type ExportMessage, exportMessage } from '../../contract/messages.ts';
import type { Failure } from '../../contract/run.ts';
import { type ExportSettings, pollDelaySeconds } from './export-settings.ts';
import type { Announcer, Clock, ExportApi, Log, Metrics, ObjectStore, Queue } from '../ports.ts';
import { runIdOf } from '../runs/run-ids.ts';
import { updateJson } from '../store/stored-json.ts';

export interface ExportJobPorts {
  readonly store: ObjectStore;
  readonly exportQueue: Queue;
  readonly api: ExportApi;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** An export job that a run started. `exportId` is null until the vendor has returned it. */
export const storedJob = z.object({ exportId: z.string().nullable(), startedAt: z.iso.datetime() });
type StoredJob = z.infer<typeof storedJob>;
/** The run that polls and loads an export. Stored so that an event about the export does not start another run. */
const owner = z.object({ runId: z.string(), startedAt: z.iso.datetime(), ours: z.boolean() });
type Owner = z.infer<typeof owner>;
type PollMessage = Extract<ExportMessage, { step: 'poll' }>;
const hour = 3_600_000;

/**
 * Creates the export that is scheduled for a time. The run's id is the idempotency key, so neither a retry nor a second
 * delivery of the same scheduled time starts a second export. The start time is stored before the vendor is asked, and
 * retries keep it: the file may lack changes made after that time.
 */
export async function createExport(
  scheduledAt: string,
  settings: ExportSettings,
  ports: ExportJobPorts,
): Promise<void> {
  const runId = runIdOf('export', new Date(scheduledAt));
  const key = exportJobKey(runId);
  const begun: StoredJob = { exportId: null, startedAt: ports.clock.now().toISOString() };
  const { startedAt, exportId } = await updateJson(ports.store, key, storedJob, begun, (stored) =>
    stored === begun ? begun : undefined,
  );
  const id = exportId ?? (await startJob(runId, ports));
  await follow(id, { runId, startedAt, ours: true }, settings, ports);
}

async function startJob(runId: string, { api, log }: ExportJobPorts): Promise<string> {
  const { id } = await api.create(`prospect-lake-${runId}`);
  log.info('The export is started.', { runId, exportId: id });
  return id;
}

/**
 * Polls an export at once because an event says that the export is over. If no run polls this export yet, a new one
 * does.
 */
export async function followExport(
  message: Extract<ExportMessage, { step: 'follow' }>,
  settings: ExportSettings,
  ports: ExportJobPorts,
): Promise<void> {
  const { exportId, receivedAt } = message;
  const digest = createHash('sha256').update(exportId).digest('hex');
  const runId = `${runIdOf('export', new Date(receivedAt))}-${digest.slice(0, 8)}`;
  await follow(exportId, { runId, startedAt: receivedAt, ours: false }, settings, ports);
}

/**
 * Registers the run that polls and loads an export, and starts polling. If a run is registered already, it stays. An
 * export that we started counts as ours even if a webhook event registered it first: only our own exports show which
 * leads were deleted.
 */
async function follow(exportId: string, as: Owner, settings: ExportSettings, ports: ExportJobPorts): Promise<void> {
  const key = exportOwnerKey(createHash('sha256').update(exportId).digest('hex'));
  const { runId, startedAt, ours } = await updateJson(ports.store, key, owner, as, (stored) => {
    if (stored === as) return as;
    return as.ours && !stored.ours ? { ...as, runId: stored.runId } : undefined;
  });
  if (ours) {
    // Store the job under the run that loads the file, because messages to a person name that run.
    const job: StoredJob = { exportId, startedAt };
    await updateJson(ports.store, exportJobKey(runId), storedJob, job, (stored) =>
      stored === job || stored.exportId === null ? job : undefined,
    );
  }
  await sendPoll({ step: 'poll', runId, exportId, startedAt, ours, check: 0 }, settings, ports);
}

/** Polls an export: polls again later, loads a ready one, or reports why it failed. */
export async function pollExport(message: PollMessage, settings: ExportSettings, ports: ExportJobPorts): Promise<void> {
  const { api, clock, log, announcer, exportQueue } = ports;
  const { runId, exportId } = message;
  const readiness = await api.readiness(exportId);
  const job = await api.read(exportId);
  const fileKey = readiness.fileKey ?? job.fileKey;
  if (readiness.ready && fileKey !== null) {
    log.info('The export is ready.', { runId, exportId, rowCount: job.rowCount });
    if (!settings.hasSource)
      return announcer.announce('exportReady', { runId, exportId, fileKey, rowCount: job.rowCount });
    const { startedAt, ours } = message;
    const load: ExportMessage = {
      step: 'load',
      runId,
      exportId,
      startedAt,
      fileKey,
      rowCount: job.rowCount,
      complete: ours,
      check: 0,
    };
    return exportQueue.send([{ body: load }]);
  }
  const failed = exportFailure(message, job, settings, clock.now());
  if (!failed) return sendPoll({ ...message, check: message.check + 1 }, settings, ports);
  await tellFailed(message, failed, ports);
}

async function tellFailed(
  { runId, exportId }: Pick<PollMessage, 'runId' | 'exportId'>,
  failed: Failure,
  { log, announcer, metrics }: Pick<ExportJobPorts, 'log' | 'announcer' | 'metrics'>,
): Promise<void> {
  log.error('The export failed.', { runId, exportId, ...failed });
  await announcer.announce('exportFailed', { runId, exportId, ...failed });
  await announcer.announce('needsAttention', { problem: 'ExportFailed', message: failed.message } satisfies Problem);
  metrics.count(metricNames.exportFailed, 1);
}

/**
 * Waits for a file that is not in its bucket yet: the vendor says that the export is ready, but whatever copies the
 * file to the bucket may take time. Looks again until the deadline of the export.
 */
export async function awaitFile(
  message: Extract<ExportMessage, { step: 'load' }>,
  settings: ExportSettings,
  ports: Omit<ExportJobPorts, 'api'>,
): Promise<void> {
  if (isOverdue(message, settings, ports.clock.now())) {
    const failed: Failure = {
      code: 'export_file_missing',
      message: `Export ${message.exportId} is ready, but ${settings.deadlineHours} hours after its start the export source still has no file ${message.fileKey}. Check exports.source in the configuration, and the job that copies the vendor's files there.`,
      requestId: null,
    };
    return tellFailed(message, failed, ports);
  }
  ports.log.info('The file of the export is not in its bucket yet.', {
    runId: message.runId,
    fileKey: message.fileKey,
  });
  const body: ExportMessage = { ...message, check: message.check + 1 };
  return ports.exportQueue.send([{ body, delaySeconds: pollDelaySeconds(settings, message.check) }]);
}

function isOverdue({ startedAt }: { startedAt: string }, { deadlineHours }: ExportSettings, now: Date): boolean {
  return now.getTime() - Date.parse(startedAt) > deadlineHours * hour;
}

function exportFailure(
  message: PollMessage,
  job: Awaited<ReturnType<ExportApi['read']>>,
  settings: ExportSettings,
  now: Date,
): Failure | undefined {
  const { exportId } = message;
  // The API does not document the values of `status`. An error message, or a status that contains a word for failure,
  // means failure.
  if (job.errorMessage !== null || /fail|error|cancel/i.test(job.status ?? '')) {
    return {
      code: 'export_failed',
      // The vendor's message may quote personal data. It stays in the table, where such text is protected.
      message: `Export ${exportId} failed at the vendor. ProspectB2B shows why; after the next nightly run, error_message in the table exports does too. The schedule starts the next export.`,
      requestId: job.requestId,
    };
  }
  if (!isOverdue(message, settings, now)) return undefined;
  return {
    code: 'export_overdue',
    message: `Export ${exportId} was not ready ${settings.deadlineHours} hours after its start. Look at it in ProspectB2B, or raise exports.deadlineHours.`,
    requestId: job.requestId,
  };
}

async function sendPoll(
  message: PollMessage,
  settings: ExportSettings,
  { exportQueue }: ExportJobPorts,
): Promise<void> {
  await exportQueue.send([
    { body: exportMessage.parse(message), delaySeconds: pollDelaySeconds(settings, message.check) },
  ]);
}
