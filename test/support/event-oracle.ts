/** Compares the lake after events and exports with the simulated workspace. */

import { parse } from 'csv-parse/sync';
import { dispatchedKey, planKey } from '../../lambdas/contract/object-keys.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { countFaults, differences, reportsIn, tableFaults } from './lake-oracle.ts';
import { rowsOf } from './lake-reader.ts';
import type { MemoryStore } from './memory-store.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Source {
  /** Rows that a full read would return now. */
  rows(table: string): Iterable<Fields>;
}

export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly body: string;
}

/** Faults if a run that began is not complete, counts do not match, or a table differs from the workspace. */
async function stateFaults(store: MemoryStore, streams: readonly Stream[], source: Source): Promise<string[]> {
  const reports = reportsIn(store);
  const complete = new Set(reports.filter(({ status }) => status === 'complete').map(({ runId }) => runId));
  const faults = await countFaults(store, [...streams, leadExports], reports);
  for (const key of store.keys('runs/').filter((each) => each.endsWith('/plan.json'))) {
    const runId = key.split('/')[1] ?? '';
    // A refresh that was planned, but whose messages then came in another batch, never began.
    const isBegun = !runId.startsWith('refresh-') || store.objects.has(dispatchedKey(runId));
    if (key === planKey(runId) && isBegun && !complete.has(runId)) faults.push(`${runId} is not complete`);
  }
  for (const stream of streams) faults.push(...(await tableFaults(store, stream, source.rows(stream.name))));
  return faults;
}

/** Faults in the lake after these events were answered with 2xx. Nothing else may happen after the last nightly run. */
export async function eventFaults(
  store: MemoryStore,
  streams: readonly Stream[],
  source: Source,
  sent: readonly SentEvent[],
): Promise<string[]> {
  const faults = await stateFaults(store, streams, source);
  const text = ({ id, event, body }: SentEvent) => JSON.stringify([id, event, body]);
  const rows = await rowsOf(store, 'webhook_events');
  const kept = new Set(
    rows.map((row) => text({ id: String(row['delivery_id']), event: String(row['event']), body: String(row['body']) })),
  );
  const wanted = new Set(sent.map(text));
  const [lost, foreign] = [wanted.difference(kept).size, kept.difference(wanted).size];
  if (lost + foreign > 0) faults.push(`webhook_events: ${lost} missing, ${foreign} that nobody sent`);
  return faults;
}

export interface ExportedFile {
  readonly exportId: string;
  /** CSV with a header, as the vendor writes it. */
  readonly lines: Iterable<string>;
}

/** Faults in the lake after this file was loaded and its leads were compared with those in the lake. */
export async function exportFaults(
  store: MemoryStore,
  streams: readonly Stream[],
  source: Source,
  { file, deleted }: { file: ExportedFile; deleted: readonly string[] },
): Promise<string[]> {
  const faults = await stateFaults(store, streams, source);
  const history = await rowsOf(store, leadExports.name);
  const loaded = new Map(history.map((row) => [String(row['row_number']), row]));
  const foreign = history.filter((row) => row['export_id'] !== file.exportId).length;
  if (foreign > 0) faults.push(`lead_exports: ${foreign} rows of another export`);
  faults.push(...differences(leadExports, loaded.values(), fileRows(file)));
  const tombstones = new Set(
    (await rowsOf(store, 'leads')).filter((row) => row['_deleted_at'] !== null).map(({ id }) => String(id)),
  );
  if (tombstones.symmetricDifference(new Set(deleted)).size > 0)
    faults.push(`leads: tombstones of ${[...tombstones].join()}, of which ${deleted.join()} are gone`);
  return faults;
}

function fileRows({ exportId, lines }: ExportedFile): Fields[] {
  const records: Record<string, string>[] = parse([...lines].join(''), { columns: true });
  return records.map((record, index) => ({
    ...Object.fromEntries(Object.entries(record).map(([name, cell]) => [name, cell === '' ? null : cell])),
    tags: record['tags'] ? record['tags'].split(';') : null,
    row_number: index,
    export_id: exportId,
  }));
}
