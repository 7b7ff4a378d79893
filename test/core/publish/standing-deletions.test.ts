/** Deletions that are held back stand until something shows that they are settled. */

import { describe, expect, it } from 'vitest';
import { pipelineStateKey } from '../../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { NotFoundError } from '../../../lambdas/core/errors.ts';
import { readJson } from '../../../lambdas/core/store/stored-json.ts';
import { ChangingVendor, manyLeads } from '../../support/changing-vendor.ts';
import { pageSettings } from '../../support/page-nights.ts';

const settings = { page: pageSettings };

async function heldTables({ pipeline }: ChangingVendor): Promise<string[]> {
  const state = await readJson(pipeline.store, pipelineStateKey, pipelineState);
  return Object.keys(state?.value.held ?? {});
}

async function watermarkOf({ pipeline }: ChangingVendor, table: string) {
  const state = await readJson(pipeline.store, pipelineStateKey, pipelineState);
  return state?.value.watermarks[table] ?? { at: '' };
}

async function pageOf({ pipeline }: ChangingVendor): Promise<string> {
  return new TextDecoder().decode((await pipeline.store.get(pageSettings.pageKey))?.body);
}

/** A vendor whose list of leads lacks too many rows in the newest night. */
async function vendorThatLacks() {
  const vendor = new ChangingVendor(['leads'], { settings });
  vendor.leads = manyLeads(100);
  await vendor.night();
  vendor.leads = manyLeads(60);
  const { runId } = await vendor.night();
  return { vendor, runId };
}

describe('deletions that a night held back', () => {
  it('stand on the page, with their own run, after nights that read only changes', async () => {
    const { vendor, runId } = await vendorThatLacks();
    const next = await vendor.night();
    expect(next).toMatchObject({ status: 'complete', tables: { leads: { error: null } } });
    expect(await heldTables(vendor)).toEqual(['leads']);
    const page = await pageOf(vendor);
    expect(page).toContain('1 problem needs you</h1>');
    expect(page).toContain(`approve-deletions --run ${runId}`);
    expect(page).not.toContain(`approve-deletions --run ${next.runId}`);
  });

  it('are settled by a later complete reading that holds back none', async () => {
    const { vendor } = await vendorThatLacks();
    await vendor.night();
    vendor.leads = manyLeads(100);
    await vendor.night({ fullRefresh: true });
    expect(await heldTables(vendor)).toEqual([]);
    expect(await pageOf(vendor)).toMatch(/tables? (is|are) up to date/);
  });

  it('are settled by an approval, also after other nights', async () => {
    const { vendor, runId } = await vendorThatLacks();
    await vendor.night();
    await vendor.pipeline.approve(runId);
    expect(await heldTables(vendor)).toEqual([]);
    expect(await pageOf(vendor)).toContain('Nothing needs you.');
  });

  it('of children are settled once complete nights have read the children of every parent again', async () => {
    const vendor = new ChangingVendor(['lead_messages'], { settings: { ...settings, childRereadDays: 3 } });
    vendor.withMessages(40);
    const nights = async (count: number) => {
      for (let night = 0; night < count; night += 1) await vendor.night();
    };
    await nights(2);
    for (const { id } of vendor.leads) vendor.change(id);
    const failFrom = (first: number) => {
      vendor.interfere = ({ path, pathParameters }) => {
        if (path.endsWith('/messages') && Number(pathParameters['lead_id']?.slice(1)) >= first)
          throw new NotFoundError('The router is broken.');
      };
    };
    failFrom(16);
    await nights(1);
    // No single night reads the children of every parent.
    failFrom(39);
    expect(await heldTables(vendor)).toEqual(['lead_messages']);
    await nights(2);
    expect(await heldTables(vendor)).toEqual(['lead_messages']);
    await nights(1);
    expect(await heldTables(vendor)).toEqual([]);
  });

  it('of children stand after a full refresh whose list of their parents was held back', async () => {
    const vendor = new ChangingVendor(['lead_messages'], { settings });
    vendor.withMessages(60);
    await vendor.night();
    vendor.messages.clear();
    await vendor.night({ fullRefresh: true });
    expect(await heldTables(vendor)).toEqual(['lead_messages']);
    const { at: readAt } = await watermarkOf(vendor, 'lead_messages');
    const all = vendor.withMessages(60).leads;
    for (const left of [0, 30]) {
      vendor.leads = all.slice(0, left);
      const { tables } = await vendor.night({ fullRefresh: true });
      expect(tables['leads']?.error?.code).toBe('deletions_held');
      expect(tables['lead_messages']?.error).toMatchObject({ code: 'parent_failed' });
      expect(tables['lead_messages']?.status).not.toBe('complete');
      expect((await heldTables(vendor)).toSorted()).toEqual(['lead_messages', 'leads']);
      expect(await watermarkOf(vendor, 'lead_messages')).toMatchObject({ at: readAt });
    }
    vendor.withMessages(60);
    expect(await vendor.night({ fullRefresh: true })).toMatchObject({ status: 'complete' });
    expect(await heldTables(vendor)).toEqual([]);
  });
});
