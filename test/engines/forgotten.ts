import { randomUUID } from 'node:crypto';
import { parquetKey, partitionDate } from '../../lambdas/contract/object-keys.ts';
import { currentTableOf, type Stream, tableOf } from '../../lambdas/contract/stream.ts';
import { mergeTable } from '../../lambdas/core/current/merge-table.ts';
import { loadTable } from '../../lambdas/core/iceberg/table.ts';
import { runRewrite } from '../../lambdas/core/rewrite/run-rewrite.ts';
import { writeParquet } from '../../lambdas/core/rows/parquet/write.ts';
import type { ParsedRow } from '../../lambdas/core/rows/rows.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { rowsIn } from '../support/iceberg-table.ts';
import { type Reading, scenarioDatabase, type World } from './scenario.ts';

const stream: Stream = { ...leads, name: 'forgotten_leads' };
const person = { id: 'lead_00042', email: 'zoë.unforgettable@exämple.test' };
const count = 25_000;
const start = Date.parse('2026-05-01T02:00:00.000Z');

/** @param night 0 has the first copy of each lead; later nights change some */
function lead(index: number, night: number): ParsedRow {
  const id = `lead_${String(index).padStart(5, '0')}`;
  return {
    id,
    email: id === person.id ? person.email : `${id}@example.test`,
    title: `Title ${index % 50} of night ${night}`,
    tags: index % 3 === 0 ? ['a', 'ü'] : [],
    created_at: new Date(start),
    updated_at: new Date(start + night * 86_400_000),
    _run_id: `nightly-${night}`,
    _extracted_at: new Date(start + night * 86_400_000),
    _digest: `${index}-${night}`,
  };
}

/**
 * A table of several files and three nights, in each of which a person changed who is then forgotten. Afterwards, the
 * table has one snapshot, which has every other row.
 */
export async function writeForgotten(world: World): Promise<Reading[]> {
  for (let night = 0; night < 3; night += 1) await mergeNight(world, night);
  const { table: _, ...before } = await contentOf(world);
  if (before.snapshots.length < 3 || !before.rows.some(({ id }) => id === person.id))
    throw new Error('The person does not stand in three snapshots.');
  const persons = { subjects: [{ stream: stream.name, id: person.id }], addresses: [person.email] };
  const registry = { streams: [stream], tables: [] };
  const options = { clean: new Map<string, string>(), newKey: 'ab'.repeat(32) };
  const rewrite = { ...portsOf(world, 3), onProgress() {}, isBusy: async () => false, wait: async () => {} };
  const receipt = await runRewrite({ command: 'forget', persons }, registry, rewrite, options);
  if (receipt.touched[`current/${stream.name}`]?.removed !== 1) throw new Error('One row should have been removed.');
  const after = await contentOf(world);
  const known = {
    database: scenarioDatabase,
    catalog: 'current',
    table: stream.name,
    metadataUri: after.table.metadataUri,
    snapshots: after.snapshots,
    columns: Object.entries(currentTableOf(stream).columns).map(([name, { type }]) => ({ name, type })),
    snapshot: null,
    time: null,
    id: null,
  } as const;
  return [
    {
      ...known,
      name: `${stream.name}: all but a person who is forgotten, in the only snapshot`,
      rows: before.rows.filter(({ id }) => id !== person.id),
    },
    { ...known, name: `${stream.name}: the row of a person who is forgotten`, id: person.id, rows: [] },
  ];
}

async function mergeNight(world: World, night: number): Promise<void> {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const rows = indexes.filter((index) => night === 0 || index % 97 === 42 % 97).map((index) => lead(index, night));
  const startedAt = new Date(start + night * 86_400_000).toISOString();
  const runId = `nightly-${startedAt.replaceAll(/[-:]|\.\d+/g, '')}`;
  const key = parquetKey(stream.name, partitionDate(startedAt), runId, `${stream.name}.0`, 0);
  const file = writeParquet(tableOf(stream), rows);
  await world.store.put(key, file);
  const chunks = [{ id: key, taskId: `${stream.name}.0`, key, rows: rows.length, bytes: file.byteLength }];
  const choice = { forced: false, approved: false, lookbackHours: 24, confirmAfterSeconds: 900, maxDeletedShare: 0.05 };
  const input = { runId, startedAt, ...choice, chunks, scopes: [], deletedParents: [] };
  const { done } = await mergeTable(stream, input, portsOf(world, night));
  if (!done) throw new Error('The merge did not come to its end.');
}

function portsOf({ store, catalog, warehouse }: World, night: number) {
  return {
    store,
    catalog,
    warehouse,
    clock: { now: () => new Date(start + night * 86_400_000) },
    log: { info() {}, warn() {}, error() {} },
    deadline: { remainingMilliseconds: () => Number.POSITIVE_INFINITY },
    newId: randomUUID,
  };
}

async function contentOf({ store, warehouse }: World) {
  const table = await loadTable(store, warehouse, stream.name);
  if (!table) throw new Error(`There is no table ${stream.name}.`);
  const snapshots = table.metadata.snapshots.map((one) => String(one['snapshot-id']));
  return { table, snapshots, rows: await rowsIn(store, table.schema, table.files) };
}
