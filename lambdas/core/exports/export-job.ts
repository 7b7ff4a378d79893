import { createHash } from 'node:crypto';
import { z } from 'zod';
import { metricNames } from '../../contract/metrics.ts';
import { exportJobKey, exportOwnerKey } from '../../contract/object-keys.ts';
import { type ExportMessage, exportMessage } from '../../contract/messages.ts';
import type { Failure } from '../../contract/run.ts';
import { type ExportSettings, pollDelaySeconds } from './export-settings.ts';
import type { Announcer, Clock, ExportApi, Log, Metrics, ObjectStore, Queue } from '../ports.ts';
import { runIdOf } from '../runs/run-ids.ts';
import { readJson, updateJson, writeJson } from '../store/stored-json.ts';

/** Starts export jobs and follows them until their files are ready. No step waits: each sends the next as a delayed message. */

export interface ExportJobPorts {
  readonly store: ObjectStore;
  readonly exportQueue: Queue;
  readonly api: ExportApi;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export const storedJob = z.object({ exportId: z.string(), startedAt: z.iso.datetime() });
/** An export that is followed already, so that an event about it does not begin to follow it anew. */
const owner = z.object({ runId: z.string(), startedAt: z.iso.datetime(), ours: z.boolean() });
type Owner = z.infer<typeof owner>;
type PollMessage = Extract<ExportMessage, { step: 'poll' }>;
const hour = 3_600_000;

/**
 * Creates the export of one tick. The idempotency key is that of the run, so that neither a retry nor the
 * same tick again can start a second export.
 */
export async function createExport(
  scheduledAt: string,
  settings: ExportSettings,
  ports: ExportJobPorts,
): Promise<void> {
  const runId = runIdOf('export', new Date(scheduledAt));
  const key = exportJobKey(runId);
  const stored = await readJson(ports.store, key, storedJob);
  const job = stored?.value ?? (await startJob(runId, ports));
  if (!stored) await writeJson(ports.store, key, job, { ifAbsent: true });
  const { exportId, startedAt } = job;
  await follow(exportId, { runId, startedAt, ours: true }, settings, ports);
}

async function startJob(runId: string, { api, clock, log }: ExportJobPorts): Promise<z.infer<typeof storedJob>> {
  // What changes after this moment may be missing in the file.
  const startedAt = clock.now().toISOString();
  const { id } = await api.create(`prospect-lake-${runId}`);
  log.info('The export is started.', { runId, exportId: id });
  return { exportId: id, startedAt };
}

/** Looks at an export at once, because an event says that it is over; one that nobody follows yet is followed from now on. */
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
 * The first to follow an export gives it its run. Where that was an event, which may overtake the function
 * that started the export, the export still becomes ours: only then does it say what is deleted.
 */
async function follow(exportId: string, as: Owner, settings: ExportSettings, ports: ExportJobPorts): Promise<void> {
  const key = exportOwnerKey(createHash('sha256').update(exportId).digest('hex'));
  const { runId, startedAt, ours } = await updateJson(ports.store, key, owner, as, (stored) => {
    if (stored === as) return as;
    return as.ours && !stored.ours ? { ...as, runId: stored.runId } : undefined;
  });
  await sendPoll({ step: 'poll', runId, exportId, startedAt, ours, check: 0 }, settings, ports);
}

/** Looks at an export: asks again later, hands a ready one on, or tells why it failed. */
export async function pollExport(message: PollMessage, settings: ExportSettings, ports: ExportJobPorts): Promise<void> {
  const { api, clock, log, metrics, announcer, exportQueue } = ports;
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
    };
    return exportQueue.send([{ body: load }]);
  }
  const failed = failureOf(message, job, settings, clock.now());
  if (!failed) return sendPoll({ ...message, check: message.check + 1 }, settings, ports);
  log.error('The export failed.', { runId, exportId, ...failed });
  await announcer.announce('exportFailed', { runId, exportId, ...failed });
  metrics.count(metricNames.exportFailed, 1);
}

function failureOf(
  { exportId, startedAt }: PollMessage,
  job: Awaited<ReturnType<ExportApi['read']>>,
  { deadlineHours }: ExportSettings,
  now: Date,
): Failure | undefined {
  // The values of `status` are not documented: a failure is told by its message, or by a word that means one.
  if (job.errorMessage !== null || /fail|error|cancel/i.test(job.status ?? '')) {
    return {
      code: 'export_failed',
      // The vendor's own words may quote a person: they stay where such words are guarded.
      message: `Export ${exportId} failed at the vendor. The product says why, and after the next night so does error_message in the table exports. The next schedule starts another.`,
      requestId: job.requestId,
    };
  }
  if (now.getTime() - Date.parse(startedAt) <= deadlineHours * hour) return undefined;
  return {
    code: 'export_overdue',
    message: `Export ${exportId} was not ready ${deadlineHours} hours after it was started. Look at it in the product, or raise the deadline.`,
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
