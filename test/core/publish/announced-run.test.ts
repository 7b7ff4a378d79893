import { expect, it } from 'vitest';
import { prefixes } from '../../../lambdas/contract/object-keys.ts';
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
