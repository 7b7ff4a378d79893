import {
  abortedKey,
  announcedKey,
  convertReceiptsPrefix,
  extractReceiptsPrefix,
  partitionDate,
  pipelineStateKey,
  replayKey,
  reportKey,
  runTableKey,
} from '../../contract/object-keys.ts';
import type { PublishMessage } from '../../contract/messages.ts';
import {
  convertReceipt,
  extractReceipt,
  failure,
  type PipelineState,
  pipelineState,
  type Plan,
  type Replay,
  replay,
  type RunReport,
  runReport,
} from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { compactTables } from './compact-tables.ts';
import { assessRun, type RunEvidence } from './completeness.ts';
import { chunkId } from '../runs/run-ids.ts';
import { expireHistory, type History } from './expire-history.ts';
import { inBatches } from '../store/in-batches.ts';
import { createPlanReader } from '../runs/plan-reader.ts';
import { emptyState } from '../runs/pipeline-state.ts';
import type { Announcer, Clock, Log, Metrics, ObjectStore, Queue } from '../ports.ts';
import { countRun } from './run-metrics.ts';
import { runTable } from './run-table.ts';
import { readJson, updateJson, writeJson } from '../store/stored-json.ts';

export interface PublishPorts {
  readonly store: ObjectStore;
  readonly publishQueue: Queue;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface PublishSettings {
  readonly streamNamed: (name: string) => Stream;
  readonly publishCheckSeconds: number;
  /** Absent: old versions are kept for ever. */
  readonly history?: History | undefined;
  /** Tables whose old files may become one a day. */
  readonly compacted: readonly string[];
}

/** A check waits longer the older the run, up to this many times the first wait. */
const slowestCheck = 10;
const maxDelaySeconds = 900;

/**
 * Looks at a run: asks again later while it is under way; when it is over, publishes it. Each step may
 * be repeated: the run's rows, then (one conditional write) the watermarks, then the report, then the event.
 * A complete report is final, until work of its run is sent again.
 */
export async function publishRun(
  message: PublishMessage,
  settings: PublishSettings,
  ports: PublishPorts,
): Promise<RunReport | undefined> {
  const { store, clock, log } = ports;
  const { runId } = message;
  const plan = await createPlanReader(store)(runId);
  const published = await readJson(store, reportKey(runId), runReport);
  const replayed = (await readJson(store, replayKey(runId), replay))?.value;
  const rowsKey = runTableKey(partitionDate(plan.startedAt), runId);
  if (published?.value.status === 'complete' && published.value.replayedAt === replayed?.at) {
    // Again: a look that was overtaken may have left the rows of an older report.
    await store.put(rowsKey, runTable(published.value));
    await conclude(published.value, settings, ports);
    return published.value;
  }
  const evidence = await readEvidence(store, plan, replayed);
  const assessment = assessRun(evidence, plan.streams.map(settings.streamNamed), clock.now());
  if (!assessment.over) {
    log.info('The run is under way.', { runId, waitingFor: assessment.waitingFor });
    await checkLater(message, settings, ports);
    return undefined;
  }
  const { report } = assessment;
  await store.put(rowsKey, runTable(report));
  await moveWatermarks(store, plan, report);
  if (
    !(await writeJson(store, reportKey(runId), report, published ? { ifMatch: published.etag } : { ifAbsent: true }))
  ) {
    log.info('Another look was faster; the run is looked at again.', { runId });
    await checkLater(message, settings, ports);
    return undefined;
  }
  await conclude(report, settings, ports);
  return report;
}

/** What follows from a report that stands. Old files last: nobody waits for that, and the next night does what this one could not. */
async function conclude(
  report: RunReport,
  { history, compacted }: PublishSettings,
  ports: PublishPorts,
): Promise<void> {
  await announceOnce(report, ports);
  if (history) await expireHistory(report, history, ports);
  if (report.kind === 'nightly') await compactTables(compacted, ports);
}

async function checkLater(
  { runId, check }: PublishMessage,
  settings: PublishSettings,
  { publishQueue }: PublishPorts,
): Promise<void> {
  const seconds = settings.publishCheckSeconds * Math.min(slowestCheck, 1 + Math.floor(check / 5));
  const body: PublishMessage = { runId, check: check + 1 };
  await publishQueue.send([{ body, delaySeconds: Math.min(maxDelaySeconds, seconds) }]);
}

async function readEvidence(store: ObjectStore, plan: Plan, replayed: Replay | undefined): Promise<RunEvidence> {
  const extractReceipts = await readAll(store, extractReceiptsPrefix(plan.runId), extractReceipt);
  const convertReceipts = await readAll(store, convertReceiptsPrefix(plan.runId), convertReceipt);
  const aborted = await readJson(store, abortedKey(plan.runId), failure);
  return {
    plan,
    extractReceipts: new Map(extractReceipts.map((receipt) => [receipt.taskId, receipt])),
    convertReceipts: new Map(convertReceipts.map((receipt) => [chunkId(receipt.taskId, receipt.sequence), receipt])),
    aborted: aborted?.value,
    replay: replayed,
  };
}

async function readAll<T>(store: ObjectStore, prefix: string, schema: Parameters<typeof readJson<T>>[2]): Promise<T[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  const read = await inBatches(keys, (key) => readJson(store, key, schema));
  return read.flatMap((one) => (one ? [one.value] : []));
}

/** Ends the run's claim on its streams and, where a nightly table is complete, moves its watermark to the run's start. */
async function moveWatermarks(store: ObjectStore, plan: Plan, report: RunReport): Promise<void> {
  const { runId, startedAt } = plan;
  await updateJson(store, pipelineStateKey, pipelineState, emptyState, (state) => {
    const watermarks: PipelineState['watermarks'] = { ...state.watermarks };
    for (const [name, table] of Object.entries(report.tables)) {
      const current = watermarks[name];
      const isNewer = !current || current.at < startedAt;
      if (plan.kind === 'nightly' && table.status === 'complete' && isNewer)
        watermarks[name] = { at: startedAt, runId };
    }
    const { [runId]: _, ...underWay } = state.underWay;
    return { watermarks, underWay };
  });
}

async function announceOnce(report: RunReport, { store, announcer, metrics, log }: PublishPorts): Promise<void> {
  const marker = announcedKey(report.runId, report.status, report.replayedAt);
  if (await store.head(marker)) return;
  await announcer.announce('runPublished', eventDetail(report));
  const state = await readJson(store, pipelineStateKey, pipelineState);
  countRun(report, state?.value ?? emptyState, { metrics, log });
  await writeJson(store, marker, {});
}

/** The report without error messages, which stand in S3: an event is small and may leave the account. */
function eventDetail({ tables, ...run }: RunReport): Record<string, unknown> {
  return {
    ...run,
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, { status, rowsWritten }]) => [name, { status, rowsWritten }]),
    ),
  };
}
