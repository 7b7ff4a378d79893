import type { PlanRequest } from '../../contract/messages.ts';
import type { Selection, Task } from '../../contract/run.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Stream } from '../../contract/stream.ts';
import { familyOf, rootOf } from '../runs/families.ts';
import { justBefore, nightlySelection, type RootReading, wholeList } from '../runs/selections.ts';

/** The streams that this run may read. A stream is left out while an earlier run reads any stream of its family. */
export function rootsDue(streams: readonly Stream[], underWay: PipelineState['underWay'], runId: string): Stream[] {
  const busy = new Set(Object.entries(underWay).flatMap(([id, run]) => (id === runId ? [] : run.streams)));
  return streams.filter((stream) => !familyOf(rootOf(stream, streams), streams).some(({ name }) => busy.has(name)));
}

export interface TaskPlanning extends RootReading {
  readonly request: PlanRequest;
  readonly streams: readonly Stream[];
}

/** The first tasks of a run: one per stream without a parent. Child streams follow once their parents are stored. */
export function planTasks(planning: TaskPlanning): Task[] {
  return planning.streams
    .filter(({ parent }) => !parent)
    .map((root) => ({ taskId: `${root.name}.0`, stream: root.name, selection: selectionOf(root, planning) }));
}

function selectionOf(root: Stream, planning: TaskPlanning): Selection {
  const { request, settings } = planning;
  if (!root.cursor || (request.kind === 'nightly' && !request.fullRefresh && !request.from))
    return nightlySelection(root, planning);
  const after = request.from ? justBefore(new Date(request.from)) : undefined;
  const before = request.kind === 'backfill' ? request.to : undefined;
  if (!after && !before) return wholeList(settings);
  return {
    kind: 'list',
    window: { ...(after ? { after: after.toISOString() } : {}), ...(before ? { before } : {}) },
  };
}
