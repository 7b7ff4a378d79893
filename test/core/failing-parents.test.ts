/** Nights on an API that answers for some parents and not for others. */

import { describe, expect, it } from 'vitest';
import { ForbiddenError, RateLimitedError, RequestRefusedError, UnavailableError } from '../../lambdas/core/errors.ts';
import { ChangingVendor, manyLeads } from '../support/changing-vendor.ts';

describe('one parent that always fails', () => {
  it('is named and retried each night; the others keep their rows and the watermark moves', async () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(10);
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && pathParameters['lead_id'] === 'l3') throw new RequestRefusedError('422');
    };
    const report = await vendor.night();
    expect(report.tables['lead_messages']).toMatchObject({
      status: 'partial',
      itemsFailed: 1,
      error: { code: 'item_failed' },
    });
    expect(report.tables['lead_messages']?.error?.message).toContain('l3');
    expect(await vendor.ids('lead_messages')).toHaveLength(9);
    expect(vendor.pipeline.store.json('state/pipeline.json')).toHaveProperty('watermarks.lead_messages');
    await vendor.night();
    expect(vendor.requests).toContain('/leads/{lead_id}/messages l3');
  });
});

describe('three parents that always fail', () => {
  it('fail alone, although they are the first that a run asks for', async () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(40);
    vendor.interfere = ({ path, pathParameters }) => {
      const first = ['l0', 'l1', 'l10'].includes(pathParameters['lead_id'] ?? '');
      if (path.endsWith('/messages') && first) throw new ForbiddenError('Not these.');
    };
    const report = await vendor.night();
    expect(vendor.requests.filter((request) => request.endsWith('/messages l0'))).not.toEqual([]);
    expect(report.tables['lead_messages']).toMatchObject({
      status: 'partial',
      itemsFailed: 3,
      error: {
        message: expect.stringMatching(
          /^The rows that belong to 3 of \d+ rows of leads could not be read; the next run/,
        ),
      },
    });
    expect(await vendor.ids('lead_messages')).toHaveLength(37);
  });
});

describe('one parent that always fails, if it is the only one that a run asks for', () => {
  it('fails alone: the table has the rows of others', async () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(10);
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && pathParameters['lead_id'] === 'l3') throw new ForbiddenError('Not this one.');
    };
    await vendor.pipeline.run();
    vendor.clock.advance(60_000);
    const again = await vendor.night();
    expect(again.tables['lead_messages']).toMatchObject({ status: 'partial', error: { code: 'item_failed' } });
    expect(again.tables['lead_messages']?.error?.message).toMatch(/1 of 1 rows of leads .* The first is l3/);
    expect(vendor.requests.filter((request) => request.includes('/messages'))).toEqual([
      '/leads/{lead_id}/messages l3',
    ]);
    expect(vendor.pipeline.store.json('state/pipeline.json')).toHaveProperty(
      'watermarks.lead_messages.runId',
      again.runId,
    );
  });
});

describe('one parent that is refused for ever as by a rate limit', () => {
  const loaded = () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(10);
    const refuse = (isRefused: (id: string) => boolean) => {
      vendor.interfere = ({ path, pathParameters }) => {
        if (path.endsWith('/messages') && isRefused(pathParameters['lead_id'] ?? ''))
          throw new RateLimitedError('Wait.', { status: 429, retryAfterSeconds: 30, now: vendor.clock.now() });
      };
    };
    const asked = (id: string) => vendor.requests.filter((request) => request.endsWith(`/messages ${id}`)).length;
    return { vendor, refuse, asked };
  };

  it('fails alone after the waits that the API asked for, and the others are read', async () => {
    const { vendor, refuse, asked } = loaded();
    refuse((id) => id === 'l3');
    const report = await vendor.night();
    expect(report.tables['lead_messages']).toMatchObject({
      status: 'partial',
      itemsFailed: 1,
      error: {
        code: 'item_failed',
        message: expect.stringContaining('l3: lead_messages: the API answered 429') as unknown,
      },
    });
    expect(await vendor.ids('lead_messages')).toHaveLength(9);
    expect(asked('l3')).toBeLessThan(15);
  });

  it('also if it is the only one that a run asks for, and is read once it is answered', async () => {
    const { vendor, refuse, asked } = loaded();
    refuse((id) => id === 'l3');
    await vendor.pipeline.run();
    vendor.clock.advance(60_000);
    const again = await vendor.night();
    expect(again.tables['lead_messages']).toMatchObject({ status: 'partial', itemsFailed: 1 });
    expect(asked('l3')).toBeLessThan(15);
    refuse(() => false);
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await vendor.ids('lead_messages')).toHaveLength(10);
  });

  it('also if every second parent is refused', async () => {
    const { vendor, refuse } = loaded();
    refuse((id) => Number(id.slice(1)) % 2 === 0);
    const startedAt = vendor.clock.now().getTime();
    const report = await vendor.pipeline.run();
    expect(report?.tables['lead_messages']).toMatchObject({ status: 'partial', itemsFailed: 5 });
    expect(await vendor.ids('lead_messages')).toHaveLength(5);
    expect(vendor.clock.now().getTime() - startedAt).toBeLessThan(3 * 3_600_000);
    const again = await vendor.night();
    expect(again.tables['lead_messages']).toMatchObject({ itemsFailed: 5, error: { code: 'item_failed' } });
  });

  it('is waited for if the API refuses everything', async () => {
    const { vendor } = loaded();
    const until = vendor.clock.now().getTime() + 3_600_000;
    let requests = 0;
    vendor.interfere = () => {
      requests += 1;
      if (requests > 5 && vendor.clock.now().getTime() < until)
        throw new RateLimitedError('Wait.', { status: 429, retryAfterSeconds: 30, now: vendor.clock.now() });
    };
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await vendor.ids('lead_messages')).toHaveLength(10);
  });
});

