import { partitionDate, prefixes } from '../../lambdas/contract/object-keys.ts';
import { rejectedRows } from '../../lambdas/contract/pipeline-tables.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { hasNoKey } from '../../lambdas/core/rows/rows.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { Damage } from '../lake/damage.ts';
import { readRows } from '../lake/read-rows.ts';

const reasonOf = ({ reason }: Record<string, unknown>) => String(reason);

/**
 * How many rejected rows of each run another version of the pipeline may be able to read: all but those for which the
 * API gives no key. A run is left out if its rejected rows may not be read: whoever only watches a workspace may not.
 */
export async function replayableRows(
  runs: readonly RunReport[],
  store: ObjectStore,
  damage: Damage,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const run of runs.filter(({ tables }) => Object.values(tables).some(({ rowsRejected }) => rowsRejected > 0))) {
    const rows = await replayableIn(run, store, damage).catch(unlessDenied);
    if (rows !== undefined) found.set(run.runId, rows);
  }
  return found;
}

async function replayableIn({ runId, startedAt }: RunReport, store: ObjectStore, damage: Damage): Promise<number> {
  const keys: string[] = [];
  for await (const { key } of store.list(
    `${prefixes.lake}${rejectedRows.name}/dt=${partitionDate(startedAt)}/${runId}-`,
  ))
    keys.push(key);
  const reasons = await inBatches(keys, (key) =>
    damage.skipIfDamaged(() => readRows(key, ['reason'], reasonOf, store)),
  );
  return reasons.flatMap((of) => of ?? []).filter((reason) => !hasNoKey(reason)).length;
}

function unlessDenied(error: unknown): undefined {
  if (!(error instanceof Error && error.name.startsWith('AccessDenied'))) throw error;
}
