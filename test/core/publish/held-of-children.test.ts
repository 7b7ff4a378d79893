/** Deletions of a child table that are held back end as soon as one night has read the children of every parent. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipelineStateKey } from '../../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { NotFoundError } from '../../../lambdas/core/errors.ts';
import { readJson } from '../../../lambdas/core/store/stored-json.ts';
import { ChangingVendor } from '../../support/changing-vendor.ts';
import { tries } from '../../support/tries.ts';

const leads = 45;
const indexes = fc.uniqueArray(fc.nat(leads - 1), { maxLength: leads });
/** Some leads, or all of them. */
const some = fc.oneof(indexes, fc.constant(Array.from({ length: leads }, (_, index) => index)));

async function isHeld({ pipeline }: ChangingVendor): Promise<boolean> {
  const state = await readJson(pipeline.store, pipelineStateKey, pipelineState);
  return state?.value.held?.['lead_messages'] !== undefined;
}

/** Answers 404 for the lists of messages of these leads, until it is called again. */
function failFor(vendor: ChangingVendor, failing: readonly number[]): void {
  vendor.interfere = ({ path, pathParameters: { lead_id: id = '' } }) => {
    if (path.endsWith('/messages') && failing.includes(Number(id.slice(1)))) throw new NotFoundError('Not now.');
  };
}

const idsOf = (vendor: ChangingVendor) =>
  [...vendor.messages].flatMap(([lead, rows]) => rows.map(({ id }) => `${lead}/${id}`)).toSorted();

/** A vendor that answers a night with empty lists of messages, though each lead has one. @param isLost they are deleted */
async function vendorWithHeld({ isLost }: { isLost: readonly number[] }) {
  const vendor = new ChangingVendor(['lead_messages']);
  vendor.withMessages(leads);
  await vendor.night();
  await vendor.night();
  const all = new Map(vendor.messages);
  for (const { id } of vendor.leads) vendor.change(id);
  vendor.messages.clear();
  await vendor.night();
  expect(await isHeld(vendor)).toBe(true);
  for (const [id, rows] of all) vendor.messages.set(id, isLost.includes(Number(id.slice(1))) ? [] : rows);
  return vendor;
}

describe('held deletions of a child table', () => {
  it('end with the night that reads the children of every parent', async () => {
    const vendor = await vendorWithHeld({ isLost: [] });
    failFor(vendor, [0]);
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await isHeld(vendor)).toBe(true);
    failFor(vendor, []);
    for (const { id } of vendor.leads) vendor.change(id);
    expect(await vendor.night()).toMatchObject({ status: 'complete' });
    expect(await isHeld(vendor)).toBe(false);
    expect(await vendor.ids('lead_messages')).toEqual(idsOf(vendor));
  });

  it('stand as long as the table has a row that the API no longer gives', { timeout: 120_000 }, async () => {
    const night = fc.record({ changed: some, failing: fc.oneof(fc.constant([]), indexes) });
    const nights = fc.array(night, { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(indexes, nights, async (isLost, all) => {
      const vendor = await vendorWithHeld({ isLost });
      for (const { changed, failing } of all) {
        for (const index of changed) vendor.change(`l${index}`);
        failFor(vendor, failing);
        await vendor.night();
        if (!(await isHeld(vendor))) expect(await vendor.ids('lead_messages')).toEqual(idsOf(vendor));
      }
    });
    await fc.assert(property, { numRuns: tries(8, 25), seed: 1 });
  });
});
