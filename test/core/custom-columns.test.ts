import { describe, expect, it } from 'vitest';
import {
  type CustomColumns,
  customColumns,
  emptyColumnText,
  withCustomColumns,
} from '../../lambdas/contract/custom-columns.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { currentTableOf } from '../../lambdas/contract/stream.ts';
import { readParents } from '../../lambdas/core/publish/read-parents.ts';
import { createColumnMask, maskNothing } from '../../lambdas/core/rows/mask-columns.ts';
import { columnsOfReading } from '../../lambdas/core/runs/custom-columns-read.ts';
import { notesOf } from '../../lambdas/core/runs/report-problems.ts';
import { columnsToAdd } from '../../lambdas/core/runs/columns-to-add.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { summaryOf } from '../../local/cli/summary.ts';
import { runNotes } from '../../ops/status/run-notes.ts';
import { ChangingVendor, lead } from '../support/changing-vendor.ts';
import { currentRowsOf, rowsOf } from '../support/lake-reader.ts';

const columns = customColumns.parse({
  referrals: {
    lead_score: { type: 'integer' },
    tax_id: { type: 'string', field: 'taxId', personal: 'name' },
    signed_at: { type: 'timestamp' },
    labels: { type: 'string_list' },
    renews_on: { type: 'date' },
  },
});

/** A vendor whose rows are converted and published with custom columns that the test changes between nights. */
function workspace(choice?: { drop: string[]; hash: string[] }) {
  let custom: CustomColumns = {};
  const declared = (name: string) => withCustomColumns(streamNamed(name), custom);
  const vendor = new ChangingVendor(['referrals'], {
    declarationOf: declared,
    mask: choice ? createColumnMask(choice, 'key') : maskNothing,
    settings: { streamNamed: declared },
  });
  const cells = async (names: readonly string[]) =>
    (await currentRowsOf(vendor.pipeline.store, currentTableOf(declared('referrals')))).map((row) =>
      names.map((name) => row[name]),
    );
  return {
    vendor,
    cells,
    use: (next: CustomColumns) => {
      custom = next;
    },
  };
}

const names = ['id', 'lead_score', 'tax_id', 'signed_at', 'labels', 'renews_on', '_extra'];
const signed = '2026-10-01T08:00:00.000Z';

