/** What becomes of children that were read after the list which shows that their parent is deleted. */

import { beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lambdas/core/errors.ts';
import { ChangingVendor, lead } from '../../support/changing-vendor.ts';

let vendor: ChangingVendor;
const messages = () => vendor.ids('lead_messages');

/** Each night reads all lists again, also those of the messages of leads that the list of leads lacks. */
beforeEach(async () => {
  vendor = new ChangingVendor(['lead_messages'], { settings: { rereadDays: 1, childRereadDays: 1 } });
  vendor.withMessages(60);
  await vendor.night();
});

describe('children that the API still gives', () => {
  it('are deleted with parents whose deletion was approved, whichever nights have read them since', async () => {
    for (let left = 0; left < 30; left += 1) vendor.unlisted.add(`l${left}`);
    const { runId, tables } = await vendor.night();
    expect(tables['leads']?.error?.code).toBe('deletions_held');
    expect(tables['lead_messages']?.requests).toBe(60);
    await vendor.night();
    const approved = await vendor.pipeline.approve(runId);
    expect(approved?.tables['leads']?.rowsDeleted).toBe(30);
    expect(approved?.tables['lead_messages']?.rowsDeleted).toBe(30);
    expect(await messages()).toHaveLength(30);
  });

  it('stay with a parent that the API has given again since', async () => {
    for (let left = 0; left < 30; left += 1) vendor.unlisted.add(`l${left}`);
    const { runId } = await vendor.night();
    await vendor.event('l0');
    await vendor.pipeline.approve(runId);
    expect(await messages()).toHaveLength(31);
    expect(await messages()).toContain('l0/m_l0');
  });

  it('are deleted with a parent that the run which has just read them no longer finds', async () => {
    vendor.messages.set('l0', [lead('m_l0'), lead('m2_l0')]);
    vendor.change('l0');
    await vendor.night();
    expect(await messages()).toHaveLength(61);
    vendor.unlisted.add('l0');
    vendor.messages.set('l0', [lead('m_l0')]);
    vendor.interfere = ({ path, pathParameters }) => {
      vendor.clock.advance(1_000);
      if (path === '/leads/{lead_id}' && pathParameters['lead_id'] === 'l0') throw new NotFoundError('Deleted.');
    };
    await vendor.night();
    expect(await vendor.ids('leads')).not.toContain('l0');
    expect((await messages()).filter((id) => id.startsWith('l0/'))).toEqual([]);
  });
});

describe('children that the API no longer gives, of parents that it gives', () => {
  it('are deleted when a person approves, although the held read counts as the last one of their parents', async () => {
    for (let at = 0; at < 40; at += 1) vendor.messages.set(`l${at}`, []);
    const { runId, tables } = await vendor.night();
    expect(tables['lead_messages']?.error?.code).toBe('deletions_held');
    const approved = await vendor.pipeline.approve(runId);
    expect(approved?.tables['lead_messages']).toMatchObject({ status: 'complete', rowsDeleted: 40 });
    expect(await messages()).toHaveLength(20);
  });
});
