import { expect, it } from 'vitest';
import { forgetInChunk } from '../../../lambdas/core/rewrite/raw-chunk.ts';
import { createMatcher } from '../../../lambdas/core/rewrite/persons.ts';
import { chunkBytes, linesOf } from '../../../lambdas/core/rows/chunk-file.ts';
import { packLines } from '../../../lambdas/core/rows/packed-lines.ts';
import { formatRawLine } from '../../../lambdas/core/rows/raw-line.ts';
import { leads } from '../../../lambdas/streams/leads.ts';

const matcher = createMatcher({ subjects: [{ stream: 'leads', id: 'lead_A1b2' }], addresses: ['ada@example.test'] });
const meta = { request_id: 'req_1', extracted_at: '2026-11-24T02:00:00.000Z' };
const day = '2026-11-27';

it.each([
  ['with escaped letters', String.raw`{"id":"lead_\u0041\u0031b2","full_name":"Ada"}`],
  ['with one escaped character', String.raw`{"full_name":"Ada","id":"lead\u005fA1b2"}`],
])('a row whose id is written %s is removed', (_, row) => {
  const other = formatRawLine(meta, '{"id":"lead_other"}');
  const changed = forgetInChunk('chunk', packLines([formatRawLine(meta, row), other]).gzipped(), leads, matcher, day);
  expect(changed).toMatchObject({ removed: 1, changed: 0 });
  expect(linesOf(chunkBytes('chunk', changed?.body ?? new Uint8Array()))).toEqual([
    `{"item":"","forgottenOn":"${day}"}`,
    other,
  ]);
});

it.each([
  ['an id with escapes', String.raw`{"id":"lead_other","n":1.0, "note":"asks lead_\u0041\u0031b2"}`, 'asks forgotten'],
  [
    'an id after an escaped line break',
    String.raw`{"id":"lead_other","n":1.0, "note":"a\nlead_A1b2"}`,
    String.raw`a\nforgotten`,
  ],
  ['an address in a URL', '{"id":"lead_other","n":1.0, "note":"x.test?a=Ada%40example.test"}', 'x.test?a=forgotten'],
])('a row that quotes %s loses the quote and keeps every other byte', (_, row, note) => {
  const changed = forgetInChunk('chunk', packLines([formatRawLine(meta, row)]).gzipped(), leads, matcher, day);
  expect(linesOf(chunkBytes('chunk', changed?.body ?? new Uint8Array()))).toEqual([
    formatRawLine(meta, `{"id":"lead_other","n":1.0, "note":"${note}"}`),
  ]);
});
