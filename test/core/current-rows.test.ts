/** The current tables after nights on an API with faults and habits that other APIs are known to have. */

import { describe, expect, it } from 'vitest';
import { NotFoundError, UnavailableError } from '../../lambdas/core/errors.ts';
import { confirmOutcome } from '../../lambdas/core/runs/confirm-outcome.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { ChangingVendor, lead, manyLeads } from '../support/changing-vendor.ts';

describe('a row that the API no longer returns', () => {
  it('stays until a second request by its id does not find it either', async () => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = manyLeads(40);
    await vendor.night();
    vendor.leads = vendor.leads.filter(({ id }) => id !== 'l7');
    const report = await vendor.night();
    expect(report.tables['leads']).toMatchObject({ status: 'complete', rowsSuspected: 1, rowsDeleted: 0 });
    expect(vendor.requests.filter((request) => request.startsWith('/leads/{lead_id} '))).toEqual([
      '/leads/{lead_id} l7',
      // Rows that exist, to know that the API answers by id at all.
      '/leads/{lead_id} l0',
      '/leads/{lead_id} l1',
      '/leads/{lead_id} l10',
    ]);
    expect(await vendor.ids('leads')).not.toContain('l7');
    expect(vendor.pipeline.reports.at(-1)?.tables['leads']).toMatchObject({ rowsDeleted: 1 });
  });

  it('is current again if the second request finds it', async () => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = manyLeads(40);
    await vendor.night();
    const all = vendor.leads;
    vendor.interfere = ({ path }) => {
      vendor.leads = path === '/leads' ? all.filter(({ id }) => id !== 'l7') : all;
    };
    await vendor.night();
    expect(await vendor.ids('leads')).toHaveLength(40);
  });

  it('is not deleted after a single 404 for its id', async () => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = manyLeads(40);
    await vendor.night();
    let stray = true;
    vendor.interfere = ({ path }) => {
      if (path !== '/leads/{lead_id}' || !stray) return;
      stray = false;
      throw new NotFoundError('A replica lags.');
    };
    await vendor.event('l3');
    expect(await vendor.ids('leads')).toContain('l3');
    await vendor.pipeline.settle();
    expect(await vendor.ids('leads')).toContain('l3');
  });

  it('stays although a second list does not give it either, until the API answers for its id', async () => {
    const vendor = new ChangingVendor(['leads'], { settings: { rereadDays: 1 } });
    vendor.leads = manyLeads(40);
    await vendor.night();
    vendor.leads = vendor.leads.filter(({ id }) => id !== 'l7');
    vendor.interfere = ({ path }) => {
      if (path === '/leads/{lead_id}') throw new UnavailableError('503');
    };
    await vendor.night();
    await vendor.night();
    expect(vendor.requests).toContain('/leads 100');
    expect(await vendor.ids('leads')).toContain('l7');
    vendor.interfere = () => {};
    await vendor.night();
    expect(await vendor.ids('leads')).not.toContain('l7');
  });

  it('is deleted with its children', async () => {
    const vendor = new ChangingVendor(['lead_messages']).withMessages(40);
    await vendor.night();
    vendor.leads = vendor.leads.filter(({ id }) => id !== 'l7');
    await vendor.night();
    expect(await vendor.ids('leads')).toHaveLength(39);
    expect(await vendor.ids('lead_messages')).not.toContain('l7/m_l7');
    expect(await vendor.ids('lead_messages')).toHaveLength(39);
  });

  it('is detected by its list of children, although no list of leads shows it', async () => {
    const vendor = new ChangingVendor(['lead_messages'], { settings: { childRereadDays: 1 } }).withMessages(40);
    await vendor.night();
    await vendor.night();
    vendor.leads = vendor.leads.filter(({ id }) => id !== 'l7');
    await vendor.night();
    expect(await vendor.ids('leads')).toHaveLength(39);
    expect(await vendor.ids('lead_messages')).not.toContain('l7/m_l7');
  });

  it('is confirmed by its parent’s list if it is a child', async () => {
    const vendor = new ChangingVendor(['lead_messages']);
    vendor.leads = manyLeads(5);
    for (const { id } of vendor.leads) vendor.messages.set(id, [lead(`m_${id}`), lead(`n_${id}`)]);
    await vendor.night();
    vendor.messages.set('l3', [lead('m_l3')]);
    vendor.leads = vendor.leads.map((row) =>
      row.id === 'l3' ? lead('l3', { updated_at: vendor.clock.now().toISOString() }) : row,
    );
    await vendor.night();
    expect(await vendor.ids('lead_messages')).not.toContain('l3/n_l3');
    expect(await vendor.ids('lead_messages')).toHaveLength(9);
  });
});

