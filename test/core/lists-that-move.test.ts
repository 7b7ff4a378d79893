/** Lists of several pages whose rows move, appear and vanish between two pages. Cursors count the rows before a page. */

import { describe, expect, it } from 'vitest';
import { rowsOf } from '../support/lake-reader.ts';
import { ChangingVendor, lead, manyLeads, type Row } from '../support/changing-vendor.ts';

const pageSize = 10;

function vendorOf(stream: string, more: ConstructorParameters<typeof ChangingVendor>[1] = {}): ChangingVendor {
  const vendor = new ChangingVendor([stream], more);
  vendor.pageSize = pageSize;
  return vendor;
}

/** Calls `move` once, right before the first request for the page that begins after `cursor` rows. */
function beforePage(vendor: ChangingVendor, cursor: number, move: () => void): void {
  let isMoved = false;
  vendor.interfere = ({ query }) => {
    vendor.clock.advance(1_000);
    if (isMoved || query['cursor'] !== String(cursor)) return;
    isMoved = true;
    move();
  };
}

const without = (rows: readonly Row[], id: string) => rows.filter((row) => row.id !== id);
const pagesOf = (vendor: ChangingVendor, path: string) =>
  vendor.requests.filter((request) => request === path || request.startsWith(`${path} `)).length;

describe('a row that moves past the reader of a list', () => {
  it('because another one is deleted is current after the same first load, and no row is stored twice', async () => {
    const vendor = vendorOf('referrals');
    vendor.referrals = manyLeads(45);
    beforePage(vendor, 20, () => (vendor.referrals = without(vendor.referrals, 'l5')));
    const report = await vendor.night();
    expect(report).toMatchObject({ status: 'complete', tables: { referrals: { rowsExtracted: 45, error: null } } });
    // The row was deleted after its page had been read, so this run still stores it. The next night finds it missing.
    expect(new Set(await vendor.ids('referrals'))).toEqual(new Set(manyLeads(45).map(({ id }) => id)));
    expect(await rowsOf(vendor.pipeline.store, 'referrals')).toHaveLength(45);
    expect(pagesOf(vendor, '/referrals')).toBe(10);
  });

  it('because it changes is current as changed after the same first load, with its children', async () => {
    const vendor = vendorOf('lead_messages', { pageSize });
    vendor.leads = manyLeads(45);
    vendor.messages.set('l33', [lead('m1')]);
    // The list is in the order of change, the latest first.
    beforePage(vendor, 20, () => {
      const changed = lead('l33', { title: 'New', updated_at: vendor.clock.now().toISOString() });
      vendor.leads = [changed, ...without(vendor.leads, 'l33')];
    });
    expect((await vendor.night()).status).toBe('complete');
    const rows = await vendor.pipeline.rows('leads');
    expect(rows).toHaveLength(45);
    expect(rows.find(({ id }) => id === 'l33')).toMatchObject({ title: 'New' });
    expect(await vendor.ids('lead_messages')).toEqual(['l33/m1']);
  });

  it('is current after the same night if it is new, in a list that is read whole every night', async () => {
    const vendor = vendorOf('referrals');
    vendor.referrals = manyLeads(25);
    await vendor.night();
    vendor.referrals = manyLeads(45);
    beforePage(vendor, 40, () => (vendor.referrals = without(vendor.referrals, 'l5')));
    const report = await vendor.night();
    expect(report.tables['referrals']).toMatchObject({ status: 'complete', rowsChanged: 20 });
    expect(await vendor.ids('referrals')).toContain('l40');
  });

  it('is current after the same night if it is among changes of several pages', async () => {
    const vendor = vendorOf('leads', { pageSize });
    vendor.leads = manyLeads(45);
    await vendor.night();
    await vendor.night();
    for (const { id } of manyLeads(35)) vendor.change(id, { title: 'New' });
    beforePage(vendor, 20, () => (vendor.leads = without(vendor.leads, 'l5')));
    await vendor.night();
    const rows = await vendor.pipeline.rows('leads');
    expect(rows.find(({ id }) => id === 'l20')).toMatchObject({ title: 'New' });
  });

  it('is no longer suspected once the second reading gives it', async () => {
    const vendor = vendorOf('referrals');
    vendor.referrals = manyLeads(45);
    await vendor.night();
    beforePage(vendor, 20, () => (vendor.referrals = without(vendor.referrals, 'l5')));
    await vendor.night();
    const plans = vendor.pipeline.store.keys('runs/').filter((key) => /confirm.*plan\.json$/.test(key));
    expect(plans).toEqual([]);
    expect(await vendor.ids('referrals')).toHaveLength(45);
  });
});

