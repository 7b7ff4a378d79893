/** Backfills and repairs that left tables incomplete: whether a later run has read the same, and how to repeat them. */

import type { Plan, Selection, Task } from '../../lambdas/contract/run.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { rootOf } from '../../lambdas/core/runs/families.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';

/** The plans of the last runs, by run. */
export type Plans = ReadonlyMap<string, Plan>;

/** Whether later runs have read these tables of a run completely, as far as that run was to read them. */
export function isReadLater(
  { runId, startedAt }: RunReport,
  tables: readonly string[],
  runs: readonly RunReport[],
  plans: Plans,
): boolean {
  const wanted = plans.get(runId);
  if (!wanted) return false;
  return tables.every((table) =>
    runs.some((later) => {
      const plan = plans.get(later.runId);
      const isComplete = later.startedAt > startedAt && later.tables[table]?.status === 'complete';
      return isComplete && plan !== undefined && readsAll(plan, wanted, table);
    }),
  );
}

/** Whether a run reads all that another was to read of a table. A night reads the children of all rows only if told to. */
function readsAll(plan: Plan, wanted: Plan, table: string): boolean {
  if (isRepair(plan)) return isRepair(wanted);
  const { parent } = streamNamed(table);
  if (plan.kind !== 'backfill' && (plan.kind !== 'nightly' || (parent && !plan.fullRefresh))) return false;
  const root = rootOf(streamNamed(table), streams).name;
  const of = ({ tasks }: Plan) => tasks.filter(({ stream }) => stream === root);
  // A run whose key was refused has no task that says what it was to read.
  return of(wanted).every((task) => of(plan).some((other) => includes(other, task)));
}

function includes({ selection: all }: Task, { selection: part }: Task): boolean {
  if (all.kind !== 'list') return all.kind === part.kind;
  const [outer, inner] = [windowOf(all), windowOf(part)];
  return all.resume === undefined && outer.after <= inner.after && outer.before >= inner.before;
}

function windowOf(selection: Selection): { after: string; before: string } {
  const { after = '', before = '~' } = (selection.kind === 'list' && selection.window) || {};
  return { after, before };
}

/** Whether a run is the repair of an audit. */
export function isRepair({ runId }: Pick<Plan, 'runId'>): boolean {
  return runId.endsWith('-audit');
}

/** The command of `ops` that reads again what a backfill, or the repair of an audit, was to read. */
export function repeatCommand(plan: Plan): string {
  const streams = plan.streams.join(',');
  if (isRepair(plan)) return `audit --stream ${streams} --repair`;
  const window = plan.tasks.flatMap(({ selection }) => (selection.kind === 'list' && selection.window) || [])[0];
  return [
    `backfill --stream ${streams}`,
    ...(window?.after ? [`--from ${window.after}`] : []),
    ...(window?.before ? [`--to ${window.before}`] : []),
  ].join(' ');
}
