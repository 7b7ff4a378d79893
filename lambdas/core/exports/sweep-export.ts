/**
 * Asks the API for the leads that a complete, loaded export lacks. A lead that the API does not know either is deleted.
 */

import type { ExportMessage } from '../../contract/messages.ts';
import { metricNames } from '../../contract/metrics.ts';
import { approvalKey, partitionDate, planKey, prefixes, reportKey } from '../../contract/object-keys.ts';
import { maxIdsPerTask, type Plan, plan as planSchema } from '../../contract/run.ts';
import { runReport } from '../../contract/run-report.ts';
import { currentTableOf, type Stream } from '../../contract/stream.ts';
import { readCurrent } from '../current/read-current.ts';
import type { Warehouse } from '../iceberg/warehouse.ts';
import type { Announcer, Clock, Metrics, Queue } from '../ports.ts';
import type { Problem } from '../../contract/problems.ts';
import { readParquet } from '../rows/parquet/read.ts';
import { isAddressable } from '../rows/row-ids.ts';
import { type DispatchPorts, dispatchRun } from '../runs/dispatch-run.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { readObject } from '../store/stored-object.ts';
import type { ExportSettings } from './export-settings.ts';
import { type KnownLead, missingLeads } from './missing-leads.ts';

export interface SweepPorts extends DispatchPorts {
  readonly warehouse: Warehouse;
  readonly exportQueue: Queue;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface SweepStreams {
  readonly leads: Stream;
  readonly exports: Stream;
  /** Enabled streams whose rows belong to a lead. They are deleted with the lead. */
  readonly children: readonly Stream[];
}

type SweepMessage = Extract<ExportMessage, { step: 'sweep' }>;

/** Most checks for the report of the load. Normally it exists after far fewer. */
const maxChecks = 200;
const checkSeconds = 30;
/** Maximum leads to ask for per export. The next export asks for the others. */
const mostAsked = 5_000;
const hour = 3_600_000;
const deadlineHours = 24;

/**
 * Takes the sweep step: waits for the report of the load, then asks for missing leads or stops.
 * @throws Error if the lake cannot be read; the message is then retried
 */
export async function sweepExport(
  message: SweepMessage,
  settings: ExportSettings & { readonly publishCheckSeconds: number },
  streams: SweepStreams,
  ports: SweepPorts,
): Promise<void> {
  const { store, announcer, log, metrics } = ports;
  const { runId, exportId, startedAt, approved } = message;
  const report = await readJson(store, reportKey(runId), runReport);
  if (!report) {
    if (message.check >= maxChecks)
      throw new Error(`The load of export ${exportId} is not published after ${maxChecks} checks.`);
    return ports.exportQueue.send([{ body: { ...message, check: message.check + 1 }, delaySeconds: checkSeconds }]);
  }
  const plan = await readJson(store, planKey(runId), planSchema);
  if (!plan) throw new Error(`Run ${runId} has no plan.`);
  const stop = async (reason: string, counts: object = {}) => {
    log.error('Nothing is deleted.', { runId, exportId, reason, ...counts });
    await announcer.announce('deletionStopped', { runId, exportId, reason, ...counts });
    const message = `The export of the run ${runId} deletes nothing: ${reason}`;
    await announcer.announce('needsAttention', { problem: 'DeletionStopped', message } satisfies Problem);
    metrics.count(metricNames.deletionStopped, 1);
  };
  if (report.value.status !== 'complete')
    return stop(`The load of the export is ${report.value.status}. Only a complete load can show what was deleted.`);

  const exported = await exportedIds(runId, plan.value, streams.exports, ports);
  const sweep = missingLeads(await knownLeads(streams.leads, ports), exported, {
    startedAt: new Date(startedAt),
    maxShare: settings.maxDeletedShare,
    approved,
  });
  if (sweep.kind === 'stop') return stop(sweep.reason, { missing: sweep.missing, known: sweep.known });
  const ids = sweep.ids.filter(isAddressable).slice(0, mostAsked);
  if (ids.length === 0) return;
  await askFor(ids, message, settings.publishCheckSeconds, streams, ports);
  log.info('The API is asked for leads that the export does not hold.', { runId, exportId, missing: ids.length });
}

/**
 * Starts a run that asks for each lead by id. If the answer is 404, the lead is suspected to be deleted; a second 404
 * later deletes it.
 */
async function askFor(
  ids: readonly string[],
  { runId, approved }: SweepMessage,
  publishCheckSeconds: number,
  { leads, children }: SweepStreams,
  ports: SweepPorts,
): Promise<void> {
  const now = ports.clock.now();
  const parts = Array.from({ length: Math.ceil(ids.length / maxIdsPerTask) }, (_, part) =>
    ids.slice(part * maxIdsPerTask, (part + 1) * maxIdsPerTask),
  );
  const plan: Plan = {
    runId: runId.replace(/^export-/, 'sweep-'),
    kind: 'sweep',
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + deadlineHours * hour).toISOString(),
    streams: [leads.name, ...children.map(({ name }) => name)],
    tasks: parts.map((part, index) => ({
      taskId: `${leads.name}.0.${index}`,
      stream: leads.name,
      selection: { kind: 'ids', ids: part },
    })),
    fullRefresh: false,
  };
  // The approval covers this run too: the run only confirms what the export showed, so a person need not approve twice.
  if (approved) await writeJson(ports.store, approvalKey(plan.runId), {});
  if (await writeJson(ports.store, planKey(plan.runId), plan, { ifAbsent: true }))
    return dispatchRun(plan, publishCheckSeconds, ports);
  const stored = await readJson(ports.store, planKey(plan.runId), planSchema);
  if (stored) await dispatchRun(stored.value, publishCheckSeconds, ports);
}

async function exportedIds(
  runId: string,
  { startedAt }: Plan,
  { name }: Stream,
  { store }: SweepPorts,
): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of store.list(`${prefixes.lake}${name}/dt=${partitionDate(startedAt)}/${runId}-`)) {
    const file = await readObject(store, key);
    if (!file) throw new Error(`${key} was deleted while it was being read. The message is tried again.`);
    for (const { id } of await readParquet(key, file.body, ['id'])) if (typeof id === 'string') ids.add(id);
  }
  return ids;
}

async function knownLeads(leads: Stream, ports: SweepPorts): Promise<KnownLead[]> {
  const known: KnownLead[] = [];
  for await (const rows of readCurrent(currentTableOf(leads), ['id', '_extracted_at'], ports)) {
    for (const [index, id] of (rows['id'] ?? []).entries()) {
      const readAt = rows['_extracted_at']?.[index];
      if (typeof id === 'string' && readAt instanceof Date) known.push({ id, readAt });
    }
  }
  return known;
}
