import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GlueClient } from '@aws-sdk/client-glue';
import type { Columns } from '../../lambdas/contract/column-types.ts';
import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { parquetFile, prefixes } from '../../lambdas/contract/object-keys.ts';
import { childReads } from '../../lambdas/contract/pipeline-tables.ts';
import { currentTableOf, historyName, type Table, tableOf } from '../../lambdas/contract/stream.ts';
import { type LiveTable, loadTable } from '../../lambdas/core/iceberg/table.ts';
import type { ObjectStore, ReadableStore } from '../../lambdas/core/ports.ts';
import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { databaseName } from '../../lib/config/names.ts';
import { startCloud } from '../../local/cloud/cloud.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { currentAssembly } from '../../local/run/assembly.ts';
import { folderObjects } from '../../local/run/folder-objects.ts';
import { localEnvironment, runPipeline } from '../../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { rowsIn, type TableRow } from '../support/iceberg-table.ts';
import { inProcess } from '../support/in-process.ts';
import { differences } from '../support/lake-oracle.ts';
import { setPointerRight } from './current-pointers.ts';
import { addHistoryTables } from './history-tables.ts';
import type { Reading } from './scenario.ts';

export interface NightsWorld {
  readonly glue: GlueClient;
  readonly glueEndpoint: string;
  /** Bucket that the engines read; `bucket` is its name. */
  readonly store: ObjectStore;
  readonly bucket: string;
}

const workspace = 'main';
const nightsDatabase = databaseName(workspace);
/** Custom columns, as the configuration of a deployed workspace may add them. */
const custom: CustomColumns = { leads: { lead_score: { type: 'integer' }, crm_tags: { type: 'string_list' } } };
const declared = streams.map((stream) => withCustomColumns(stream, custom));
const currentTables: readonly Table[] = [...declared.map(currentTableOf), childReads];

/** Contents of each current table after a night. */
type Night = ReadonlyMap<string, { readonly live: LiveTable; readonly rows: readonly TableRow[] }>;

/**
 * Nights of a simulated workspace on the embedded cloud, whose publish writes to the Glue that the engines read. The
 * tables are compared with the simulator after each night, so they are what the engines must show.
 */
export async function writeNights(world: NightsWorld): Promise<Reading[]> {
  const out = await mkdtemp(join(tmpdir(), 'prospect-lake-engines-'));
  const simulator = await startSimulator({ leads: 120, pageSize: 50 });
  try {
    plantCustomFields(simulator);
    await addHistoryTables(world.glue, { database: nightsDatabase, bucket: world.bucket, customColumns: custom });
    const nights: Night[] = [];
    for (const change of [() => {}, () => changeMuch(simulator), () => changeLittle(simulator)]) {
      change();
      await runNight(simulator, out, world.glueEndpoint);
      nights.push(await readNight(simulator, out, world));
    }
    await copyObjects(out, world.store);
    return [...currentReadings(nights), ...(await historyReadings(out))];
  } finally {
    await simulator.stop();
    await rm(out, { recursive: true, force: true });
  }
}

function plantCustomFields(simulator: Simulator): void {
  for (const [index, { id }] of [...simulator.expectedRows('leads')].entries())
    if (index % 3 > 0) simulator.updateLead(String(id), { lead_score: index, crm_tags: index % 2 ? ['a', ''] : [] });
}

function changeMuch(simulator: Simulator): void {
  simulator.advance(new Date());
  const [first, second, third] = [...simulator.expectedRows('leads')].map(({ id }) => String(id));
  simulator.deleteLead(first ?? '');
  simulator.updateLead(second ?? '', { title: 'Zoë 😀 "Head" \\ of\nall', tags: [] });
  simulator.updateLead(third ?? '', { title: null, tags: ['', 'ü'] });
  simulator.createLead({ full_name: 'New \u{10ffff}' });
}

function changeLittle(simulator: Simulator): void {
  const [id] = [...simulator.expectedRows('leads')].map((row) => String(row['id']));
  simulator.updateLead(id ?? '', { title: 'Changed in the third night' });
}

const timeScale = 20;

