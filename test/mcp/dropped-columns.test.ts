import { expect, it } from 'vitest';
import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { droppedColumns } from '../../mcp/dropped-columns.ts';
import { exposedTables, isMasked } from '../../mcp/exposed-tables.ts';
import { ChangingVendor, lead } from '../support/changing-vendor.ts';

it('a column that the configuration has no more is shown as long as its table has it, and masked', async () => {
  let custom: CustomColumns = { referrals: { score: { type: 'integer', personal: false }, tags: { type: 'json' } } };
  const declared = (name: string) => withCustomColumns(streamNamed(name), custom);
  const vendor = new ChangingVendor(['referrals'], { declarationOf: declared, settings: { streamNamed: declared } });
  vendor.referrals = [lead('a', { score: 7, tags: ['x'] })];
  await vendor.night();
  const { store } = vendor.pipeline;
  expect(await droppedColumns(store, custom)).toEqual({});
  custom = { referrals: { score: { type: 'integer', personal: false } } };
  await vendor.night();
  const tables = exposedTables(custom, await droppedColumns(store, custom));
  for (const name of ['referrals', 'referrals_history']) {
    const { table, stream } = tables.find((each) => each.name === name) ?? {};
    const tags = table?.columns['tags'];
    expect(tags).toMatchObject({ type: 'string', description: expect.stringContaining('No longer in the config') });
    expect(tags && isMasked('tags', tags)).toBe(true);
    // The columns that status prints to paste are those of the configuration.
    expect(stream?.columns).not.toHaveProperty('tags');
  }
});
