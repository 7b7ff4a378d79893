import { describe, expect, it } from 'vitest';
import { planRequest } from '../../../lambdas/contract/messages.ts';
import type { PipelineState } from '../../../lambdas/contract/run.ts';
import { planTasks, rootsDue } from '../../../lambdas/core/plan/plan-tasks.ts';
import { streams, withParents } from '../../../lambdas/streams/registry.ts';

const now = new Date('2026-11-24T02:00:00Z');
const settings = { startDate: undefined, sliceDays: 90 };
const noState: PipelineState = { watermarks: {}, underWay: {} };
const nightly = planRequest.parse({ scheduledAt: now.toISOString() });

function plan(options: { state?: PipelineState; names?: string[]; request?: object; startDate?: Date }) {
  return planTasks({
    request: { ...nightly, ...options.request },
    streams: options.names ? withParents(options.names) : streams,
    state: options.state ?? noState,
    now,
    settings: { ...settings, startDate: options.startDate },
    bornAt: undefined,
  });
}

function watermarks(marks: Record<string, [at: string, runId: string]>): PipelineState {
  return {
    underWay: {},
    watermarks: Object.fromEntries(Object.entries(marks).map(([name, [at, runId]]) => [name, { at, runId }])),
  };
}

const yesterday = '2026-11-23T02:00:00.000Z';
const lastRun = 'nightly-20261123T020000000Z';

describe('the tasks of a run', () => {
  it('are one for each stream without a parent, when nothing is known yet', () => {
    const roots = streams.filter(({ parent }) => !parent);
    expect(plan({}).map(({ stream }) => stream)).toEqual(roots.map(({ name }) => name));
  });

  it('read leads from the watermark less the overlap, up to the run’s start', () => {
    const state = watermarks({ leads: [yesterday, lastRun] });
    const [task] = plan({ names: ['leads'], state });
    expect(task?.selection).toMatchObject({
      window: { after: '2026-11-23T01:50:00.000Z', before: '2026-11-24T02:00:00.000Z' },
      seenRun: lastRun,
      seenFrom: '2026-11-24T01:50:00.000Z',
    });
  });

  it('go back to the oldest watermark of the family, and then trust no row to be known', () => {
    const state = watermarks({
      leads: [yesterday, lastRun],
      lead_messages: ['2026-11-20T02:00:00.000Z', 'nightly-20261120T020000000Z'],
    });
    const [task] = plan({ names: ['lead_messages'], state });
    expect(task?.selection).toMatchObject({ window: { after: '2026-11-20T01:50:00.000Z' } });
    expect(task?.selection).not.toHaveProperty('seenRun');
  });

  it('read everything where a stream of the family has never been complete', () => {
    const [task] = plan({ names: ['lead_messages'], state: watermarks({ leads: [yesterday, lastRun] }) });
    expect(task?.selection).toMatchObject({ window: { before: '2026-11-24T02:00:00.000Z' } });
    expect(task?.selection).not.toHaveProperty('window.after');
  });

  it('forget the watermark on a full refresh, and begin at the start date', () => {
    const tasks = plan({
      names: ['leads'],
      state: watermarks({ leads: [yesterday, lastRun] }),
      request: { fullRefresh: true },
      startDate: new Date('2026-11-01T00:00:00Z'),
    });
    expect(tasks[0]?.selection).toMatchObject({ window: { after: '2026-10-31T23:59:59.999Z' } });
  });

  it('cut a long backfill into slices that only the last of which remembers rows', () => {
    const tasks = plan({ names: ['leads'], startDate: new Date('2026-01-01T00:00:00Z') });
    expect(tasks.map(({ taskId }) => taskId)).toEqual(['leads.0', 'leads.1', 'leads.2', 'leads.3']);
    const remembering = tasks.map(({ selection }) => 'seenFrom' in selection && selection.seenFrom !== undefined);
    expect(remembering).toEqual([false, false, false, true]);
  });

  it('keep a bounded backfill inside its bounds and remember nothing', () => {
    const request = { kind: 'backfill' as const, from: '2026-02-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' };
    const tasks = plan({ names: ['leads'], request, state: watermarks({ leads: [yesterday, lastRun] }) });
    expect(tasks.map(({ selection }) => selection)).toEqual([
      { kind: 'list', window: { after: '2026-01-31T23:59:59.999Z', before: '2026-03-01T00:00:00.000Z' } },
    ]);
  });

  it('ask for messages of inbox threads only where the thread moved since the watermark', () => {
    const state = watermarks({ inbox_threads: [yesterday, lastRun], inbox_messages: [yesterday, lastRun] });
    const [task] = plan({ names: ['inbox_messages'], state });
    expect(task?.selection).toMatchObject({
      kind: 'list',
      childrenSince: '2026-11-23T01:50:00.000Z',
      seenRun: lastRun,
    });
    expect(task?.selection).not.toHaveProperty('window');
  });
});

describe('rootsDue', () => {
  const running = (names: string[]) => ({ [lastRun]: { startedAt: yesterday, deadline: yesterday, streams: names } });

  it('leaves out every stream of a family of which one is under way', () => {
    const due = rootsDue(streams, running(['lead_messages']), 'nightly-20261124T020000000Z').map(({ name }) => name);
    expect(due).not.toContain('leads');
    expect(due).not.toContain('lead_activities');
    expect(due).toContain('campaigns');
  });

  it('is not hindered by the run itself, so that the same tick can be planned again', () => {
    expect(rootsDue(streams, running(['leads']), lastRun)).toHaveLength(streams.length);
  });
});
