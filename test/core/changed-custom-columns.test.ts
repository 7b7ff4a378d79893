import { describe, expect, it } from 'vitest';
import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { currentTableOf } from '../../lambdas/contract/stream.ts';
import { columnsOfReading } from '../../lambdas/core/runs/custom-columns-read.ts';
import { notesOf } from '../../lambdas/core/runs/report-problems.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { ChangingVendor, lead } from '../support/changing-vendor.ts';
import { columns, names, workspace } from '../support/custom-columns.ts';
import { currentRowsOf, rowsOf } from '../support/lake-reader.ts';

describe('custom columns of a table that was read before', () => {
  it('that are added later are filled from _extra as soon as a row is read again, though the row did not change', async () => {
    const { vendor, cells, use } = workspace();
    vendor.referrals = [lead('a', { lead_score: 7, taxId: 'DE1' }), lead('b', { lead_score: 8 })];
    await vendor.night();
    use(columns);
    const report = await vendor.night();
    expect(await cells(names)).toEqual([
      ['a', 7n, 'DE1', null, null, null, null],
      ['b', 8n, null, null, null, null, null],
    ]);
    expect(report.tables['referrals']).toMatchObject({ status: 'complete', rowsHealed: 0 });
    // The history keeps rows of earlier nights as they were written.
    const history = await rowsOf(vendor.pipeline.store, 'referrals');
    expect(history.map((row) => row['_extra'])).toContain('{"lead_score":7,"taxId":"DE1"}');
    await vendor.night();
    expect((await vendor.night()).tables['referrals']).toMatchObject({ rowsChanged: 0, rowsUnchanged: 2 });
  });

  it('that are added later to a list of changes make the next night read the list once more, and only that one', async () => {
    let custom: CustomColumns = {};
    const declared = (name: string) => withCustomColumns(streamNamed(name), custom);
    const vendor = new ChangingVendor(['leads'], { declarationOf: declared, settings: { streamNamed: declared } });
    const scores = async () =>
      (await currentRowsOf(vendor.pipeline.store, currentTableOf(declared('leads')))).map(
        ({ lead_score: score }) => score,
      );
    const isWhole = async () => {
      await vendor.night();
      return !vendor.requests.some((request) => request.startsWith('/leads ') && request.includes('2026-'));
    };
    const leads = { lead_score: { type: 'integer' } } as const;
    vendor.leads = [lead('a', { lead_score: 7 }), lead('b', { lead_score: 8, leadScore: 9 })];
    expect([await isWhole(), await isWhole(), await isWhole()]).toEqual([true, true, false]);
    custom = { leads };
    expect([await isWhole(), await isWhole()]).toEqual([true, false]);
    expect(await scores()).toEqual([7n, 8n]);
    custom = { leads: { lead_score: { type: 'integer', field: 'leadScore' } } };
    expect([await isWhole(), await isWhole()]).toEqual([true, false]);
    expect(await scores()).toEqual([null, 9n]);
    // Nothing is read again for a column that is gone, but for one that comes back.
    custom = {};
    expect(await isWhole()).toBe(false);
    custom = { leads: { lead_score: { type: 'integer', field: 'leadScore' } } };
    expect([await isWhole(), await isWhole()]).toEqual([true, false]);
  });

  it('that are added later to a child table are filled within childRereadDays, and each night says until when', async () => {
    let custom: CustomColumns = {};
    const declared = (name: string) => withCustomColumns(streamNamed(name), custom);
    const settings = { streamNamed: declared, childRereadDays: 3 };
    const vendor = new ChangingVendor(['lead_messages'], { declarationOf: declared, settings }).withMessages(6);
    for (const rows of vendor.messages.values()) for (const row of rows) Object.assign(row, { mood: 'calm' });
    const filled = async () =>
      (await currentRowsOf(vendor.pipeline.store, currentTableOf(declared('lead_messages')))).filter(
        ({ mood }) => mood === 'calm',
      ).length;
    await vendor.night();
    await vendor.night();
    custom = { lead_messages: { mood: { type: 'string' } } };
    const [first, second, third] = [await vendor.night(), await vendor.night(), await vendor.night()];
    const until = new Date(Date.parse(first.startedAt) + 3 * 86_400_000).toISOString();
    expect(first.fillingColumns).toEqual([{ table: 'lead_messages', column: 'mood', until }]);
    expect([second.fillingColumns, third.fillingColumns]).toEqual([first.fillingColumns, first.fillingColumns]);
    expect(await filled()).toBe(6);
    expect(notesOf(first, []).join()).toContain(`the last of them about ${until.slice(0, 10)}`);
    expect(await vendor.night()).not.toHaveProperty('fillingColumns');
    // A column that every row has from the first load on is not told, and a full refresh fills one at once.
    custom = { lead_messages: { ...custom['lead_messages'], tone: { type: 'string', field: 'mood2' } } };
    expect(await vendor.night()).toMatchObject({ fillingColumns: [{ column: 'tone' }] });
    expect(await vendor.night({ fullRefresh: true })).not.toHaveProperty('fillingColumns');
    const other = new ChangingVendor(['lead_messages'], { declarationOf: declared, settings }).withMessages(2);
    expect([await other.night(), await other.night()].map(({ fillingColumns }) => fillingColumns)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('that are new in a child table and without a value are told in one note, as long as not every row was read', async () => {
    let custom: CustomColumns = {};
    const declared = (name: string) => withCustomColumns(streamNamed(name), custom);
    const settings = { streamNamed: declared, childRereadDays: 30 };
    const vendor = new ChangingVendor(['lead_messages'], { declarationOf: declared, settings }).withMessages(6);
    await vendor.night();
    await vendor.night();
    custom = { lead_messages: { mood: { type: 'string' } } };
    const part = await vendor.night();
    const until = new Date(Date.parse(part.startedAt) + 30 * 86_400_000).toISOString().slice(0, 10);
    const notes = (report: RunReport) => notesOf(report, []).filter((note) => note.includes('mood'));
    expect(notes(part)).toEqual([
      `lead_messages.mood is a new column, and no row that was read so far has a value in the field 'mood'. Check its name in the configuration. Rows from before have null in it until they are read again, the last of them about ${until} (reading.childRereadDays). To read them at once: npx prospect-lake ops run --full-refresh.`,
    ]);
    // Every lead has changed, so this night reads the messages of each.
    for (const { id } of vendor.leads) vendor.change(id);
    expect(notes(await vendor.night())).toEqual([
      "The custom column lead_messages.mood gets no value: no row that the API gives has one in the field 'mood'. Check its name in the configuration.",
    ]);
  });

  it('with another type than their table has end the run before it reads anything', async () => {
    const { vendor, use } = workspace();
    vendor.referrals = [lead('a', { lead_score: 7 })];
    use({ referrals: { lead_score: { type: 'integer' } } });
    await vendor.night();
    use({ referrals: { lead_score: { type: 'number' } } });
    vendor.requests.length = 0;
    const report = await vendor.night();
    expect(report.status).toBe('failed');
    expect(report.tables['referrals']?.error?.message).toMatch(
      /^Column lead_score of referrals is declared as number, but its current table has it as integer\. /,
    );
    expect(vendor.requests).toEqual([]);
  });

  it('that are added while a list is read over several nights are filled by the reading after it', async () => {
    const known = [`lead_score: integer of lead_score`];
    const begun = { cursor: '100', pages: 1, startedAt: '2026-11-01T02:00:00.000Z' };
    const plan = { customColumns: { leads: known } };
    expect(columnsOfReading('leads', plan, undefined)).toEqual(known);
    expect(columnsOfReading('leads', plan, begun)).toEqual([]);
    expect(columnsOfReading('leads', plan, { ...begun, customColumns: known })).toEqual(known);
  });

  it('that are taken away again give the values back to _extra', async () => {
    const { vendor, cells, use } = workspace();
    use(columns);
    vendor.referrals = [lead('a', { lead_score: 7 })];
    await vendor.night();
    use({});
    await vendor.night();
    expect(await cells(['id', '_extra'])).toEqual([['a', '{"lead_score":7}']]);
  });
});
