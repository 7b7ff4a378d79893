import { z } from 'zod';
import type { ExportMessage } from '../../contract/messages.ts';
import { metricNames } from '../../contract/metrics.ts';
import type { Problem } from '../../contract/problems.ts';
import { parquetKey, partitionDate, planKey, prefixes, reportKey } from '../../contract/object-keys.ts';
import { plan as planSchema, runReport } from '../../contract/run.ts';
import { type Stream, tableOf } from '../../contract/stream.ts';
import type { ExportSettings } from './export-settings.ts';
import { readParquet } from '../rows/parquet/read.ts';
import { writeParquet } from '../rows/parquet/write.ts';
import type { Announcer, Clock, Log, Metrics, ObjectStore, Queue } from '../ports.ts';
import type { ParsedRow } from '../rows/rows.ts';
import { readJson } from '../store/stored-json.ts';
import { type LeadVersion, sweepLeads } from './tombstones.ts';

/** Writes tombstones for the leads that a loaded, complete export does not hold. */

export interface SweepPorts {
  readonly store: ObjectStore;
  readonly exportQueue: Queue;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface SweepStreams {
  readonly leads: Stream;
  readonly exports: Stream;
}

type SweepMessage = Extract<ExportMessage, { step: 'sweep' }>;

/** The load is published long before this many looks. */
const maxChecks = 200;
const checkSeconds = 30;
const tombstonesPerFile = 10_000;

/** @throws Error where the lake cannot be read; the message is tried again */
export async function sweepExport(
  message: SweepMessage,
  settings: ExportSettings,
  streams: SweepStreams,
  ports: SweepPorts,
): Promise<void> {
  const { store, announcer, log, metrics } = ports;
  const { runId, exportId, startedAt, approved } = message;
  const report = await readJson(store, reportKey(runId), runReport);
  if (!report) {
    if (message.check >= maxChecks)
      throw new Error(`The load of export ${exportId} is not published after ${maxChecks} looks.`);
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
    return stop(`The load of the export is ${report.value.status}; only a complete one is a truth about deletions.`);

  const date = partitionDate(plan.value.startedAt);
  const exported = await exportedIds(store, `${prefixes.lake}${streams.exports.name}/dt=${date}/${runId}-`);
  const isOurs = (key: string) => key.startsWith(tombstonesPrefix(streams.leads, date, runId));
  const known = await knownLeads(store, streams.leads, isOurs);
  const sweep = sweepLeads(known, exported, {
    startedAt: new Date(startedAt),
    maxShare: settings.maxDeletedShare,
    approved,
  });
  if (sweep.kind === 'stop') return stop(sweep.reason, { missing: sweep.missing, known: sweep.known });

  const table = tableOf(streams.leads);
  for (let part = 0; part * tombstonesPerFile < sweep.ids.length; part += 1) {
    const ids = sweep.ids.slice(part * tombstonesPerFile, (part + 1) * tombstonesPerFile);
    const rows = ids.map((id) => tombstone(Object.keys(table.columns), id, runId, new Date(startedAt)));
    await store.put(parquetKey(table.name, date, runId, tombstonesTask, part), writeParquet(table, rows));
  }
  log.info('Leads that the export does not hold are marked as deleted.', {
    runId,
    exportId,
    deleted: sweep.ids.length,
  });
}

const tombstonesTask = 'tombstones';

function tombstonesPrefix({ name }: Stream, date: string, runId: string): string {
  return `${prefixes.lake}${name}/dt=${date}/${runId}-${tombstonesTask}-`;
}

/** The same export gives the same tombstone, letter for letter. */
function tombstone(columns: readonly string[], id: string, runId: string, at: Date): ParsedRow {
  const blank: ParsedRow = Object.fromEntries(columns.map((name) => [name, null]));
  return { ...blank, id, _run_id: runId, _extracted_at: at, _deleted_at: at };
}

async function exportedIds(store: ObjectStore, prefix: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const row of rowsUnder(store, prefix, ['id'])) if (typeof row['id'] === 'string') ids.add(row['id']);
  return ids;
}

const versionRow = z.object({
  id: z.string(),
  _extracted_at: z.date(),
  _deleted_at: z.date().nullish(),
});

/**
 * What the lake knows of each lead, by the rule of the current view: gone while no copy was read at or after
 * its latest tombstone. Tombstones that this sweep has written before do not count: it finds the same leads
 * again, and writes them to the same files.
 */
async function knownLeads(store: ObjectStore, leads: Stream, isOurs: (key: string) => boolean): Promise<LeadVersion[]> {
  const known = new Map<string, { read: number; buried: number }>();
  const columns = ['id', '_extracted_at', '_deleted_at'];
  for await (const row of rowsUnder(store, `${prefixes.lake}${leads.name}/`, columns, isOurs)) {
    const { id, _extracted_at: extractedAt, _deleted_at: deletedAt } = versionRow.parse(row);
    const lead = known.get(id) ?? { read: Number.NEGATIVE_INFINITY, buried: Number.NEGATIVE_INFINITY };
    if (deletedAt) lead.buried = Math.max(lead.buried, deletedAt.getTime());
    else lead.read = Math.max(lead.read, extractedAt.getTime());
    known.set(id, lead);
  }
  return [...known].map(([id, { read, buried }]) => ({
    id,
    extractedAt: new Date(Math.max(read, buried)),
    deleted: buried > read,
  }));
}

async function* rowsUnder(
  store: ObjectStore,
  prefix: string,
  columns: readonly string[],
  isLeftOut: (key: string) => boolean = () => false,
): AsyncGenerator<Record<string, unknown>> {
  for await (const { key } of store.list(prefix)) {
    if (!key.endsWith('.parquet') || isLeftOut(key)) continue;
    const object = await store.get(key);
    // Publish has put its rows into another file: what is known of the leads has to be read again from the start.
    if (!object) throw new Error(`${key} went while it was being read; the message is tried again.`);
    yield* await readParquet(object.body, columns);
  }
}
