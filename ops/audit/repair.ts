import type { PublishMessage } from '../../lambdas/contract/messages.ts';
import { parquetKey, partitionDate, planKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { plan as planSchema, type Plan, runReport } from '../../lambdas/contract/run.ts';
import { tableOf } from '../../lambdas/contract/stream.ts';
import { dispatchRun } from '../../lambdas/core/runs/dispatch-run.ts';
import { writeParquet } from '../../lambdas/core/rows/parquet/write.ts';
import type { Clock, Log, ObjectStore, Queue } from '../../lambdas/core/ports.ts';
import { type RejectedRun, replayRejected } from '../../lambdas/core/replay/replay-rejected.ts';
import type { ParsedRow } from '../../lambdas/core/rows/rows.ts';
import { readJson, writeJson } from '../../lambdas/core/store/stored-json.ts';
import type { LostFile } from './check-receipt.ts';
import type { Grave, RepairPlan } from './plan-repair.ts';

export interface RepairPorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
  readonly publishQueue: Queue;
  readonly clock: Clock;
  readonly log: Log;
}

/** Of a run that the repair waits for: whether it has been published since. */
export type IsPublished = () => Promise<boolean>;

const gravesPerFile = 10_000;

/** Begins a repair, and ends with work in the queues. Doing it twice does no harm. */
export async function beginRepair(
  { files, runs, refresh }: RepairPlan,
  publishCheckSeconds: number,
  ports: RepairPorts,
): Promise<IsPublished[]> {
  const { store, publishQueue } = ports;
  const converted = await runsOf(files, store);
  const began = ports.clock.now().toISOString();
  await replayRejected(converted, ports);
  await publishQueue.send(runs.map((runId) => ({ body: { runId, check: 0 } satisfies PublishMessage })));
  const waits: IsPublished[] = converted.map(
    ({ plan: { runId } }) =>
      async () =>
        ((await readJson(store, reportKey(runId), runReport))?.value.replayedAt ?? '') >= began,
  );
  if (refresh) {
    const { plan, graves } = refresh;
    if (!(await writeJson(store, planKey(plan.runId), plan, { ifAbsent: true })))
      throw new Error(`There is a run ${plan.runId} already; try again.`);
    await bury(graves, plan, store);
    await dispatchRun(plan, publishCheckSeconds, ports);
    waits.push(async () => (await store.head(reportKey(plan.runId))) !== undefined);
  }
  return waits;
}

async function runsOf(files: readonly LostFile[], store: ObjectStore): Promise<RejectedRun[]> {
  const runs: RejectedRun[] = [];
  for (const [runId, lost] of Map.groupBy(files, (file) => file.runId)) {
    const plan = (await readJson(store, planKey(runId), planSchema))?.value;
    if (!plan) continue;
    const chunks = new Map(lost.map((file) => [`${file.taskId}/${file.sequence}`, { ...file, rowsRejected: 0 }]));
    runs.push({ plan, chunks: [...chunks.values()] });
  }
  return runs;
}

/**
 * Writes a tombstone for each ghost, dated just behind the latest reading of it: so whatever the clocks of this
 * machine and of the functions say, a row that the refresh, or a run beside it, is given again is there again.
 */
async function bury(graves: readonly Grave[], plan: Plan, store: ObjectStore): Promise<void> {
  const date = partitionDate(plan.startedAt);
  for (const [stream, all] of Map.groupBy(graves, (grave) => grave.stream)) {
    const table = tableOf(stream);
    for (let part = 0; part * gravesPerFile < all.length; part += 1) {
      const rows = all.slice(part * gravesPerFile, (part + 1) * gravesPerFile).map((grave) => tombstone(grave, plan));
      await store.put(parquetKey(table.name, date, plan.runId, 'tombstones', part), writeParquet(table, rows));
    }
  }
}

function tombstone({ stream, key, lastReadAt }: Grave, plan: Plan): ParsedRow {
  const { columns } = tableOf(stream);
  const deletedAt = new Date(lastReadAt + 1);
  const row: Record<string, ParsedRow[string]> = Object.fromEntries(Object.keys(columns).map((name) => [name, null]));
  for (const [index, name] of stream.key.entries()) {
    const text = key[index] ?? '';
    row[name] = columns[name]?.type === 'integer' ? BigInt(text) : text;
  }
  return {
    ...row,
    _run_id: plan.runId,
    // The views of tables that are read whole look at what was read since the newest listing began.
    _extracted_at: new Date(Math.max(deletedAt.getTime(), Date.parse(plan.startedAt))),
    _deleted_at: deletedAt,
  };
}
