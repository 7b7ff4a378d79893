/**
 * How the pipeline handles odd answers of the API (among them ones that are partly useless or come too early), and rows
 * that move.
 */

import { describe, expect, it } from 'vitest';
import { ForbiddenError, NotFoundError, RequestRefusedError } from '../../lambdas/core/errors.ts';
import { ChangingVendor, lead, manyLeads } from '../support/changing-vendor.ts';

const day = 86_400_000;

async function loaded(streams: readonly string[], count: number): Promise<ChangingVendor> {
  const vendor = new ChangingVendor(streams).withMessages(count);
  await vendor.night();
  return vendor;
}

describe('a second request for a missing row', () => {
  it('confirms nothing minutes after the first: a replica may lag', async () => {
    const vendor = await loaded(['leads'], 40);
    vendor.leads = vendor.leads.filter(({ id }) => id !== 'l7');
    await vendor.pipeline.run();
    await vendor.event('l7');
    expect(await vendor.ids('leads')).toContain('l7');
    await vendor.pipeline.settle();
    expect(await vendor.ids('leads')).not.toContain('l7');
  });

  it('counts as a first one if the row was seen in between', async () => {
    const vendor = await loaded(['leads'], 40);
    const all = vendor.leads;
    vendor.leads = all.filter(({ id }) => id !== 'l7');
    const suspected = await vendor.pipeline.run();
    expect(suspected?.tables['leads']).toMatchObject({ rowsSuspected: 1 });
    vendor.leads = all;
    vendor.clock.advance(60_000);
    await vendor.event('l7');
    await vendor.pipeline.settle();
    vendor.leads = all.filter(({ id }) => id !== 'l7');
    vendor.clock.advance(day);
    await vendor.event('l7');
    expect(await vendor.ids('leads')).toContain('l7');
  });
});

describe('a reading of changes', () => {
  it('adds and updates rows, and deletes none that it lacks', async () => {
    const vendor = await loaded(['leads'], 40);
    await vendor.night();
    vendor.change('l7', { title: 'New' });
    const report = await vendor.night();
    expect(report.tables['leads']).toMatchObject({ rowsExtracted: 1, rowsChanged: 1, rowsSuspected: 0 });
    expect(await vendor.ids('leads')).toHaveLength(40);
  });
});

describe('a list that fails before its end', () => {
  it('does not show which rows are missing', async () => {
    const vendor = new ChangingVendor(['referrals']);
    vendor.referrals = manyLeads(40);
    vendor.pageSize = 30;
    await vendor.night();
    vendor.interfere = ({ query }) => {
      if (query['cursor'] !== undefined) throw new ForbiddenError('Not this page.');
    };
    const report = await vendor.night();
    expect(report.tables['referrals']).toMatchObject({ status: 'partial', rowsExtracted: 30, rowsSuspected: 0 });
    expect(await vendor.ids('referrals')).toHaveLength(40);
  });
});

describe('a row of the source that', () => {
  it('was deleted and restored is current again, although its time did not move', async () => {
    const vendor = await loaded(['lead_messages'], 40);
    const all = vendor.leads;
    vendor.leads = all.filter(({ id }) => id !== 'l7');
    await vendor.night();
    expect(await vendor.ids('leads')).toHaveLength(39);
    vendor.leads = all;
    await vendor.event('l7');
    expect(await vendor.ids('leads')).toContain('l7');
    expect(await vendor.ids('lead_messages')).toContain('l7/m_l7');
  });

  it('was merged into another has its children only there', async () => {
    const vendor = await loaded(['lead_messages'], 40);
    vendor.leads = vendor.leads.filter(({ id }) => id !== 'l3');
    vendor.messages.set('l4', [lead('m_l4'), lead('m_l3')]);
    vendor.change('l4');
    await vendor.night();
    const messages = (await vendor.ids('lead_messages')).filter((key) => /m_l[34]$/.test(key));
    expect(messages).toEqual(['l4/m_l3', 'l4/m_l4']);
  });
});

describe('a row that was merged into another, which the API gives in its place', () => {
  const merged = async () => {
    const vendor = await loaded(['lead_messages'], 40);
    vendor.leads = vendor.leads.filter(({ id }) => id !== 'l3');
    vendor.mergedInto.set('l3', 'l4');
    return vendor;
  };

  it('is deleted after an event and a second request', async () => {
    const vendor = await merged();
    await vendor.event('l3');
    expect(await vendor.ids('leads')).toContain('l3');
    await vendor.pipeline.settle();
    expect(await vendor.ids('leads')).not.toContain('l3');
    expect(await vendor.ids('lead_messages')).not.toContain('l3/m_l3');
    expect(await vendor.ids('leads')).toContain('l4');
  });

  it('is deleted once the list is read completely', async () => {
    const vendor = await merged();
    for (let night = 0; night < 8; night += 1) await vendor.night();
    expect(await vendor.ids('leads')).toHaveLength(39);
    expect(await vendor.ids('leads')).not.toContain('l3');
  });
});

