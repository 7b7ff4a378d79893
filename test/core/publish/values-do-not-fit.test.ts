import { expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { foldUnfit } from '../../../lambdas/core/publish/fold-unfit.ts';
import { unfitText } from '../../../lambdas/core/runs/unfit-text.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { ChangingVendor, lead } from '../../support/changing-vendor.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

const text = '2026-09-01T00:00:00.000Z';
const epoch = Date.parse(text);
const rows = (count: number, more: (index: number) => object) =>
  Array.from({ length: count }, (_, index) => lead(`r${index}`, more(index)));

/** The problems that a night told a person, each with its message. */
async function toldIn(vendor: ChangingVendor): Promise<string[]> {
  const before = vendor.pipeline.problems.length;
  await vendor.night();
  return vendor.pipeline.problems.slice(before).map(({ problem, message }) => `${String(problem)}: ${String(message)}`);
}

it('a column whose values stop fitting is a problem each night, until a night reads values that fit', async () => {
  const vendor = new ChangingVendor(['referrals', 'leads']);
  const give = (time: unknown) => {
    vendor.referrals = rows(30, () => ({ created_at: time, updated_at: time }));
    vendor.leads = rows(30, () => ({ created_at: time }));
  };
  give(text);
  expect(await toldIn(vendor)).toEqual([]);
  give(epoch);
  for (const { id } of vendor.leads) vendor.change(id, { created_at: epoch });
  const told =
    "ValuesDoNotFit: created_at, updated_at are null in leads, referrals: the API gives whole numbers instead of times. The values are kept in _extra. To give them a column too, in prospect-lake.config.ts, with personal: 'name' (or another kind) or personal: false in each: customColumns: { leads: { created_at_integer: { type: 'integer', field: 'created_at' } }, referrals: { created_at_integer: { type: 'integer', field: 'created_at' }, updated_at_integer: { type: 'integer', field: 'updated_at' } } }";
  expect(await toldIn(vendor)).toEqual([told]);
  // No lead changes, so the second night reads none: their column is still null.
  expect(await toldIn(vendor)).toEqual([told]);
  give(text);
  for (const { id } of vendor.leads) vendor.change(id);
  expect(await toldIn(vendor)).toEqual([]);
});

it('one value in a hundred that does not fit is no problem, and more are', async () => {
  const vendor = new ChangingVendor(['referrals']);
  vendor.referrals = rows(200, () => ({}));
  await vendor.night();
  vendor.referrals = rows(200, (index) => ({ created_at: index < 2 ? 'never' : text }));
  expect(await toldIn(vendor)).toEqual([]);
  vendor.referrals = rows(200, (index) => ({ created_at: index < 3 ? 'never' : text }));
  expect(await toldIn(vendor)).toEqual([
    `ValuesDoNotFit: created_at is null in some rows of referrals: the API gives texts of the form "letters" instead of times. The values are kept in _extra. To give them a column too, in prospect-lake.config.ts, with personal: 'name' (or another kind) or personal: false in each: customColumns: { referrals: { created_at_string: { type: 'string', field: 'created_at' } } }`,
  ]);
});

it('a custom column counts like any other, and is forgotten with its declaration or its type', () => {
  const stream = withCustomColumns(streamNamed('referrals'), {
    referrals: { score: { type: 'integer', field: 'Score' } },
  });
  const counts = { rows: 9, fields: { Score: { rows: 9, types: { string: 4 }, unfit: { string: 4 }, shape: '"a"' } } };
  const unfit = foldUnfit(stream, [], counts);
  expect(unfitText(unfit)).toBe(
    `score is null in referrals: the API gives texts of the form "letters" instead of whole numbers. The values are kept in _extra. To give them a column too, in prospect-lake.config.ts, with personal: 'name' (or another kind) or personal: false in each: customColumns: { referrals: { score_string: { type: 'string', field: 'Score' } } }`,
  );
  expect(foldUnfit(stream, unfit, { rows: 9, fields: { Score: { rows: 9, types: {} } } })).toEqual(unfit);
  expect(foldUnfit(streamNamed('referrals'), unfit, undefined)).toEqual([]);
});

it('of many tables it is one change of the API, and of a few the message has the lines to add', () => {
  const columns = ['exports', 'imports', 'jobs'].map((table) => ({ ...unfitColumn, table }));
  const told = unfitText(columns, ['import_errors']);
  expect(told).toContain(
    'created_at is null in exports, imports, jobs: the API gives whole numbers instead of times. The values are kept in _extra. The other columns are right. The rejected rows of import_errors may have the same cause; rejected_rows has them. The API has changed in 3 tables: report it to the vendor.',
  );
  expect(told).not.toContain('customColumns:');
  expect(unfitText(columns.slice(1))).toContain('customColumns: { imports: {');
});

it('a key that does not fit is not told: its row is rejected', () => {
  const counts = { rows: 2, fields: { id: { rows: 2, types: { object: 2 }, unfit: { object: 2 } } } };
  expect(foldUnfit(streamNamed('referrals'), [], counts)).toEqual([]);
});
