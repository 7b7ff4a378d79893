import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Plan } from '../../contract/run.ts';
import type { RunReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import { readParents, type TablePorts } from './read-parents.ts';
import type { RunTree } from './run-tree.ts';
import { scopesRead } from './scopes.ts';

const day = 86_400_000;

export interface HeldSettings {
  /** Every parent has its children read again within this many complete nights. */
  readonly childRereadDays: number;
}

/**
 * The deletions that are held back after a run. A run that reads only changes cannot find that rows are missing, so it
 * settles nothing. If the run was approved, its own report holds nothing back any more.
 * @param state before the run moved its watermarks
 */
export function heldAfter(
  state: PipelineState,
  { runId, startedAt, kind, fullRefresh }: Plan,
  report: RunReport,
  tree: Pick<RunTree, 'tasks'>,
  { childRereadDays }: HeldSettings,
): PipelineState['held'] {
  const held = { ...state.held };
  for (const [table, { status, error }] of Object.entries(report.tables)) {
    const known = held[table];
    // An earlier run can be published again after a later one has read the table.
    const isOvertaken = Date.parse(state.watermarks[table]?.at ?? startedAt) > Date.parse(startedAt);
    if (error?.code === 'deletions_held') {
      if (known?.runId !== runId && !isOvertaken)
        held[table] = { runId, at: startedAt, message: error.message, nights: 0 };
      continue;
    }
    if (!known) continue;
    if (known.runId === runId) delete held[table];
    if (status !== 'complete' || Date.parse(startedAt) <= Date.parse(known.at)) continue;
    const nodes = tree.tasks.filter(({ task }) => task.stream === table);
    if (scopesRead(nodes).some((scope) => scope.kind === 'list')) delete held[table];
    else if (kind === 'nightly' && nodes.every(({ task }) => task.selection.kind !== 'list')) {
      // A full refresh reads the children of every parent at once.
      const isCounted = state.watermarks[table]?.runId === runId;
      const nights = known.nights + (isCounted ? 0 : 1);
      const isOld = Date.parse(startedAt) - Date.parse(known.at) >= childRereadDays * day;
      if (fullRefresh || (isOld && nights >= childRereadDays)) delete held[table];
      else held[table] = { ...known, nights };
    }
  }
  return state.held === undefined && Object.keys(held).length === 0 ? undefined : held;
}

/**
 * The child tables with held deletions of which this night has read the children of every parent: nothing is held back
 * any more. A parent whose list of children answered 404 counts as unread.
 * @param held after the run, see {@link heldAfter}
 */
export async function childTablesReadWhole(
  held: NonNullable<PipelineState['held']>,
  { runId, startedAt, kind }: Plan,
  report: RunReport,
  { tasks }: Pick<RunTree, 'tasks'>,
  streamNamed: (name: string) => Stream,
  ports: TablePorts,
): Promise<Set<string>> {
  const whole = new Set<string>();
  for (const [table, known] of Object.entries(held)) {
    const { parent } = streamNamed(table);
    const isLater = known.runId !== runId && Date.parse(startedAt) > Date.parse(known.at);
    if (kind !== 'nightly' || !parent || !isLater || report.tables[table]?.status !== 'complete') continue;
    const scopes = scopesRead(tasks.filter(({ task }) => task.stream === table));
    const read = new Set(scopes.flatMap((scope) => (scope.kind === 'parents' ? scope.parents : [])));
    if (read.size === 0) continue;
    const parents = await readParents(streamNamed(parent.stream), ports);
    if (parents.every(({ id }) => read.has(id))) whole.add(table);
  }
  return whole;
}
