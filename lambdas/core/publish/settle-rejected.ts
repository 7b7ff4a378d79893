import type { PipelineState, Rejection } from '../../contract/pipeline-state.ts';
import type { Plan } from '../../contract/run.ts';
import type { RunReport } from '../../contract/run-report.ts';
import { rejectedShare } from '../runs/standing-rejected.ts';
import type { HeldSettings } from './settle-held.ts';
import type { RunTree } from './run-tree.ts';
import { isCompleteList } from './scopes.ts';

const day = 86_400_000;

/**
 * The tables with rejected rows after a run. Nobody knows which rows these are, because they have no usable key. So they
 * stand until every row of the table was read again and none was rejected.
 * @param state before the run moved its watermarks
 */
export function rejectedAfter(
  state: PipelineState,
  plan: Plan,
  report: RunReport,
  tree: Pick<RunTree, 'tasks'>,
  settings: HeldSettings,
): PipelineState['rejected'] {
  const rejected = { ...state.rejected };
  for (const [table, { rowsRejected, rowsExtracted, status, error }] of Object.entries(report.tables)) {
    const known = rejected[table];
    const open = known?.solvedAt === undefined ? known : undefined;
    const isEarlier = known !== undefined && Date.parse(plan.startedAt) < Date.parse(known.at);
    // An earlier run can be published again after a later one has read the table.
    if (isEarlier) continue;
    if (rowsRejected > 0) {
      const found = { rows: rowsRejected, of: rowsExtracted };
      const isRepeated = plan.kind === 'nightly' && error?.code === 'all_rejected' && open?.isRepeated !== false;
      rejected[table] = {
        runId: plan.runId,
        at: plan.startedAt,
        since: open?.since ?? plan.startedAt,
        // What one run rejected of many rows is not hidden by the few that a later one read.
        ...(open && open.runId !== plan.runId && rejectedShare(open) > rejectedShare(found)
          ? { rows: open.rows, of: open.of }
          : found),
        isRepeated,
        nights: 0,
      };
      continue;
    }
    if (!open || status !== 'complete') continue;
    const after = afterReading(open, table, { state, plan, tree, settings });
    rejected[table] = after === 'solved' ? { ...open, solvedAt: report.finishedAt, solvedBy: plan.runId } : after;
  }
  return Object.keys(rejected).length === 0 ? undefined : rejected;
}

interface Reading {
  readonly state: PipelineState;
  readonly plan: Plan;
  readonly tree: Pick<RunTree, 'tasks'>;
  readonly settings: HeldSettings;
}

/** What a complete reading that rejected nothing makes of the rows that earlier runs rejected. */
function afterReading(
  open: Rejection,
  table: string,
  { state, plan, tree, settings: { childRereadDays } }: Reading,
): Rejection | 'solved' {
  // The chunks were converted again, and no row is rejected any more.
  if (open.runId === plan.runId) return open.since === open.at ? 'solved' : open;
  const nodes = tree.tasks.filter(({ task }) => task.stream === table);
  if (open.isRepeated && plan.kind === 'nightly') return 'solved';
  // A reading that takes several nights began when its first part was read.
  const began = state.resumes[table]?.startedAt ?? plan.startedAt;
  const isWhole =
    plan.fullRefresh || nodes.some((node) => node.task.selection.kind === 'single' || isCompleteList(node));
  if (isWhole) return Date.parse(began) > Date.parse(open.at) ? 'solved' : open;
  if (plan.kind !== 'nightly' || nodes.some(({ task }) => task.selection.kind === 'list')) return open;
  // Each parent gets its turn in so many nights.
  const isCounted = state.watermarks[table]?.runId === plan.runId;
  const nights = open.nights + (isCounted ? 0 : 1);
  const isOld = Date.parse(plan.startedAt) - Date.parse(open.at) >= childRereadDays * day;
  return isOld && nights >= childRereadDays ? 'solved' : { ...open, nights };
}