async function runNight(simulator: Simulator, out: string, glueEndpoint: string): Promise<void> {
  const { GLUE_DATABASE: _, ...environment } = localEnvironment({
    apiUrl: simulator.baseUrl,
    streams: undefined,
    startDate: undefined,
    requestsPerMinute: 1_000_000,
    timeScale,
  });
  const cloud = await startCloud({
    assembly: await currentAssembly(),
    out,
    timeScale,
    environment: { ...environment, PAGE_SIZE: '50', CUSTOM_COLUMNS: JSON.stringify(custom) },
    secrets: { apiKey: simulator.apiKey },
    startInstance: (definition, ...rest) =>
      inProcess(
        { ...definition, environment: { ...definition.environment, AWS_ENDPOINT_URL_GLUE: glueEndpoint } },
        ...rest,
      ),
  });
  try {
    const quiet = { display: noProgress, onResume() {} };
    const { report } = await runPipeline(cloud, { out, now: new Date(), fullRefresh: false, ...quiet });
    if (report.status !== 'complete') throw new Error(`The night ended ${report.status}: ${JSON.stringify(report)}`);
  } finally {
    await cloud.stop();
  }
}

/** Reads each current table after a night. @throws Error if a table differs from the simulator */
async function readNight(simulator: Simulator, out: string, { bucket, glue }: NightsWorld): Promise<Night> {
  const store = folderObjects(out);
  const night = new Map<string, { live: LiveTable; rows: readonly TableRow[] }>();
  for (const table of currentTables) {
    const live = await loadTable(store, { root: `s3://${bucket}/` }, table.name);
    if (!live) throw new Error(`There is no current table ${table.name}.`);
    await setPointerRight(glue, nightsDatabase, table, live);
    night.set(table.name, { live, rows: await rowsIn(store, live.schema, live.files) });
  }
  const faults = declared.flatMap((stream) =>
    differences(stream, night.get(stream.name)?.rows ?? [], simulator.expectedRows(stream.name)),
  );
  if (faults.length > 0) throw new Error(faults.join('; '));
  return night;
}

async function copyObjects(out: string, to: ObjectStore): Promise<void> {
  const from = folderObjects(out);
  for (const prefix of [prefixes.current, prefixes.lake])
    for await (const { key } of from.list(prefix)) await to.put(key, (await from.get(key))?.body ?? '');
}

const columnsOf = (columns: Columns) => Object.entries(columns).map(([name, { type }]) => ({ name, type }));

/** Each table after the last night, and after every earlier night that made its own snapshot. */
function currentReadings(nights: readonly Night[]): Reading[] {
  const last = nights.at(-1);
  return currentTables.flatMap((table) => {
    const { live } = last?.get(table.name) ?? {};
    if (!live) return [];
    const snapshots = live.metadata.snapshots.map((one) => String(one['snapshot-id']));
    const known = {
      database: nightsDatabase,
      catalog: 'current',
      table: table.name,
      metadataUri: live.metadataUri,
      id: null,
      time: null,
    } as const;
    return nights.flatMap((night, at) => {
      const { live: then, rows = [] } = night.get(table.name) ?? {};
      const isLast = night === last;
      if (!isLast && (!then || then.snapshotId === null || then.snapshotId === live.snapshotId)) return [];
      return [
        {
          ...known,
          name: `${table.name} after night ${at + 1}${isLast ? '' : ', at its snapshot'}`,
          snapshot: isLast ? null : String(then?.snapshotId),
          snapshots,
          columns: columnsOf(table.columns),
          rows,
        },
      ];
    });
  });
}

async function historyReadings(out: string): Promise<Reading[]> {
  const store = folderObjects(out);
  const readings: Reading[] = [];
  for (const stream of declared) {
    const table = tableOf(stream);
    readings.push({
      name: `${historyName(stream)}, every version of three nights`,
      database: nightsDatabase,
      catalog: 'history',
      table: historyName(stream),
      metadataUri: '',
      snapshot: null,
      snapshots: [],
      time: null,
      id: null,
      columns: columnsOf(table.columns),
      rows: await historyRows(store, table),
    });
  }
  return readings;
}

async function historyRows(store: ReadableStore, table: Table): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${table.name}/`)) {
    if (!parquetFile(key)) continue;
    const object = await store.get(key);
    if (object) rows.push(...((await readParquet(key, object.body, Object.keys(table.columns))) as TableRow[]));
  }
  return rows;
}