describe('custom columns', () => {
  it('take the values of fields that fit; the others stay in _extra as the API wrote them', async () => {
    const { vendor, cells, use } = workspace();
    use(columns);
    vendor.referrals = [
      lead('a', {
        lead_score: 7,
        taxId: 'DE1',
        signed_at: signed,
        labels: ['x', 'y'],
        renews_on: '2026-12-01',
        more: 1,
      }),
      lead('b', { lead_score: 'seven', taxId: null, signed_at: 'soon', labels: [1], renews_on: '1.12.2026' }),
      lead('c'),
    ];
    await vendor.night();
    expect(await cells(names)).toEqual([
      ['a', 7n, 'DE1', new Date(signed), ['x', 'y'], new Date('2026-12-01'), '{"more":1}'],
      [
        'b',
        null,
        null,
        null,
        null,
        null,
        '{"lead_score":"seven","signed_at":"soon","labels":[1],"renews_on":"1.12.2026"}',
      ],
      ['c', null, null, null, null, null, null],
    ]);
    const [a] = await rowsOf(vendor.pipeline.store, 'referrals');
    expect([a?.['lead_score'], a?.['tax_id'], a?.['_extra']]).toEqual([7n, 'DE1', '{"more":1}']);
  });

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

  it('without a value in any row are told, with the field that the API does not give', async () => {
    const { vendor, use } = workspace();
    const referrals = { ...columns['referrals'], renewal: { type: 'date', field: 'E-Mail alt' } as const };
    use({ referrals });
    vendor.referrals = [lead('a', { lead_score: 7, tax_id: 'DE1', labels: null }), lead('b', { signed_at: 'soon' })];
    const empty = [
      { table: 'referrals', column: 'tax_id', field: 'taxId', similar: 'tax_id' },
      { table: 'referrals', column: 'labels', field: 'labels' },
      { table: 'referrals', column: 'renews_on', field: 'renews_on' },
    ];
    const report = await vendor.night();
    expect(report).toMatchObject({ status: 'complete', emptyColumns: empty });
    const terminal = { width: Number.POSITIVE_INFINITY, hasColour: false };
    const text =
      "The custom column referrals.tax_id gets no value: no row that the API gives has one in the field 'taxId'. Did you mean the field 'tax_id'?";
    expect(summaryOf(report, { out: 'out', terminal, allTables: false })).toContain(text);
    expect(runNotes({ runs: [report], opsFlags: '', plans: new Map() }, terminal)).toContain(`  ${text}`);
    vendor.referrals = [lead('a', { lead_score: 7, taxId: 'DE1', labels: [], renews_on: '2026-12-01' }), lead('b')];
    expect(await vendor.night()).not.toHaveProperty('emptyColumns');
  });

  it('that are a second column of a field are told if none of its values can fit their type', async () => {
    const { vendor, use } = workspace();
    use({
      referrals: {
        lead_score: { type: 'integer' },
        lead_score_string: { type: 'string', field: 'lead_score' },
        lead_score_number: { type: 'number', field: 'lead_score' },
      },
    });
    vendor.referrals = [lead('a', { lead_score: 7 })];
    const report = await vendor.night();
    expect(report.emptyColumns).toEqual([
      { table: 'referrals', column: 'lead_score_string', field: 'lead_score', given: ['number'] },
    ]);
    expect(report.emptyColumns?.map((empty) => emptyColumnText(empty)).join()).toMatch(
      /^The custom column referrals.lead_score_string gets no value: the field 'lead_score' gives only JSON values of the type number/,
    );
    vendor.referrals = [lead('a', { lead_score: 7 }), lead('b', { lead_score: 'seven' })];
    expect(await vendor.night()).not.toHaveProperty('emptyColumns');
  });

  it('of a field that has a column take the values that do not fit it, and end the problem of the night', async () => {
    const { vendor, cells, use } = workspace();
    vendor.referrals = [lead('a', { created_at: 1_790_000_000 }), lead('b'), lead('c', { created_at: [1] })];
    const told = (await vendor.night()).unfitColumns ?? [];
    expect(columnsToAdd({ unfitColumns: told }, [])).toEqual({
      referrals: { created_at_json: { type: 'json', field: 'created_at', personal: 'quote' } },
    });
    use({
      referrals: {
        created_at_integer: { type: 'integer', field: 'created_at' },
        created_at_json: { type: 'json', field: 'created_at' },
      },
    });
    expect(await vendor.night()).not.toHaveProperty('unfitColumns');
    expect(await cells(['created_at', 'created_at_integer', 'created_at_json', '_extra'])).toEqual([
      [null, 1_790_000_000n, null, null],
      [new Date('2026-09-01T00:00:00.000Z'), null, null, null],
      [null, null, '[1]', null],
    ]);
  });

  it('of updated_at show that the row has a time of change, though not a known one', async () => {
    const { vendor, use } = workspace();
    use({ referrals: { updated_at_integer: { type: 'integer', field: 'updated_at' } } });
    vendor.referrals = [lead('a', { updated_at: 1_790_000_000 }), lead('b', { updated_at: null })];
    await vendor.night();
    const stream = withCustomColumns(streamNamed('referrals'), {
      referrals: { updated_at_integer: { type: 'integer', field: 'updated_at' } },
    });
    const parents = await readParents(stream, vendor.pipeline);
    expect(parents.map(({ id, changedAt }) => [id, changedAt])).toEqual([
      ['a', undefined],
      ['b', Date.parse('2026-09-01T00:00:00.000Z')],
    ]);
  });

  it('of a field that is dropped are dropped too', async () => {
    const { vendor, cells, use } = workspace({ drop: ['email'], hash: [] });
    use({ referrals: { email_json: { type: 'json', field: 'email' } } });
    vendor.referrals = [lead('a', { email: ['ada@example.com'] })];
    await vendor.night();
    expect(await cells(['email_json', '_extra'])).toEqual([[null, null]]);
  });

  it('that hold personal data are dropped or hashed with their kind', async () => {
    const { vendor, cells, use } = workspace({ drop: ['name'], hash: [] });
    use(columns);
    vendor.referrals = [lead('a', { lead_score: 7, taxId: 'DE1', secret: 'Ada' })];
    await vendor.night();
    expect(await cells(names)).toEqual([['a', 7n, null, null, null, null, '{"secret":null}']]);
  });
});
