import { expect, it } from 'vitest';
import { changeObject } from '../../../lambdas/core/rewrite/change-object.ts';
import { createMatcher } from '../../../lambdas/core/rewrite/persons.ts';
import { packLines } from '../../../lambdas/core/rows/packed-lines.ts';
import { leads } from '../../../lambdas/streams/leads.ts';

const id = 'lead_qqvvzz';
const change = {
  rows: () => (row: object) => row as never,
  matcher: createMatcher({ subjects: [{ stream: 'leads', id }], addresses: [] }),
  day: '2026-11-27',
  tables: new Map(),
  streams: new Map([['leads', leads]]),
};
const mark = (cursor: string) => ({ mark: JSON.stringify({ rows: 1, cursor, pages: 1 }) });
const packed = Buffer.from(`{"after":"${id}"}`).toString('base64');

it.each([
  ['is an id', id],
  ['holds an id in base64', packed],
])('a cursor that %s is removed from the mark of a chunk, and from its own object', async (_, cursor) => {
  const body = packLines(['{"item":"lead_other","failure":null}']).gzipped();
  const key = 'raw/leads/nightly-1/leads.0/000000.ndjson.gz';
  expect(await changeObject(key, { body, metadata: mark(cursor) }, change)).toEqual({
    body,
    metadata: mark('forgotten'),
    removed: 0,
    changed: 1,
  });
  const long = await changeObject(
    'raw/leads/nightly-1/leads.0.cursors/abc',
    { body: Buffer.from(cursor), metadata: {} },
    change,
  );
  expect(Buffer.from(long?.body ?? []).toString()).toBe('forgotten');
  expect(await changeObject(key, { body, metadata: mark('lead_other') }, change)).toBeUndefined();
});
