import { expect, it } from 'vitest';
import { page } from '../../support/fake-api.ts';
import { lead, pipelineOf } from '../../support/fake-pipeline.ts';

const loaded = async () => {
  let tenant: unknown = { id: 'tenant_1' };
  const { pipeline, clock, requests } = pipelineOf(['leads', 'referrals'], {
    '/me': () => ({ data: { id: 'identity', tenant } }),
    '/leads': () => page([lead('a')]),
    '/referrals': () => page([lead('r')]),
  });
  const night = async (of: unknown, request: object = {}) => {
    tenant = of;
    clock.advance(86_400_000);
    const before = requests().length;
    return { report: await pipeline.run(request), requests: requests().slice(before) };
  };
  await night(tenant);
  return night;
};

it('a run whose key belongs to another workspace than the tables reads nothing, and says so', async () => {
  const night = await loaded();
  const { report, requests } = await night({ id: 'tenant_2' });
  expect(requests).toHaveLength(1);
  expect(report).toMatchObject({ status: 'failed', tables: { referrals: { error: { code: 'other_workspace' } } } });
  expect(report?.tables['leads']?.error?.message).toContain(
    'another workspace in the configuration, or on this machine another folder with --out',
  );
  expect((await night({ id: 'tenant_1' })).report).toMatchObject({ status: 'complete' });
});

it('a full refresh makes the tables belong to the workspace of the key', async () => {
  const night = await loaded();
  expect((await night({ id: 'tenant_2' }, { fullRefresh: true })).report).toMatchObject({ status: 'complete' });
  expect((await night({ id: 'tenant_2' })).report).toMatchObject({ status: 'complete' });
  expect((await night({ id: 'tenant_1' })).report).toMatchObject({ status: 'failed' });
});

it.each([undefined, null, {}, { id: '' }, 'tenant_2'])(
  'a key whose workspace is not told (%j) may read',
  async (tenant) => {
    const night = await loaded();
    expect((await night(tenant)).report).toMatchObject({ status: 'complete' });
  },
);
