/** Clocks that are wrong: that of the machine goes back between two runs, or that of the vendor is off. */

import { describe, expect, it } from 'vitest';
import { ChangingVendor, lead } from '../../support/changing-vendor.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * A vendor after two nights, of which all leads and messages have changed since.
 * @param back how long before the second night the third one begins, in milliseconds
 */
async function afterTheClockWentBack(back: number) {
  const vendor = new ChangingVendor(['lead_messages']);
  vendor.withMessages(3);
  for (let nights = 0; nights < 2; nights += 1) await vendor.night();
  for (const { id } of vendor.leads) {
    vendor.change(id, { full_name: 'New' });
    vendor.messages.set(id, [lead(`m_${id}`, { subject: 'New' })]);
  }
  vendor.clock.advance(-day - back);
  return vendor;
}

async function isNew({ pipeline }: ChangingVendor): Promise<boolean> {
  const rows = [...(await pipeline.rows('leads')), ...(await pipeline.rows('lead_messages'))];
  return rows.every((row) => JSON.stringify(row).includes('New'));
}

describe('after the clock went back', () => {
  it.each([
    ['an hour', 60 * minute],
    ['a month', 30 * day],
  ])('by %s, no run reads until it shows a later time, and nothing is lost', async (_, back) => {
    const vendor = await afterTheClockWentBack(back);
    const refused = await vendor.night();
    expect(refused).toMatchObject({ status: 'failed', tables: { leads: { error: { code: 'clock_behind' } } } });
    expect(vendor.requests.filter((request) => request !== '/me')).toEqual([]);
    vendor.clock.advance(back);
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await isNew(vendor)).toBe(true);
  });

  it('by as much as the clocks of two functions may differ, the night reads as always', async () => {
    const vendor = await afterTheClockWentBack(4 * minute);
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await isNew(vendor)).toBe(true);
  });
});

it.each([-10, 10])('a vendor whose clock is off by %i minutes: each night finds what changed', async (off) => {
  const vendor = new ChangingVendor(['lead_messages']);
  vendor.withMessages(3);
  for (let nights = 0; nights < 3; nights += 1) await vendor.night();
  for (const [index, { id }] of vendor.leads.entries()) {
    // Just before, at and just after the night.
    const changedAt = new Date(vendor.clock.now().getTime() + (off + index - 1) * minute);
    vendor.change(id, { full_name: 'New', updated_at: changedAt.toISOString() });
    vendor.messages.set(id, [lead(`m_${id}`, { subject: 'New' })]);
    await vendor.night();
  }
  expect(await isNew(vendor)).toBe(true);
});
