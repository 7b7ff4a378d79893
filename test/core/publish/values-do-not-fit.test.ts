import { expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { foldUnfit, type UnfitReading } from '../../../lambdas/core/publish/fold-unfit.ts';
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

it('a column whose values stop fitting is a problem each night, until a night reads all rows and the values fit', async () => {
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
    'ValuesDoNotFit: created_at, updated_at are null in leads, referrals: the API gives whole numbers instead of times. The values are kept in _extra.';
  expect(await toldIn(vendor)).toEqual([told]);
  // No lead changes, so the second night reads none: their column is still null.
  expect(await toldIn(vendor)).toEqual([told]);
  give(text);
  vendor.change('r3');
  // Referrals are read whole each night. Of the leads, a night reads one: the others are still null.
  const past =
    'ValuesDoNotFit: created_at may still be null in rows of leads that were not read since the API gave whole numbers instead of times. The newest values fit. This ends with the run that reads every row again. A repair by ops audit may have filled them already, but it reads only the rows that differ, so it does not end this. To read every row now: npx prospect-lake ops run --full-refresh.';
  for (let night = 0; night < 2; night += 1) expect(await toldIn(vendor)).toEqual([past]);
  expect((await vendor.pipeline.rows('leads')).filter(({ created_at }) => created_at === null)).toHaveLength(29);
  await vendor.night({ fullRefresh: true });
  expect((await vendor.pipeline.rows('leads')).filter(({ created_at }) => created_at === null)).toEqual([]);
  expect(await toldIn(vendor)).toEqual([]);
});

it('a night that reads no row of the table says when such values were read, and not what the API gives now', async () => {
  const vendor = new ChangingVendor(['leads']);
  vendor.leads = rows(30, () => ({ created_at: epoch }));
  await vendor.night();
  const met = await vendor.night({ fullRefresh: true });
  expect(met.unfitColumns).toMatchObject([{ column: 'created_at', unfit: 30 }]);
  vendor.leads = rows(30, () => ({ created_at: text }));
  for (let night = 0; night < 2; night += 1)
    expect(await toldIn(vendor)).toEqual([
      `ValuesDoNotFit: created_at is null in leads: the API gave whole numbers instead of times when these rows were last read, on ${met.startedAt.slice(0, 10)}. No later run has read them again. This ends with the run that reads every row again. A repair by ops audit may have filled them already, but it reads only the rows that differ, so it does not end this. To read every row now: npx prospect-lake ops run --full-refresh.`,
    ]);
  vendor.change('r3');
  expect((await vendor.night()).unfitColumns).toMatchObject([{ fitsAgain: true }]);
  expect((await vendor.night()).unfitColumns?.[0]).not.toHaveProperty('notReadSince');
  await vendor.night({ fullRefresh: true });
  expect(await toldIn(vendor)).toEqual([]);
});

it('a backfill tells the columns whose values do not fit, and so do the nights after it, until a backfill reads all', async () => {
  const vendor = new ChangingVendor(['leads']);
  vendor.leads = rows(30, () => ({ created_at: text }));
  await vendor.night();
  vendor.leads = rows(30, () => ({ created_at: epoch }));
  const backfill = { kind: 'backfill', streams: ['leads'], once: true };
  const before = vendor.pipeline.problems.length;
  expect((await vendor.night(backfill)).unfitColumns).toMatchObject([{ table: 'leads', column: 'created_at' }]);
  expect(vendor.pipeline.problems.slice(before)).toMatchObject([{ problem: 'ValuesDoNotFit' }]);
  expect((await vendor.night()).unfitColumns).toMatchObject([{ table: 'leads', column: 'created_at', unfit: 30 }]);
  vendor.leads = rows(30, () => ({ created_at: text }));
  expect((await vendor.night({ ...backfill, to: '2026-09-02T00:00:00.000Z' })).unfitColumns).toMatchObject([
    { fitsAgain: true },
  ]);
  expect(await vendor.night(backfill)).not.toHaveProperty('unfitColumns');
  expect(await vendor.night()).not.toHaveProperty('unfitColumns');
});

it('a refresh tells a column whose value does not fit, and the next night too', async () => {
  const vendor = new ChangingVendor(['leads']);
  vendor.leads = rows(30, () => ({ created_at: text }));
  // The second night reads all rows too.
  for (let night = 0; night < 2; night += 1) await vendor.night();
  vendor.change('r3', { created_at: epoch });
  expect((await vendor.event('r3'))?.unfitColumns).toMatchObject([{ column: 'created_at', values: 1 }]);
  vendor.change('r3', {});
  expect(await vendor.event('r3')).not.toHaveProperty('unfitColumns');
  expect((await vendor.night()).unfitColumns).toMatchObject([{ column: 'created_at', fitsAgain: true }]);
});

it('a reading of all rows that takes several nights solves it, if none of its parts met values that do not fit', () => {
  const stream = streamNamed('leads');
  const known = [{ ...unfitColumn, table: 'leads', metAt: '2026-11-02T02:00:00.000Z' }];
  const reading = (day: number, extent: UnfitReading['extent'], unfit = 0): UnfitReading => ({
    counts: { rows: 9, fields: { created_at: { rows: 9, types: { string: 9 }, unfit: { string: unfit } } } },
    startedAt: `2026-11-0${day}T02:00:00.000Z`,
    extent,
  });
  const after = (...readings: UnfitReading[]) =>
    readings.reduce((before, one) => foldUnfit(stream, before, one), foldUnfit(stream, known, undefined));
  expect(after(reading(3, 'first part'), reading(4, 'some'), reading(5, 'last part'))).toEqual([]);
  expect(after(reading(3, 'last part'))).toMatchObject([{ fitsAgain: true }]);
  expect(after(reading(3, 'first part'), reading(4, 'some', 9), reading(5, 'last part'))).toHaveLength(1);
  expect(after(reading(3, 'first part', 9), reading(4, 'last part'))).toHaveLength(1);
  // The run began before the values stopped fitting.
  expect(after(reading(1, 'all'))).toEqual(known);
});

it('one value in a hundred that does not fit is no problem, and more are', async () => {
  const vendor = new ChangingVendor(['referrals']);
  vendor.referrals = rows(200, () => ({}));
  await vendor.night();
  vendor.referrals = rows(200, (index) => ({ created_at: index < 2 ? 'never' : text }));
  expect(await toldIn(vendor)).toEqual([]);
  vendor.referrals = rows(200, (index) => ({ created_at: index < 3 ? 'never' : text }));
  expect(await toldIn(vendor)).toEqual([
    `ValuesDoNotFit: created_at is null in some rows of referrals: the API gives texts of the form "letters" instead of times. The values are kept in _extra.`,
  ]);
});

it('a custom column counts like any other, and is forgotten with its declaration or its type', () => {
  const stream = withCustomColumns(streamNamed('referrals'), {
    referrals: { score: { type: 'integer', field: 'Score' } },
  });
  const counts = { rows: 9, fields: { Score: { rows: 9, types: { string: 4 }, unfit: { string: 4 }, shape: '"a"' } } };
  const reading = { counts, startedAt: text, extent: 'all' as const };
  const unfit = foldUnfit(stream, [], reading);
  expect(unfitText(unfit)).toBe(
    `score is null in referrals: the API gives texts of the form "letters" instead of whole numbers. The values are kept in _extra.`,
  );
  expect(
    foldUnfit(stream, unfit, { ...reading, counts: { rows: 9, fields: { Score: { rows: 9, types: {} } } } }),
  ).toEqual([{ ...unfit[0], notReadSince: true }]);
  expect(foldUnfit(streamNamed('referrals'), unfit, undefined)).toEqual([]);
});

it('of many tables it is one change of the API', () => {
  const columns = ['exports', 'imports', 'jobs'].map((table) => ({ ...unfitColumn, table }));
  const told = unfitText(columns, ['import_errors']);
  expect(told).toContain(
    'created_at is null in exports, imports, jobs: the API gives whole numbers instead of times. The values are kept in _extra. The other columns are right. The rejected rows of import_errors may have the same cause; rejected_rows has them. The API has changed in 3 tables: report it to the vendor.',
  );
  expect(unfitText(columns.slice(1))).not.toContain('The API has changed');
});

it('a key that does not fit is not told: its row is rejected', () => {
  const counts = { rows: 2, fields: { id: { rows: 2, types: { object: 2 }, unfit: { object: 2 } } } };
  expect(foldUnfit(streamNamed('referrals'), [], { counts, startedAt: text, extent: 'all' })).toEqual([]);
});
