import { describe, expect, it } from 'vitest';
import type { ExtractMessage } from '../../../lambdas/contract/messages.ts';
import {
  abortedKey,
  extractReceiptKey,
  planKey,
  progressKey,
  roundKey,
  roundSentKey,
} from '../../../lambdas/contract/object-keys.ts';
import type { Plan, Selection, Task } from '../../../lambdas/contract/run.ts';
import { UnavailableError } from '../../../lambdas/core/errors.ts';
import { sendTasks } from '../../../lambdas/core/runs/dispatch-run.ts';
import { type HerePorts, runHere, type StepsHere } from '../../../lambdas/core/runs/run-here.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryQueue } from '../../support/memory-queue.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const runId = 'refresh-20261124T120000000Z-0a1b2c3d';
const startedAt = '2026-11-24T12:00:00.000Z';
const task = (stream: string, selection: Selection): Task => ({ taskId: `${stream}.0`, stream, selection });
const ids = (count: number) => Array.from({ length: count }, (_, at) => `id${at}`);
const planOf = (...tasks: Task[]): Plan => ({
  runId,
  kind: 'refresh',
  startedAt,
  deadline: '2026-11-26T12:00:00.000Z',
  streams: ['leads', 'lead_messages'],
  tasks,
  fullRefresh: false,
});
const onePlan = planOf(task('leads', { kind: 'ids', ids: ['l1'] }));
const children = [task('lead_messages', { kind: 'children', parents: ['l1'] })];

/** Runs a plan here. Its steps note what they do, and publish adds a round of children before it ends the run. */
async function start(
  plan: Plan,
  { changed = {}, remaining = 300_000 }: { changed?: Partial<StepsHere>; remaining?: number } = {},
) {
  const store = new MemoryStore();
  const queues = { extractQueue: new MemoryQueue(), convertQueue: new MemoryQueue(), publishQueue: new MemoryQueue() };
  const done: string[] = [];
  const steps: StepsHere = {
    extract: async ({ task: { taskId } }) => {
      done.push(taskId);
    },
    publish: async (_, ports) => {
      done.push('publish');
      if (done.includes('lead_messages.0')) return true;
      await sendTasks(plan, children, ports.extractQueue);
      return false;
    },
    ...changed,
  };
  const deadline = { remainingMilliseconds: () => remaining };
  const log = new MemoryLog();
  const isOver = await runHere(plan, steps, { store, ...queues, log, deadline });
  const sent = Object.values(queues).flatMap((queue) => queue.messages);
  return { isOver, done, store, sent, log, ...queues };
}

describe('a small run', () => {
  it('is read, published, and read on until it is over, in one invocation that sends nothing', async () => {
    const { isOver, done, sent } = await start(onePlan);
    expect([isOver, done, sent]).toEqual([true, ['leads.0', 'publish', 'lead_messages.0', 'publish'], []]);
  });

  it('asks for nothing that only it can have written, and keeps in memory what only other invocations need', async () => {
    let ports: HerePorts | undefined;
    const { store } = await start(onePlan, {
      changed: {
        publish: async (_, here) => {
          ports = here;
          return true;
        },
      },
    });
    const asked: string[] = [];
    for (const name of ['get', 'head'] as const)
      Object.assign(store, { [name]: async (key: string) => void asked.push(key) });
    const chunk = `raw/leads/${runId}/leads.0/000000.ndjson.gz`;
    expect(await ports?.store.head(chunk)).toBeUndefined();
    await ports?.store.put(chunk, 'rows');
    const kept = [extractReceiptKey(runId, 'leads.0'), progressKey(runId), roundKey(runId, 1), roundSentKey(runId, 1)];
    for (const key of kept) await ports?.store.put(key, 'kept');
    expect([...store.objects.keys()]).toEqual([chunk]);
    for (const key of [chunk, abortedKey(runId)]) await ports?.store.get(key);
    for (const key of kept) expect(await ports?.store.get(key)).toBeDefined();
    expect(asked).toEqual([]);
    await ports?.store.get(planKey(runId));
    expect(asked).toEqual([planKey(runId)]);
  });

  it('stores its rounds and receipts as one object, unless another invocation has stored a round', async () => {
    const stored: (boolean | undefined)[] = [];
    const { store } = await start(onePlan, {
      changed: {
        publish: async (_, ports) => {
          for (const _ of [1, 2]) stored.push(await ports.storeWhole({ round: 1, tasks: children, receipts: [] }));
          return true;
        },
      },
    });
    expect(stored).toEqual([true, false]);
    expect([...store.objects.keys()]).toEqual([roundKey(runId, 1)]);
  });

  it('sends messages of other runs to their queues', async () => {
    const other = { ...onePlan, runId: 'confirm-20261124T120000000Z-0a1b2c3d' };
    const { isOver, extractQueue } = await start(onePlan, {
      changed: {
        publish: async (_, ports) => {
          await sendTasks(other, other.tasks, ports.extractQueue, 900);
          return true;
        },
      },
    });
    expect(isOver).toBe(true);
    expect(extractQueue.messages).toMatchObject([{ body: { runId: other.runId }, delaySeconds: 900 }]);
  });
});

