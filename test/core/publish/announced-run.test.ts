import { expect, it } from 'vitest';
import { prefixes } from '../../../lambdas/contract/object-keys.ts';
import { UnavailableError } from '../../../lambdas/core/errors.ts';
import { ReplayWorld } from '../../support/replay-world.ts';

it('a check of a run that is announced looks at no table: late pings of a run cost a few reads each', async () => {
  const world = new ReplayWorld(['campaigns', 'identity']);
  const { store, queues } = world.pipeline;
  await world.night();
  const [runId = ''] = world.runIds;
  const touched: string[] = [];
  const get = store.get.bind(store);
  store.get = async (key) => {
    touched.push(key);
    return get(key);
  };
  const list = store.list.bind(store);
  store.list = (prefix, ...more) => {
    touched.push(prefix);
    return list(prefix, ...more);
  };
  await queues.queue('publish').send([{ body: { runId, check: 0, ping: true } }]);
  await world.drain();
  expect(touched.filter((key) => key.startsWith(prefixes.current))).toEqual([]);
  expect(touched.length).toBeGreaterThan(0);
  expect(touched.length).toBeLessThan(10);
});

it('a check of a partial run to which nothing was added writes nothing, however many come', async () => {
  const world = new ReplayWorld(['campaigns', 'identity']);
  world.requestError = (path) => (path === '/campaigns' ? new UnavailableError('The API does not answer.') : undefined);
  const { store, queues } = world.pipeline;
  await world.night();
  const [runId = ''] = world.runIds;
  const written = store.writes.length;
  for (let ping = 0; ping < 3; ping += 1)
    await queues.queue('publish').send([{ body: { runId, check: 0, ping: true } }]);
  await world.drain();
  expect(store.writes.slice(written)).toEqual([]);
});
