import { randomUUID } from 'node:crypto';
import type { PublishMessage } from '../../lambdas/contract/messages.ts';
import { childReads } from '../../lambdas/contract/pipeline-tables.ts';
import { planKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { currentTableOf } from '../../lambdas/contract/stream.ts';
import { commitTable } from '../../lambdas/core/iceberg/commit.ts';
import { loadTable } from '../../lambdas/core/iceberg/table.ts';
import type { Clock, Log, Queue } from '../../lambdas/core/ports.ts';
import { replayRejected } from '../../lambdas/core/replay/replay-rejected.ts';
import { dispatchRun } from '../../lambdas/core/runs/dispatch-run.ts';
import { readJson, writeJson } from '../../lambdas/core/store/stored-json.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import type { Target } from '../target.ts';
import type { Audit } from './audit.ts';
import { planReading, type Reading, type RepairSettings } from './plan-repair.ts';
import type { LostDataFile } from './read-lake.ts';

export interface RepairPorts extends Pick<Target, 'store' | 'warehouse'> {
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
  readonly publishQueue: Queue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Repair {
  /** Describes for a person what the repair does. */
  readonly lines: readonly string[];
  /** Starts the repair by sending work to the queues. Starting it twice does no harm. */
  begin(publishCheckSeconds: number, ports: RepairPorts): Promise<ReportWait[]>;
}

/** Checks on a run that repairs. @returns the run's report; undefined until the report includes the repair */
export type ReportWait = () => Promise<RunReport | undefined>;

/** Plans the repair of what an audit found. @returns undefined if a repair cannot fix anything */
export function planRepair(found: Audit, settings: RepairSettings): Repair | undefined {
  const { lostData, files } = found;
  const reading = planReading(found, settings);
  const lostFiles = files.lost.filter(({ isConvertible }) => isConvertible).length;
  const lines = [
    ...(lostData.length > 0
      ? [`Takes ${counted(lostData.length, 'lost data file')} out of the current tables; their rows are read again.`]
      : []),
    ...(lostFiles > 0 ? [`Makes ${counted(lostFiles, 'lost file')} again from raw chunks.`] : []),
    ...(files.unlisted.length > 0
      ? [`Writes the rows of ${counted(files.unlisted.length, 'run')} in pipeline_runs again.`]
      : []),
    ...(reading?.lines ?? []),
  ];
  if (lines.length === 0) return undefined;
  return { lines, begin: (publishCheckSeconds, ports) => begin(found, reading, publishCheckSeconds, ports) };
}

async function begin(
  { lostData, files }: Audit,
  reading: Reading | undefined,
  publishCheckSeconds: number,
  ports: RepairPorts,
): Promise<ReportWait[]> {
  const { store, publishQueue } = ports;
  const began = ports.clock.now().toISOString();
  for (const [table, lost] of Map.groupBy(lostData, (file) => file.table)) await takeOut(table, lost, ports);
  await replayRejected(files.convertible, ports);
  await publishQueue.send(files.unlisted.map((runId) => ({ body: { runId, check: 0 } satisfies PublishMessage })));
  const reportOf = async (runId: string) => (await readJson(store, reportKey(runId), runReport))?.value;
  const waits: ReportWait[] = files.convertible.map(({ plan: { runId } }) => async () => {
    const report = await reportOf(runId);
    return (report?.replayedAt ?? '') >= began ? report : undefined;
  });
  if (!reading) return waits;
  const { plan } = reading;
  if (!(await writeJson(store, planKey(plan.runId), plan, { ifAbsent: true })))
    throw new Error(`There is a run ${plan.runId} already; try again.`);
  await dispatchRun(plan, publishCheckSeconds, ports);
  return [...waits, () => reportOf(plan.runId)];
}

const mostAttempts = 20;

/** Commits a version of a current table without its lost files. With them in the table, no merge could succeed. */
async function takeOut(name: string, lost: readonly LostDataFile[], ports: RepairPorts): Promise<void> {
  const { store, warehouse, clock } = ports;
  const table = name === childReads.name ? childReads : currentTableOf(streamNamed(name));
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const base = await loadTable(store, warehouse, name);
    const removed = base?.files.filter(({ key }) => lost.some((file) => file.key === key)) ?? [];
    if (removed.length === 0) return;
    const change = { table, added: [], removed, properties: {}, now: clock.now(), newId: () => randomUUID() };
    if (await commitTable(store, warehouse, base, change)) return;
  }
  throw new Error(`${name} was changed by others ${mostAttempts} times in a row; try again.`);
}
