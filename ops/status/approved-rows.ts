import { stateProperty } from '../../lambdas/contract/current-keys.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { readState } from '../../lambdas/core/current/merge-state.ts';
import { loadTable } from '../../lambdas/core/iceberg/table.ts';
import type { Damage } from '../lake/damage.ts';
import type { Target } from '../target.ts';

/** What a run deleted because a person approved it. */
export interface ApprovedRows {
  readonly runId: string;
  readonly tables: readonly {
    readonly name: string;
    readonly deleted: number;
    /** How many of these rows the table has again, for example because a repair undid the approval. */
    readonly back: number;
  }[];
}

/**
 * The rows that runs deleted on approval, until the next night has ended. A table remembers a deleted row for some days,
 * unless the row comes back.
 */
export async function approvedRows(
  runs: readonly RunReport[],
  { store, warehouse }: Pick<Target, 'store' | 'warehouse'>,
  damage: Damage,
): Promise<ApprovedRows[]> {
  const found: ApprovedRows[] = [];
  const nights = runs.filter(({ kind }) => kind === 'nightly').map(({ startedAt }) => startedAt);
  const lastNight = nights.toSorted().at(-1) ?? '';
  for (const { runId, approved, tables, startedAt, solved = [] } of runs) {
    const isNews =
      startedAt >= lastNight || solved.some(({ problem, at }) => problem === 'DeletionsHeld' && at >= lastNight);
    if (!isNews) continue;
    const deleting = Object.entries(tables).filter(([, { rowsDeleted }]) => approved && rowsDeleted > 0);
    const counts: ApprovedRows['tables'][number][] = [];
    for (const [name, { rowsDeleted: deleted }] of deleting) {
      const gone = await damage.skipIfDamaged(() => goneRows(name, runId, { store, warehouse }));
      counts.push({ name, deleted, back: Math.max(0, deleted - (gone ?? deleted)) });
    }
    if (counts.length > 0) found.push({ runId, tables: counts });
  }
  return found;
}

/** Number of rows that a run deleted and that the table still lacks. */
async function goneRows(name: string, runId: string, { store, warehouse }: Pick<Target, 'store' | 'warehouse'>) {
  const stateKey = (await loadTable(store, warehouse, name))?.properties[stateProperty];
  if (stateKey === undefined) return undefined;
  return Object.values((await readState(store, stateKey)).deleted).filter((row) => row.runId === runId).length;
}
