import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ResourceInUseException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { pipe } from '../../local/cli/terminal.ts';
import { pause, resume } from '../../ops/commands/pause.ts';
import type { Target } from '../../ops/target.ts';
import { rejection } from '../support/api-caller.ts';
import { ChangingVendor } from '../support/changing-vendor.ts';
import { MemoryStore } from '../support/memory-store.ts';

/** Milliseconds of each wait. The mock does not really wait. */
const waits: number[] = vi.hoisted(() => []);
vi.mock('node:timers/promises', () => ({ setTimeout: async (milliseconds: number) => void waits.push(milliseconds) }));
vi.stubEnv('AWS_REGION', 'eu-central-1');
const lambda = mockClient(LambdaClient);
const scheduler = mockClient(SchedulerClient);
const sqs = mockClient(SQSClient);
afterAll(() => {
  lambda.restore();
  scheduler.restore();
  sqs.restore();
  vi.unstubAllEnvs();
});

const schedules = ['nightly', 'exports'];
const mappings = ['extract', 'convert', 'publish'];
const noMessages = {
  ApproximateNumberOfMessages: '0',
  ApproximateNumberOfMessagesNotVisible: '0',
  ApproximateNumberOfMessagesDelayed: '0',
};
/** Whether each schedule and mapping is on. */
let on: Map<string, boolean>;
/** Decides whether AWS refuses to update this schedule or mapping; `changes` says if the update changes anything. */
let refuse: (name: string, changes: boolean) => Error | undefined;
const denied = () =>
  Object.assign(new Error('You are not authorized to perform this'), { name: 'AccessDeniedException' });

function update(name: string, isOn: boolean | undefined) {
  const error = refuse(name, isOn !== undefined && isOn !== on.get(name));
  if (error) throw error;
  if (isOn !== undefined) on.set(name, isOn);
  return {};
}

beforeEach(() => {
  on = new Map([...schedules, ...mappings].map((name) => [name, true]));
  refuse = () => undefined;
  lambda.reset();
  scheduler.reset();
  sqs.reset();
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes: noMessages });
  lambda.on(GetEventSourceMappingCommand).callsFake(({ UUID }) => ({ State: on.get(UUID) ? 'Enabled' : 'Disabled' }));
  lambda.on(UpdateEventSourceMappingCommand).callsFake(({ UUID, Enabled }) => update(UUID, Enabled));
  scheduler
    .on(GetScheduleCommand)
    .callsFake(({ Name }) => ({ Name, State: on.get(Name) ? 'ENABLED' : 'DISABLED', Target: {} }));
  scheduler.on(UpdateScheduleCommand).callsFake(({ Name, State }) => update(Name, State === 'ENABLED'));
});

async function run(command: typeof pause, more: Partial<Target> = {}) {
  const target = {
    workspace: 'main',
    pipeline: { Schedules: schedules, EventSourceMappings: mappings },
    store: new MemoryStore(),
    terminal: pipe,
    settle: async () => {},
    ...more,
  } as unknown as Target;
  const prepared = await command.prepare(target, {});
  return 'act' in prepared ? prepared.act() : prepared;
}
const states = () => new Set(on.values());

describe('pause', () => {
  it('switches everything off, and resume everything on', async () => {
    await run(pause);
    expect(states()).toEqual(new Set([false]));
    await run(resume);
    expect(states()).toEqual(new Set([true]));
  });

  it.each([...schedules, ...mappings])('changes nothing if it may not switch %s, and says so', async (name) => {
    let changes = 0;
    refuse = (one, isChange) => {
      changes += isChange ? 1 : 0;
      return one === name ? denied() : undefined;
    };
    expect(String(await rejection(run(pause)))).toMatch(
      /Nothing was changed, because .*policy operate: npx prospect-lake policies/,
    );
    expect([changes, states()]).toEqual([0, new Set([true])]);
  });

  it.each([...schedules, ...mappings])('undoes its changes if %s fails in the middle', async (name) => {
    refuse = (one, isChange) => (one === name && isChange ? denied() : undefined);
    expect(String(await rejection(run(pause)))).toMatch(
      /could not be switched off: .*Everything is as it was before\./,
    );
    expect(states()).toEqual(new Set([true]));
  });

  it('names what it could not undo', async () => {
    refuse = (one, isChange) =>
      isChange && (one === 'publish' || (one === 'exports' && on.get('exports') === false)) ? denied() : undefined;
    expect(String(await rejection(run(pause)))).toMatch(/could not be put back and are off: the schedule exports\./);
  });

  it('waits while AWS still applies another change of a mapping', async () => {
    let refusals = 2;
    refuse = (one) => {
      if (one !== 'convert' || refusals === 0) return undefined;
      refusals -= 1;
      return new ResourceInUseException({ message: 'in use', $metadata: {} });
    };
    await run(pause);
    expect(waits).toEqual([3_000, 3_000]);
    expect(states()).toEqual(new Set([false]));
  });
});

describe('resume', () => {
  it('leaves everything off if it fails halfway', async () => {
    await run(pause);
    refuse = (one, isChange) => (one === 'nightly' && isChange ? denied() : undefined);
    expect(String(await rejection(run(resume)))).toMatch(/could not be switched on/);
    expect(states()).toEqual(new Set([false]));
  });

  it('goes on with the run that was interrupted, and tells its result', async () => {
    const { pipeline, clock } = new ChangingVendor(['leads']).withMessages(3);
    const plan = await pipeline.plan();
    const { store } = pipeline;
    const local = { out: '/a/folder', isSimulated: true, isRunning: false };
    const resumed = await run(resume, { store, clock, local, settle: () => pipeline.settle() });
    expect(resumed.lines.join('\n')).toContain(`Run ${plan?.runId} is complete: 3 rows in 1 table`);
    expect(resumed.data).toMatchObject({ on: true, runId: plan?.runId, report: { status: 'complete' } });
    const again = await run(resume, { store, local, settle: () => pipeline.settle() });
    expect(again.data).toMatchObject({ on: true, runId: null, report: null });
  });

  it('switches a folder on without its API, and says which command does the work', async () => {
    const { pipeline, clock } = new ChangingVendor(['leads']).withMessages(3);
    const plan = await pipeline.plan();
    const local = { out: '/a/folder', isSimulated: false, isRunning: false, hasApi: false };
    await run(pause);
    const settle = async () => {
      throw new Error('waits for work that nobody does');
    };
    const resumed = await run(resume, { store: pipeline.store, clock, local, settle });
    expect(states()).toEqual(new Set([true]));
    expect(resumed.lines.slice(1)).toEqual([
      'What waits in the folder is done by the next start. To go on with it:',
      '  npx prospect-lake start --out /a/folder',
    ]);
    expect(resumed.data).toMatchObject({ on: true, runId: plan?.runId, report: null });
  });

  it('says how a run of a deployment goes on', async () => {
    const { pipeline } = new ChangingVendor(['leads']).withMessages(3);
    const plan = await pipeline.plan();
    const { lines } = await run(resume, { store: pipeline.store });
    expect(lines).toContain(`Run ${plan?.runId} is under way. How it goes: npx prospect-lake ops status`);
  });
});
