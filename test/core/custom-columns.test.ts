import { describe, expect, it } from 'vitest';
import { emptyColumnText, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { readParents } from '../../lambdas/core/publish/read-parents.ts';
import { columnsToAdd } from '../../lambdas/core/runs/columns-to-add.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { summaryOf } from '../../local/cli/summary.ts';
import { runNotes } from '../../ops/status/run-notes.ts';
import { lead } from '../support/changing-vendor.ts';
import { columns, names, workspace } from '../support/custom-columns.ts';
import { rowsOf } from '../support/lake-reader.ts';

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