describe('a child that moves past the reader of its parent’s list', () => {
  const messages = (count: number) => Array.from({ length: count }, (_, index) => lead(`m${index}`));

  it('is current after the same first load; only lists of several pages are read again', async () => {
    const vendor = vendorOf('lead_messages', { pageSize });
    vendor.leads = manyLeads(3);
    vendor.messages.set('l0', messages(4)).set('l1', messages(25)).set('l2', messages(15));
    beforePage(vendor, 20, () => vendor.messages.set('l1', without(messages(25), 'm5')));
    const report = await vendor.night();
    expect(report.tables['lead_messages']).toMatchObject({ status: 'complete', rowsExtracted: 44, rowsSuspected: 0 });
    expect(await vendor.ids('lead_messages')).toHaveLength(44);
    const lists = ['l0', 'l1', 'l2'].map((id) => pagesOf(vendor, `/leads/{lead_id}/messages ${id}`));
    expect(lists).toEqual([1, 6, 4]);
  });

  it('is current after the same night, on which the lists that did not change are read once', async () => {
    const vendor = vendorOf('lead_messages', { pageSize });
    vendor.leads = manyLeads(3);
    vendor.messages.set('l1', messages(15)).set('l2', messages(15));
    await vendor.night();
    for (const id of ['l1', 'l2']) vendor.change(id);
    vendor.messages.set('l1', messages(25));
    beforePage(vendor, 20, () => vendor.messages.set('l1', without(messages(25), 'm5')));
    await vendor.night();
    expect(await vendor.ids('lead_messages')).toContain('l1/m20');
    const lists = ['l1', 'l2'].map((id) => pagesOf(vendor, `/leads/{lead_id}/messages ${id}`));
    expect(lists).toEqual([6, 2]);
  });
});

describe('a list of several pages', () => {
  it('is read once on a night on which it is as the table has it', async () => {
    const vendor = vendorOf('referrals');
    vendor.referrals = manyLeads(45);
    await vendor.night();
    await vendor.night();
    expect(pagesOf(vendor, '/referrals')).toBe(5);
  });

  it('is read no third time, although it never stands still', async () => {
    const vendor = vendorOf('referrals');
    vendor.referrals = manyLeads(45);
    let count = 45;
    vendor.interfere = () => (vendor.referrals = [lead(`n${(count += 1)}`), ...vendor.referrals]);
    expect((await vendor.night()).status).toBe('complete');
    expect(pagesOf(vendor, '/referrals')).toBeLessThanOrEqual(24);
  });

  it('counts as read if the deadline leaves no time for the second reading, and the report says so', async () => {
    const vendor = vendorOf('referrals', { deadlineHours: 1 });
    vendor.referrals = manyLeads(45);
    let pages = 0;
    vendor.interfere = () => vendor.clock.advance((pages += 1) === 7 ? 3_600_000 : 1_000);
    const report = await vendor.night();
    expect(report.tables['referrals']).toMatchObject({
      status: 'complete',
      notes: [expect.stringContaining('could be read a second time')],
    });
    expect(vendor.pipeline.store.json('state/pipeline.json')).toHaveProperty('watermarks.referrals');
  });
});

describe('a list of one page', () => {
  it('is read once', async () => {
    const vendor = vendorOf('referrals');
    vendor.referrals = manyLeads(pageSize);
    await vendor.night();
    expect(pagesOf(vendor, '/referrals')).toBe(1);
  });
});