describe('a run that cannot be done here is left to other invocations', () => {
  const failing = async (): Promise<never> => {
    throw new UnavailableError('The API does not answer.');
  };
  const waiting: StepsHere['extract'] = async (message, ports) => {
    const body: ExtractMessage = { ...message, continuation: 1 };
    await ports.extractQueue.send([{ body, delaySeconds: 60 }]);
  };
  const large: StepsHere['extract'] = async ({ runId: id, task: { taskId, stream } }, ports) => {
    await ports.convertQueue.send([{ body: { runId: id, runStartedAt: startedAt, taskId, stream, sequence: 0 } }]);
  };

  it.each([
    ['before it begins, if its plan names many ids', planOf(task('leads', { kind: 'ids', ids: ids(11) })), {}, []],
    ['before it begins, if it reads a list', planOf(task('leads', { kind: 'list' })), {}, []],
    ['before it begins, if time is short', onePlan, { remaining: 100_000 }, []],
    ['if a task fails', onePlan, { changed: { extract: failing } }, []],
    ['if a task has to wait', onePlan, { changed: { extract: waiting } }, []],
    ['if a chunk is too large to be converted here', onePlan, { changed: { extract: large } }, []],
    ['if publish fails', onePlan, { changed: { publish: failing } }, ['leads.0']],
    [
      'if publish neither ends it nor adds tasks',
      onePlan,
      { changed: { publish: async (): Promise<boolean> => false } },
      ['leads.0'],
    ],
  ] as const)('%s', async (_, plan, options, done) => {
    const result = await start(plan, options);
    expect([result.isOver, result.done]).toEqual([false, done]);
  });

  it('if it grows', async () => {
    const many = [task('lead_messages', { kind: 'children', parents: ids(41) })];
    const { isOver, done } = await start(onePlan, {
      changed: {
        publish: async (_, ports) => {
          await sendTasks(onePlan, many, ports.extractQueue);
          return false;
        },
      },
    });
    expect([isOver, done]).toEqual([false, ['leads.0']]);
  });

  it('with its rounds and receipts', async () => {
    const receipt = extractReceiptKey(runId, 'leads.0');
    const { store } = await start(onePlan, {
      changed: {
        extract: async (_, ports) => void (await ports.store.put(receipt, 'receipt')),
        publish: async (_, ports) => {
          for (const key of [roundKey(runId, 1), progressKey(runId), roundSentKey(runId, 1)])
            await ports.store.put(key, 'kept', { ifAbsent: true });
          throw new UnavailableError('S3 does not answer.');
        },
      },
    });
    expect([...store.objects.keys()]).toEqual([receipt, roundKey(runId, 1)]);
  });

  it('with the message for a chunk that was not converted', async () => {
    const { convertQueue, extractQueue } = await start(onePlan, { changed: { extract: large } });
    expect(convertQueue.messages).toHaveLength(1);
    expect(extractQueue.messages).toEqual([]);
  });
});
