import { z } from 'zod';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import type { RunReport } from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { Damage } from './damage.ts';
import { readListedRows } from './read-listed.ts';

/** What `pipeline_runs` says of the nightly runs, by which the views choose. */
export interface NightlyTables {
  /** Of each table the newest complete run, as the views of tables that are read whole take it. */
  readonly complete: ReadonlyMap<string, Snapshot>;
  /** Tables that nightly runs have read lately. */
  readonly readLately: ReadonlySet<string>;
  /** Files of it that could not be read, and are left out. */
  readonly damage: Damage;
}

export interface Snapshot {
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

const columns = ['run_id', 'table_name', 'kind', 'status', 'started_at'];
const runRow = z.object({
  run_id: z.string(),
  table_name: z.string(),
  kind: z.string(),
  status: z.string(),
  started_at: z.date(),
});
/** A family with a run under way is left out of the nights meanwhile. */
const lately = 7 * 86_400_000;

export async function readNightlyTables(store: ObjectStore, damage = new Damage()): Promise<NightlyTables> {
  const rows: z.output<typeof runRow>[] = [];
  const keys: string[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${pipelineRuns.name}/`))
    if (/\/(nightly|compacted)-[^/]+\.parquet$/.test(key)) keys.push(key);
  await inBatches(keys, async (key) => {
    const read = await damage.passOver(() => readListedRows(key, columns, (row) => runRow.parse(row), store));
    rows.push(...(read ?? []));
  });
  const nightly = rows.filter(({ kind }) => kind === 'nightly');
  const complete = new Map<string, Snapshot>();
  for (const { run_id: runId, table_name: table, status, started_at: started } of nightly)
    if (status === 'complete') addSnapshot(complete, table, { runId, startedAt: started.getTime() });
  const newest = nightly.reduce((max, { started_at: at }) => Math.max(max, at.getTime()), 0);
  const readLately = nightly.filter(({ started_at: at }) => at.getTime() > newest - lately);
  return { complete, readLately: new Set(readLately.map(({ table_name: table }) => table)), damage };
}

/** The same once rows of `pipeline_runs` that were lost are written again from these reports. */
export function withReports({ complete, ...rest }: NightlyTables, reports: readonly RunReport[]): NightlyTables {
  const all = new Map(complete);
  for (const { runId, startedAt, tables } of reports)
    for (const [table, { status }] of Object.entries(tables))
      if (status === 'complete') addSnapshot(all, table, { runId, startedAt: Date.parse(startedAt) });
  return { ...rest, complete: all };
}

/** As the views have it: the greatest id, and the latest start, of any. */
function addSnapshot(complete: Map<string, Snapshot>, table: string, { runId, startedAt }: Snapshot): void {
  const known = complete.get(table) ?? { runId, startedAt };
  complete.set(table, {
    runId: known.runId > runId ? known.runId : runId,
    startedAt: Math.max(known.startedAt, startedAt),
  });
}
