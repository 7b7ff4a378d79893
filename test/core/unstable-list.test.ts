import { describe, expect, it } from 'vitest';
import { ChangingVendor, manyLeads } from '../support/changing-vendor.ts';

/** A list whose order changes with each request, as that of a query without ORDER BY may. */
function shuffled(): ChangingVendor {
  const vendor = new ChangingVendor(['referrals']);
  const all = manyLeads(250);
  vendor.pageSize = 50;
  vendor.referrals = all;
  let requests = 0;
  vendor.interfere = () => {
    requests += 7;
    vendor.referrals = all.flatMap((_, at) => all[(at * 101 + requests * 13) % all.length] ?? []);
  };
  return vendor;
}

describe('a list whose order changes from page to page', () => {
  it('deletes no row, and says so, until the order is stable again', async () => {
    const vendor = shuffled();
    const first = await vendor.night();
    expect(first.tables['referrals']).toMatchObject({ status: 'partial', error: { code: 'unstable_list' } });
    const counts: number[] = [];
    for (let night = 0; night < 5; night += 1) {
      const { tables } = await vendor.night();
      expect(tables['referrals']).toMatchObject({ error: { code: 'unstable_list' }, rowsSuspected: 0, rowsDeleted: 0 });
      counts.push((await vendor.ids('referrals')).length);
    }
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    vendor.interfere = () => {};
    vendor.referrals = manyLeads(249);
    expect(await vendor.night()).toMatchObject({ status: 'complete', tables: { referrals: { rowsSuspected: 1 } } });
    expect(await vendor.ids('referrals')).toHaveLength(249);
  });
});
