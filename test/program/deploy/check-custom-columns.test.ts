import { expect, it } from 'vitest';
import { type CustomColumns, withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { checkCustomColumns } from '../../../program/deploy/check-custom-columns.ts';
import { commit } from '../../support/iceberg-table.ts';
import { MemoryStore } from '../../support/memory-store.ts';

it('a custom column whose type differs from that of the deployed table is refused, and another is not', async () => {
  const store = new MemoryStore();
  const custom = (type: 'integer' | 'string'): CustomColumns => ({ leads: { lead_score: { type } } });
  await checkCustomColumns(store, custom('string'));
  const table = currentTableOf(withCustomColumns(leads, custom('integer')));
  await commit(store, undefined, { table, now: new Date('2026-11-01T02:00:00Z') });
  await checkCustomColumns(store, custom('integer'));
  await checkCustomColumns(store, { leads: { vat_id: { type: 'string' } } });
  await expect(checkCustomColumns(store, custom('string'))).rejects.toThrow(
    "Column lead_score of leads is declared as string, but its current table has it as integer. If it holds no value yet, give the column another name. Otherwise put the type back, and convert the values in SQL: CAST(lead_score AS VARCHAR). For values that are no integer, add a second column: customColumns: { leads: { lead_score_string: { type: 'string', field: 'lead_score', personal: 'quote' } } }",
  );
});

it.each([
  [false, 'false'],
  ['name', "'name'"],
] as const)('the second column that is advised has the kind of the first: %s', async (personal, written) => {
  const store = new MemoryStore();
  const custom = (type: 'integer' | 'string'): CustomColumns => ({ leads: { lead_score: { type, personal } } });
  const table = currentTableOf(withCustomColumns(leads, custom('integer')));
  await commit(store, undefined, { table, now: new Date('2026-11-01T02:00:00Z') });
  await expect(checkCustomColumns(store, custom('string'))).rejects.toThrow(
    `lead_score_string: { type: 'string', field: 'lead_score', personal: ${written} }`,
  );
});

it.each([
  ['lead_score', 'number', 'integer'],
  ['signed_at', 'string', 'timestamp'],
  ['crm_id', 'string', 'number'],
] as const)(
  'a second column is not advised if the first leaves no value for it: %s is %s, not %s',
  async (name, before, type) => {
    const store = new MemoryStore();
    const table = currentTableOf(withCustomColumns(leads, { leads: { [name]: { type: before } } }));
    await commit(store, undefined, { table, now: new Date('2026-11-01T02:00:00Z') });
    await expect(checkCustomColumns(store, { leads: { [name]: { type } } })).rejects.toThrow(
      /Otherwise put the type back, and convert the values in SQL\.$/,
    );
  },
);