describe('a hint', () => {
  it('makes the children of an unchanged row be read', async () => {
    const vendor = await loaded(['lead_messages', 'inbox_threads'], 40);
    await vendor.night();
    vendor.messages.set('l4', [lead('m_l4'), lead('late')]);
    vendor.threads = [lead('t1', { lead_id: 'l4' })];
    await vendor.night();
    expect(await vendor.ids('lead_messages')).toContain('l4/late');
  });
});

describe('parents that are not found', () => {
  it('delete nothing if they are more than half of twenty or more', async () => {
    const vendor = await loaded(['lead_messages'], 40);
    for (const { id } of vendor.leads) vendor.change(id);
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && Number(pathParameters['lead_id']?.slice(1)) > 15)
        throw new NotFoundError('The router is broken.');
    };
    const report = await vendor.night();
    expect(report.tables['lead_messages']).toMatchObject({ status: 'partial', error: { code: 'deletions_held' } });
    expect(await vendor.ids('lead_messages')).toHaveLength(40);
  });
});

describe('a list of children that is not found, although its parent exists', () => {
  it('is requested again on the next night', async () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(30);
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && pathParameters['lead_id'] === 'l7') throw new NotFoundError('A slip.');
    };
    const report = await vendor.night();
    expect(report.tables['lead_messages']).toMatchObject({ status: 'complete', missing: 1 });
    vendor.interfere = () => {};
    await vendor.night();
    expect(await vendor.ids('lead_messages')).toContain('l7/m_l7');
  });
});

describe('parents that fail', () => {
  it.each([
    [3, 'partial', 'item_failed'],
    [4, 'failed', 'items_failed'],
  ])('are reported one by one up to a tenth of the parents: %i of 30 are %s', async (count, status, code) => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(30);
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && Number(pathParameters['lead_id']?.slice(1)) >= 30 - count)
        throw new RequestRefusedError('422');
    };
    const report = await vendor.night();
    expect(report.tables['lead_messages']).toMatchObject({ status, itemsFailed: count, error: { code } });
    expect(await vendor.ids('lead_messages')).toHaveLength(30 - count);
  });
});

describe('a parent whose children are forbidden', () => {
  it.each([0, 7])('fails alone, is named, and is asked again the next night (the one at place %i)', async (place) => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(10);
    vendor.interfere = ({ path, pathParameters }) => {
      if (path.endsWith('/messages') && pathParameters['lead_id'] === `l${place}`)
        throw new ForbiddenError('Not this one.');
    };
    const first = await vendor.night();
    expect(first.tables['lead_messages']).toMatchObject({ status: 'partial', error: { code: 'item_failed' } });
    expect(first.tables['lead_messages']?.error?.message).toContain(`l${place}`);
    expect(await vendor.ids('lead_messages')).toHaveLength(9);
    const second = await vendor.night();
    expect(second.tables['lead_messages']?.error?.message).toContain(`l${place}`);
    vendor.interfere = () => {};
    await vendor.night();
    expect(await vendor.ids('lead_messages')).toHaveLength(10);
  });
});

describe('a scope that is missing', () => {
  it('for one table of children has neither the parents nor the other children read again', async () => {
    const vendor = new ChangingVendor(['lead_messages', 'lead_activities']);
    vendor.leads = manyLeads(60);
    vendor.interfere = ({ path }) => {
      if (path.endsWith('/messages')) throw new ForbiddenError('messages.read is missing.');
    };
    const activities = () => vendor.requests.filter((request) => request.startsWith('/leads/{lead_id}/activities'));
    const first = await vendor.night();
    expect(first.tables['lead_messages']).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
    expect(activities()).toHaveLength(60);
    await vendor.night();
    await vendor.night();
    // Each night reads the children of a thirtieth of the leads again, although nothing changed.
    expect(activities()).toHaveLength(2);
    expect(vendor.requests.filter((request) => request.startsWith('/leads ')).join()).toContain('Z');
    expect(vendor.requests.filter((request) => request.includes('/messages')).length).toBeLessThanOrEqual(6);
  });
});

describe('rows that have no key', () => {
  it('are reported, and their reading does not show which rows are missing', async () => {
    const vendor = await loaded(['leads'], 40);
    const all = vendor.leads;
    vendor.leads = [...all.filter(({ id }) => id !== 'l7'), lead('')];
    const report = await vendor.night();
    expect(report.tables['leads']).toMatchObject({ rowsRejected: 1, rowsSuspected: 0 });
    expect(vendor.pipeline.metrics.counts.get('RowsRejected')).toBe(1);
    expect(await vendor.ids('leads')).toContain('l7');
  });

  it('fail the table if there are no other rows', async () => {
    const vendor = new ChangingVendor(['leads', 'referrals']);
    vendor.leads = [lead(''), lead('')];
    const report = await vendor.night();
    expect(report).toMatchObject({
      status: 'partial',
      tables: { leads: { status: 'failed', error: { code: 'all_rejected' } }, referrals: { status: 'complete' } },
    });
    expect(vendor.pipeline.store.json('state/pipeline.json')).not.toHaveProperty('watermarks.leads');
  });
});
