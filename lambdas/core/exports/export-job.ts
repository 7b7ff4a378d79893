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

/** `exportId` is null until the vendor has told it. */
export const storedJob = z.object({ exportId: z.string().nullable(), startedAt: z.iso.datetime() });
type StoredJob = z.infer<typeof storedJob>;
/** An export that is followed already, so that an event about it does not begin to follow it anew. */
const owner = z.object({ runId: z.string(), startedAt: z.iso.datetime(), ours: z.boolean() });
type Owner = z.infer<typeof owner>;
type PollMessage = Extract<ExportMessage, { step: 'poll' }>;
const hour = 3_600_000;

/**
 * Creates the export of one tick. The idempotency key is that of the run, so that neither a retry nor the
 * same tick again can start a second export. When it began is stored before the vendor is asked: what changes after
 * that moment may be missing in the file, however often the attempt is made again.
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
  if (ours) {
    // Under the run that loads the file, which is the one that a person is told of.
    const job: StoredJob = { exportId, startedAt };
    await updateJson(ports.store, exportJobKey(runId), storedJob, job, (stored) =>
      stored === job || stored.exportId === null ? job : undefined,
    );
  }
  await sendPoll({ step: 'poll', runId, exportId, startedAt, ours, check: 0 }, settings, ports);
}

/** Looks at an export: asks again later, hands a ready one on, or tells why it failed. */
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
  const failed = failureOf(message, job, settings, clock.now());
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
 * The vendor says that the export is ready, and its file is not in the bucket: whatever copies it there may take its
 * time. It is looked for again until the export's deadline.
 */
export async function awaitFile(
  message: Extract<ExportMessage, { step: 'load' }>,
  settings: ExportSettings,
  ports: Omit<ExportJobPorts, 'api'>,
): Promise<void> {
  if (isOverdue(message, settings, ports.clock.now())) {
    const failed: Failure = {
      code: 'export_file_missing',
      message: `Export ${message.exportId} is ready, but ${settings.deadlineHours} hours after it was started the export source has no file ${message.fileKey}. Check exports.source in the configuration, and what copies the vendor's files there.`,
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

function failureOf(
  message: PollMessage,
  job: Awaited<ReturnType<ExportApi['read']>>,
  settings: ExportSettings,
  now: Date,
): Failure | undefined {
  const { exportId } = message;
  // The values of `status` are not documented: a failure is told by its message, or by a word that means one.
  if (job.errorMessage !== null || /fail|error|cancel/i.test(job.status ?? '')) {
    return {
      code: 'export_failed',
      // The vendor's own words may quote a person: they stay where such words are guarded.
      message: `Export ${exportId} failed at the vendor. The product says why, and after the next night so does error_message in the table exports. The next schedule starts another.`,
      requestId: job.requestId,
    };
  }
  if (!isOverdue(message, settings, now)) return undefined;
  return {
    code: 'export_overdue',
    message: `Export ${exportId} was not ready ${settings.deadlineHours} hours after it was started. Look at it in the product, or raise the deadline.`,
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