describe('an API that is out of service and says when to ask again', () => {
  const outOfService = (isAsked: (path: string, lead: string | undefined) => boolean) => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(10);
    vendor.interfere = ({ path, pathParameters }) => {
      if (isAsked(path, pathParameters['lead_id']))
        throw new RateLimitedError('Out of service.', { status: 503, retryAfterSeconds: 600, now: vendor.clock.now() });
    };
    return vendor;
  };

  it('is waited for', async () => {
    const until = Date.parse('2026-11-01T02:30:00.000Z');
    const vendor = outOfService(() => vendor.clock.now().getTime() < until);
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await vendor.ids('lead_messages')).toHaveLength(10);
    expect(vendor.requests.length).toBeLessThan(20);
  });

  it('fails after some waits if it stays out of service', async () => {
    const vendor = outOfService((path) => path === '/leads');
    const startedAt = vendor.clock.now().getTime();
    const report = await vendor.pipeline.run();
    expect(report?.tables['leads']).toMatchObject({ status: 'failed', error: { code: 'unavailable' } });
    expect(vendor.clock.now().getTime() - startedAt).toBeLessThan(2 * 3_600_000);
    expect(vendor.requests.length).toBeLessThan(20);
  });

  it('for one parent only: that one fails alone', async () => {
    const vendor = outOfService((path, id) => path.endsWith('/messages') && id === 'l3');
    expect(await vendor.night()).toMatchObject({ tables: { lead_messages: { status: 'partial', itemsFailed: 1 } } });
    expect(await vendor.ids('lead_messages')).toHaveLength(9);
  });
});

describe('parents for which the API is out of service, although it answers for others', () => {
  it('fail alone, without a wait for each of them', async () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(60);
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && /[234]$/.test(pathParameters['lead_id'] ?? ''))
        throw new RateLimitedError('Out of service.', { status: 503, retryAfterSeconds: 60, now: vendor.clock.now() });
    };
    const startedAt = vendor.clock.now().getTime();
    const report = await vendor.pipeline.run();
    expect(report?.tables['lead_messages']).toMatchObject({ itemsFailed: 18, error: { code: 'items_failed' } });
    expect(await vendor.ids('lead_messages')).toHaveLength(42);
    expect(vendor.clock.now().getTime() - startedAt).toBeLessThan(3_600_000);
  });
});

describe('one parent that fails once', () => {
  it('is retried in the same run, which is complete', async () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(10);
    let failures = 0;
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && pathParameters['lead_id'] === 'l3' && failures++ === 0)
        throw new UnavailableError('503');
    };
    const report = await vendor.night();
    expect(report).toMatchObject({ status: 'complete', tables: { lead_messages: { itemsFailed: 0 } } });
    expect(await vendor.ids('lead_messages')).toHaveLength(10);
    expect(vendor.requests.filter((request) => request === '/leads/{lead_id}/messages l3')).toHaveLength(2);
  });
});

describe('a scope that the key lacks', () => {
  it('holds back no other stream: the leads and their other children are not reread', async () => {
    const vendor = new ChangingVendor(['lead_messages', 'lead_activities']);
    vendor.leads = manyLeads(30);
    vendor.interfere = ({ path }) => {
      if (path.endsWith('/messages')) throw new ForbiddenError('messages.read is missing.');
    };
    expect((await vendor.night()).tables['lead_messages']?.error?.code).toBe('forbidden');
    await vendor.night();
    const { tables } = await vendor.night();
    expect(tables['leads']).toMatchObject({ rowsExtracted: 0, status: 'complete' });
    expect(tables['lead_activities']).toMatchObject({ status: 'complete' });
    expect(vendor.requests.filter((request) => request.includes('/activities'))).toHaveLength(1);
    expect(vendor.requests.filter((request) => request.includes('/messages'))).toHaveLength(4);
  });
});