describe('an answer that would delete much', () => {
  it('deletes nothing if a list that had rows is empty, unless a person approves', async () => {
    const vendor = new ChangingVendor(['referrals']);
    vendor.referrals = manyLeads(3);
    await vendor.night();
    vendor.referrals = [];
    const report = await vendor.night();
    expect(report).toMatchObject({ status: 'partial', tables: { referrals: { error: { code: 'deletions_held' } } } });
    expect(await vendor.ids('referrals')).toHaveLength(3);
    const approved = await vendor.pipeline.approve(report.runId);
    expect(approved).toMatchObject({ status: 'complete', tables: { referrals: { rowsDeleted: 3 } } });
    expect(await vendor.ids('referrals')).toEqual([]);
  });

  it('deletes nothing if more than the allowed share is missing', async () => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = manyLeads(100);
    await vendor.night();
    vendor.leads = manyLeads(60);
    const report = await vendor.night();
    expect(report.tables['leads']).toMatchObject({ status: 'partial', error: { code: 'deletions_held' } });
    expect(await vendor.ids('leads')).toHaveLength(100);
  });

  it('fails the table if no parent has a list', async () => {
    const vendor = new ChangingVendor(['lead_messages']);
    vendor.leads = manyLeads(5);
    vendor.interfere = ({ path }) => {
      if (path === '/leads/{lead_id}/messages') throw new NotFoundError('There is no such route.');
    };
    const report = await vendor.night();
    expect(report.tables['lead_messages']).toMatchObject({ status: 'failed', error: { code: 'all_missing' } });
  });
});

describe('an API that answers 404 for each row by its id', () => {
  it.each([1, 5, 25])('loses none of %i rows that its list gives, night after night', async (count) => {
    const vendor = new ChangingVendor(['lead_messages'], { settings: { childRereadDays: 1 } });
    vendor.leads = manyLeads(count);
    await vendor.night();
    vendor.interfere = ({ path }) => {
      if (path.startsWith('/leads/')) throw new NotFoundError('There is no such route.');
    };
    for (let night = 0; night < 4; night += 1) await vendor.night();
    expect(await vendor.ids('leads')).toHaveLength(count);
  });

  it('is told to be one, if its list leaves out a row', async () => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = manyLeads(40);
    await vendor.night();
    vendor.interfere = ({ path }) => {
      if (path.startsWith('/leads/')) throw new NotFoundError('There is no such route.');
    };
    vendor.leads = vendor.leads.slice(1);
    await vendor.night({ fullRefresh: true });
    const { reports } = vendor.pipeline;
    const missed = reports.find(({ confirmRunId }) => confirmRunId !== undefined);
    const confirmed = reports.find(({ runId }) => runId === missed?.confirmRunId);
    expect(missed && confirmed && confirmOutcome(missed, confirmed, streams)).toEqual([
      '1 row of leads that the API did not give: the API gave no row by its id, so its 404 says nothing and none was deleted. Report it to the vendor.',
    ]);
  });
});

describe('a newer copy of a row', () => {
  it.each([
    ['whose time is in another form', '2026-11-02 01:00:00'],
    ['whose time is missing', null],
    ['whose time is a number', 1_793_580_000_000],
  ])('%s is current', async (_, updatedAt) => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = [lead('a', { title: 'OLD', updated_at: '2026-10-31T20:00:00.000Z' }), lead('b')];
    await vendor.night();
    vendor.leads = [lead('a', { title: 'NEW', updated_at: updatedAt }), lead('b')];
    await vendor.night();
    expect(await vendor.pipeline.rows('leads')).toMatchObject([{ id: 'a', title: 'NEW' }, { id: 'b' }]);
  });

  it('is current at once if a full refresh read it, even if its time went back', async () => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = [lead('a', { title: 'OLD', updated_at: '2026-11-01T01:00:00.000Z' })];
    await vendor.pipeline.run();
    vendor.leads = [lead('a', { title: 'NEW', updated_at: '2026-08-01T00:00:00.000Z' })];
    vendor.clock.advance(60_000);
    await vendor.night({ fullRefresh: true });
    expect(await vendor.pipeline.rows('leads')).toMatchObject([{ title: 'NEW' }]);
  });
});

describe('the children of an unchanged row', () => {
  it('are reread within childRereadDays, and count as healed', async () => {
    const vendor = new ChangingVendor(['lead_messages'], { settings: { childRereadDays: 5 } });
    vendor.leads = manyLeads(10);
    await vendor.night();
    vendor.messages.set('l4', [lead('late')]);
    let healed = 0;
    for (let night = 0; night < 5; night += 1)
      healed += (await vendor.night()).tables['lead_messages']?.rowsHealed ?? 0;
    expect(await vendor.ids('lead_messages')).toEqual(['l4/late']);
    expect(healed).toBe(1);
  });

  it('are reread on the night after their parent changed, since they may become visible late', async () => {
    const vendor = new ChangingVendor(['lead_messages']);
    vendor.leads = manyLeads(10);
    await vendor.night();
    await vendor.night();
    vendor.leads = vendor.leads.map((row) =>
      row.id === 'l4' ? lead('l4', { updated_at: vendor.clock.now().toISOString() }) : row,
    );
    await vendor.night();
    vendor.messages.set('l4', [lead('late')]);
    await vendor.night();
    expect(await vendor.ids('lead_messages')).toEqual(['l4/late']);
  });
});
