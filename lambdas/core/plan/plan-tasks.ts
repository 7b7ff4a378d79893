import type { PlanRequest } from '../../contract/messages.ts';
import type { PipelineState, Selection, Task } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { familyOf, overlapOf, readSince, rootOf } from '../runs/families.ts';
import { behind, justBefore, slices } from '../runs/windows.ts';

/** The streams of every root whose family has no earlier run under way. */
export function rootsDue(streams: readonly Stream[], underWay: PipelineState['underWay'], runId: string): Stream[] {
  const busy = new Set(Object.entries(underWay).flatMap(([id, run]) => (id === runId ? [] : run.streams)));
  return streams.filter((stream) => !familyOf(rootOf(stream, streams), streams).some(({ name }) => busy.has(name)));
}

export interface TaskPlanning {
  readonly request: PlanRequest;
  readonly streams: readonly Stream[];
  readonly state: PipelineState;
  /** The run's start: the end of its windows. */
  readonly now: Date;
  readonly settings: { readonly startDate: Date | undefined; readonly sliceDays: number };
  /** When the workspace was made; undefined where the API does not say. */
  readonly bornAt: Date | undefined;
}

/** The tasks that a run begins with: those of the streams without a parent in it. Their children follow. */
export function planTasks(planning: TaskPlanning): Task[] {
  const { streams } = planning;
  return streams
    .filter((stream) => !stream.parent)
    .flatMap((root) =>
      selections(root, planning).map((selection, slice) => ({
        taskId: `${root.name}.${slice}`,
        stream: root.name,
        selection,
      })),
    );
}

function selections(root: Stream, planning: TaskPlanning): Selection[] {
  if (root.shape === 'single') return [{ kind: 'single' }];
  const overlap = overlapOf(root);
  if (!root.cursor && !root.moved) return [{ kind: 'list' }];

  const { request } = planning;
  const forgets = request.fullRefresh || request.kind === 'backfill';
  const since = forgets ? undefined : readSince(root, planning.streams, planning.state);
  const from = since ? behind(since.at, overlap) : undefined;
  const seenRun = since?.runId;
  const remembering = request.kind === 'nightly' ? { seenFrom: behind(planning.now, overlap).toISOString() } : {};
  if (!root.cursor) {
    return [
      {
        kind: 'list',
        ...(from ? { childrenSince: from.toISOString() } : {}),
        ...(seenRun ? { seenRun } : {}),
        ...remembering,
      },
    ];
  }
  const { now, settings, bornAt } = planning;
  const startDate = request.from ? new Date(request.from) : settings.startDate;
  const to = request.kind === 'backfill' && request.to ? new Date(request.to) : now;
  const windows = slices(from ?? (startDate && justBefore(startDate)), to, settings.sliceDays, bornAt);
  return windows.map((window, index) => ({
    kind: 'list',
    window,
    ...(index === 0 && seenRun ? { seenRun } : {}),
    ...(index === windows.length - 1 ? remembering : {}),
  }));
}
