/** What changed between two versions of a row, if a field has moved between `_extra` and a custom column. */

import { expect, it } from 'vitest';
import { z } from 'zod';
import { type CustomColumns, customColumns, withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { traceOf } from '../../../ops/commands/trace.ts';
import { changedColumns, contentColumns, fingerprintsOf } from '../../../ops/lake/changed-columns.ts';
import { ChangingVendor, lead } from '../../support/changing-vendor.ts';

const columns = customColumns.parse({
  referrals: {
    lead_score: { type: 'integer' },
    signed: { type: 'timestamp', field: 'signedAt' },
    tags: { type: 'json' },
  },
});
const first = { lead_score: 7, signedAt: '2026-10-01T08:00:00Z', tags: { a: [1, 2] }, other: 'x' };

/** The changed columns of each version of the row `a`. */
async function changesAfter(
  nights: readonly { readonly row: Record<string, unknown>; readonly custom: CustomColumns }[],
): Promise<unknown[]> {
  let custom: CustomColumns = {};
  const declared = (name: string) => withCustomColumns(streamNamed(name), custom);
  const vendor = new ChangingVendor(['referrals'], { declarationOf: declared, settings: { streamNamed: declared } });
  for (const night of nights) {
    ({ custom } = night);
    vendor.referrals = [lead('a', night.row)];
    await vendor.night();
  }
  const { store, warehouse } = vendor.pipeline;
  const source = { store, warehouse, local: undefined, configured: { customColumns: custom } };
  const wanted = { table: 'referrals', id: 'a', request: undefined, chunk: undefined, run: undefined };
  const { data } = await traceOf(source, wanted);
  return z
    .array(z.object({ changedColumns: z.unknown() }))
    .parse(data)
    .map((version) => version.changedColumns);
}

it('a field that moves from _extra to a new column did not change, also in a row that did', async () => {
  const updated_at = '2026-11-02T00:00:00.000Z';
  expect(
    await changesAfter([
      { row: first, custom: {} },
      { row: first, custom: columns },
      { row: { ...first, updated_at }, custom: columns },
    ]),
  ).toEqual([null, [], ['updated_at']]);
  expect(
    await changesAfter([
      { row: first, custom: {} },
      { row: { ...first, updated_at }, custom: columns },
      { row: { ...first, updated_at, lead_score: 8, other: 'y' }, custom: columns },
    ]),
  ).toEqual([null, ['updated_at'], ['lead_score', '_extra']]);
});

it('a value that moves from _extra to a second column of its field did not change', async () => {
  const custom = customColumns.parse({ referrals: { created: { type: 'integer', field: 'created_at' } } });
  const row = { created_at: 1_790_000_000 };
  const updated_at = '2026-11-02T00:00:00.000Z';
  expect(
    await changesAfter([
      { row, custom: {} },
      { row: { ...row, updated_at }, custom },
      { row: { created_at: 1_790_000_001, updated_at }, custom },
    ]),
  ).toEqual([null, ['updated_at'], ['created']]);
});

it('a field that changes while it moves is told with its new column', async () => {
  expect(
    await changesAfter([
      { row: first, custom: {} },
      { row: { ...first, lead_score: 8 }, custom: columns },
    ]),
  ).toEqual([null, ['lead_score']]);
});

it('a column that is taken away leaves a row as it was', async () => {
  expect(
    await changesAfter([
      { row: first, custom: columns },
      { row: first, custom: {} },
    ]),
  ).toEqual([null, []]);
});

it('a value that does not fit its column is compared as the API wrote it', () => {
  const stream = withCustomColumns(streamNamed('referrals'), columns);
  const names = contentColumns(stream);
  const content = (extra: string | null) =>
    fingerprintsOf(stream, { lead_score: null, signed: null, tags: null, _extra: extra }, names);
  const changed = (one: string | null, other: string | null) => changedColumns(names, content(one), content(other));
  expect(changed('{"lead_score":"seven"}', '{"lead_score":"eight"}')).toEqual(['lead_score']);
  expect(changed('{"lead_score":"seven"}', '{"lead_score":"seven"}')).toEqual([]);
  // If personalData keeps only the names of the fields, nothing is known about the value.
  expect(changed('{"lead_score":null}', null)).toEqual([]);
});
