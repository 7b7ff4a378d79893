/** An object of the lake is lost in the middle of a run: the run ends, and the next one reads again what it missed. */

import { describe, expect, it } from 'vitest';
import { ChangingVendor } from '../../support/changing-vendor.ts';
import { flip, junk } from '../../support/damages.ts';
import { pageSettings } from '../../support/page-nights.ts';

const settings = { page: pageSettings };

async function vendorAfterANight() {
  const vendor = new ChangingVendor(['lead_messages'], { settings });
  vendor.withMessages(30);
  await vendor.night();
  return vendor;
}

/** The content of the first object under a prefix, which is deleted. */
async function lose({ pipeline: { store } }: ChangingVendor, prefix: string) {
  for await (const { key } of store.list(prefix)) {
    const lost = await store.get(key);
    await store.delete(key);
    return { key, restore: () => store.put(key, lost?.body ?? '') };
  }
  throw new Error(`There is nothing under ${prefix}.`);
}

const bytesAt = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

/** Works at a new run until something under the prefix exists, and loses that. */
async function loseWhileRunning(vendor: ChangingVendor, prefix: (runId: string) => string) {
  const plan = await vendor.pipeline.plan();
  if (!plan) throw new Error('Nothing was planned.');
  for (;;) {
    const found = await lose(vendor, prefix(plan.runId)).catch(() => undefined);
    if (found) return { ...found, runId: plan.runId };
    await vendor.pipeline.step();
  }
}

async function expectWhole(vendor: ChangingVendor) {
  expect(vendor.pipeline.deadLetters).toEqual([]);
  expect(await vendor.ids('leads')).toEqual(vendor.leads.map(({ id }) => id).toSorted());
  const messages = [...vendor.messages].flatMap(([lead, rows]) => rows.map(({ id }) => `${lead}/${id}`));
  expect(await vendor.ids('lead_messages')).toEqual(messages.toSorted());
}

describe('a lost object', () => {
  it('of the history, before it was merged: the run is partial at once, and the next one needs no repair', async () => {
    const vendor = await vendorAfterANight();
    vendor.leads = [...vendor.leads, { id: 'new', updated_at: vendor.clock.now().toISOString() }];
    vendor.messages.set('new', [{ id: 'm_new' }]);
    const began = vendor.clock.now().getTime();
    const { key, runId } = await loseWhileRunning(vendor, (run) => `lake/leads/dt=2026-11-02/${run}`);
    const report = await vendor.pipeline.finish(runId);
    expect(vendor.clock.now().getTime() - began).toBeLessThan(20 * 60_000);
    expect(report).toMatchObject({
      status: 'partial',
      tables: {
        leads: { error: { code: 'damaged_object', message: expect.stringContaining(`${key} is missing.`) } },
        lead_messages: { error: { code: 'parent_failed' } },
      },
    });
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    await expectWhole(vendor);
  });

  it.each([
    ['leads', { leads: 'damaged_object', lead_messages: 'parent_failed' }],
    ['lead_messages', { leads: undefined, lead_messages: 'damaged_object' }],
    ['child_reads', { leads: undefined, lead_messages: 'damaged_object' }],
  ])(
    'of the current table %s: the run is partial, and the next one is complete once it is restored',
    async (table, codes) => {
      const vendor = await vendorAfterANight();
      for (const { id } of vendor.leads) vendor.change(id, { first_name: 'New' });
      for (const [id] of vendor.messages) vendor.messages.set(id, [{ id: `m_${id}`, subject: 'New' }]);
      const { key, restore } = await lose(vendor, `current/${table}/data/`);
      for (let nights = 0; nights < 2; nights += 1) {
        const { status, tables } = await vendor.night();
        expect(status).not.toBe('complete');
        const found = Object.entries(tables).map(([name, { error }]) => [name, error?.code]);
        expect(Object.fromEntries(found)).toEqual(codes);
        for (const { error } of Object.values(tables)) if (error) expect(error.message).toContain(`${key} is missing.`);
      }
      await restore();
      expect(await vendor.night()).toMatchObject({ status: 'complete' });
      await expectWhole(vendor);
      const rows = [...(await vendor.pipeline.rows('leads')), ...(await vendor.pipeline.rows('lead_messages'))];
      for (const row of rows) expect(JSON.stringify(row)).toContain('New');
    },
  );

  it.each([
    ['is no Parquet file', 'leads/data/', async ({ pipeline }, key) => pipeline.store.put(key, junk)],
    ['cannot be unpacked', 'leads/data/', async ({ pipeline }, key) => flip(pipeline.store, key, bytesAt(200, 1_000))],
    ['is no Avro file', 'leads/metadata/', async ({ pipeline }, key) => pipeline.store.put(key, junk)],
    ['is no JSON under gzip', 'leads/state/', async ({ pipeline }, key) => pipeline.store.put(key, junk)],
  ] satisfies [string, string, (vendor: ChangingVendor, key: string) => Promise<unknown>][])(
    'that %s any more is named too, and the run ends partial',
    async (_, place, damage) => {
      const vendor = await vendorAfterANight();
      for (const { id } of vendor.leads) vendor.change(id, { first_name: 'New' });
      const { key, restore } = await lose(vendor, `current/${place}`);
      await restore();
      await damage(vendor, key);
      const error = { code: 'damaged_object', message: expect.stringContaining(`${key} `) };
      expect(await vendor.night()).toMatchObject({ status: 'partial', tables: { leads: { error } } });
      expect(vendor.pipeline.deadLetters).toEqual([]);
      await restore();
      expect(await vendor.night()).toMatchObject({ status: 'complete' });
      await expectWhole(vendor);
    },
  );

  it('of a current table that the night does not change: the tables that are read for its rows fail', async () => {
    const vendor = await vendorAfterANight();
    // The second night reads the whole list of leads, and so all its data files.
    await vendor.night();
    const { restore } = await lose(vendor, 'current/leads/data/');
    expect(await vendor.night()).toMatchObject({
      status: 'partial',
      tables: { leads: { error: null }, lead_messages: { error: { code: 'damaged_object' } } },
    });
    await restore();
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    await expectWhole(vendor);
  });
});
