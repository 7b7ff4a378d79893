import { describe, expect, it } from 'vitest';
import { planRequest } from '../../../lambdas/contract/messages.ts';
import type { PipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { planTasks, rootsDue } from '../../../lambdas/core/plan/plan-tasks.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { streams, withParents } from '../../../lambdas/streams/registry.ts';

const now = new Date('2026-11-24T02:00:00Z');
const settings = { startDate: undefined, lookbackHours: 24, rereadDays: 7 };
const nightly = planRequest.parse({ scheduledAt: now.toISOString() });
const yesterday = '2026-11-23T02:00:00.000Z';
const lastRun = 'nightly-20261123T020000000Z';

/**
 * A workspace whose leads were last read in the previous night. They were read completely `readings` times, the last
 * time `daysAgo` days ago.
 */
function readBefore(readings = 2, daysAgo = 1): PipelineState {
  const at = new Date(now.getTime() - daysAgo * 86_400_000).toISOString();
  return {
    ...emptyState,
    watermarks: { leads: { at: yesterday, runId: lastRun } },
    rereads: { leads: { at, runId: lastRun, count: readings } },
  };
}

function leadsSelection(options: { state?: PipelineState; request?: object; startDate?: Date }) {
  const [task] = planTasks({
    request: { ...nightly, ...options.request },
    streams: withParents(['lead_messages']),
    state: options.state ?? emptyState,
    now,
    settings: { ...settings, startDate: options.startDate },
  });
  return task?.selection;
}

describe('the tasks of a run', () => {
  it('are one for each stream without a parent', () => {
    const roots = streams.filter(({ parent }) => !parent);
    const tasks = planTasks({ request: nightly, streams, state: emptyState, now, settings });
    expect(tasks.map(({ stream }) => stream)).toEqual(roots.map(({ name }) => name));
  });

  it('read leads for the first time without any filter, in a single pass', () => {
    expect(leadsSelection({})).toEqual({ kind: 'list' });
  });

  it('continue a first load where its run had to stop', () => {
    const state = { ...emptyState, resumes: { leads: { cursor: 'c9', pages: 9, startedAt: yesterday } } };
    expect(leadsSelection({ state })).toEqual({ kind: 'list', resume: { cursor: 'c9', pages: 9 } });
  });

  it('request changes since long before the watermark, without an upper bound', () => {
    expect(leadsSelection({ state: readBefore() })).toEqual({
      kind: 'list',
      window: { after: '2026-11-22T02:00:00.000Z' },
    });
  });

  it.each([
    ['on the night after the first load', readBefore(1)],
    ['when the last complete reading is a week old', readBefore(5, 7)],
  ])('reread all leads %s', (_, state) => {
    expect(leadsSelection({ state })).toEqual({ kind: 'list', healsBefore: '2026-11-22T02:00:00.000Z' });
  });

  it('read everything on a full refresh, from the start date on', () => {
    const startDate = new Date('2026-11-01T00:00:00Z');
    expect(leadsSelection({ state: readBefore(), request: { fullRefresh: true }, startDate })).toEqual({
      kind: 'list',
      window: { after: '2026-10-31T23:59:59.000Z' },
    });
  });

  it('keep a backfill inside its bounds', () => {
    const request = { kind: 'backfill', from: '2026-02-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' };
    expect(leadsSelection({ request, state: readBefore() })).toEqual({
      kind: 'list',
      window: { after: '2026-01-31T23:59:59.000Z', before: '2026-03-01T00:00:00.000Z' },
    });
  });
});

describe('rootsDue', () => {
  const running = (names: string[]) => ({ [lastRun]: { startedAt: yesterday, deadline: yesterday, streams: names } });

  it('leaves out every stream of a family if one of them is under way', () => {
    const due = rootsDue(streams, running(['lead_messages']), 'nightly-20261124T020000000Z').map(({ name }) => name);
    expect(due).not.toContain('leads');
    expect(due).not.toContain('lead_activities');
    expect(due).toContain('campaigns');
  });

  it('ignores the run itself, so that the same tick can be planned again', () => {
    expect(rootsDue(streams, running(['leads']), lastRun)).toHaveLength(streams.length);
  });
});
