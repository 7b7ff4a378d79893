import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { approvalKey, reportKey } from '../../../lambdas/contract/object-keys.ts';
import type { Round } from '../../../lambdas/contract/run.ts';
import { runReport } from '../../../lambdas/contract/run-report.ts';
import { UnavailableError } from '../../../lambdas/core/errors.ts';
import { ReplayWorld } from '../../support/replay-world.ts';

const down = new UnavailableError('The API does not answer.');

describe.each([
  ['a check of its own', {}],
  ['a ping, which schedules no further check', { ping: true }],
] as const)('a publish check that another check overtakes: %s', (_, kind) => {
  it.each(['/progress.json', 'lake/pipeline_runs/', 'state/', '/report.json'])(
    'before it writes to %s leaves neither its older report nor its rows',
    async (part) => {
      const world = new ReplayWorld(['campaigns', 'identity']);
      const { store, queues } = world.pipeline;
      world.requestError = (path) => (path === '/campaigns' ? down : undefined);
      await world.night();
      const runId = world.runIds[0] ?? '';

      // Publish checks the partial run once more, late, because of the approval. Its write pauses until a replay of the
      // run has ended.
      await store.put(approvalKey(runId), '{}');
      const put = store.put.bind(store);
      let overtaken = false;
      store.put = async (key, body, options) => {
        if (key.includes(part) && !overtaken) {
          overtaken = true;
          world.requestError = undefined;
          await world.replay('extract');
          await world.drain();
        }
        return put(key, body, options);
      };
      await queues.queue('publish').send([{ body: { runId, check: 0, ...kind } }]);
      await world.drain();
      expect(overtaken).toBe(true);
      expect(runReport.parse(store.json(reportKey(runId))).status).toBe('complete');
      expect(await world.faults()).toEqual([]);
      expect(world.pipeline.announced.map(({ detail }) => detail['status'])).toEqual(['partial', 'complete']);
    },
  );
});

it('a round is sent by the check that stored it, and not by one that found the same work and is overtaken', async () => {
  const world = new ReplayWorld(['campaigns', 'campaign_runs']);
  const { store, queues } = world.pipeline;
  const put = store.put.bind(store);
  let overtaken = false;
  store.put = async (key, body, options) => {
    if (key.includes('/rounds/') && !overtaken) {
      overtaken = true;
      const [runId = ''] = world.runIds;
      await queues.queue('publish').send([{ body: { runId, check: 0 } }]);
      await world.drain();
    }
    return put(key, body, options);
  };
  const sent: string[] = [];
  const take = queues.take.bind(queues);
  queues.take = () => {
    const message = take();
    if (message.queue === 'extract' && message.receives === 1) sent.push(JSON.stringify(message.body));
    return message;
  };
  await world.night();
  expect(overtaken).toBe(true);
  expect(sent.length).toBeGreaterThan(1);
  expect(new Set(sent).size).toBe(sent.length);
  expect(await world.faults()).toEqual([]);
});

it('a check that finds nothing left does not end the run over the round of one that knows of more', async () => {
  const world = new ReplayWorld(['campaigns', 'identity']);
  const { store } = world.pipeline;
  const put = store.put.bind(store);
  const rival: Round = {
    round: 1,
    tasks: [{ taskId: 'identity.1', stream: 'identity', selection: { kind: 'single' } }],
  };
  let overtaken = false;
  store.put = async (key, body, options) => {
    if (key.includes('/rounds/') && !overtaken) {
      overtaken = true;
      await put(key, gzipSync(JSON.stringify(rival)), { ifAbsent: true });
    }
    return put(key, body, options);
  };
  const asked: string[] = [];
  world.requestError = (path) => {
    asked.push(path);
    return undefined;
  };
  await world.night();
  expect(overtaken).toBe(true);
  expect(asked.filter((path) => path === '/me')).toHaveLength(3);
  expect(await world.faults()).toEqual([]);
});
