import { describe, expect, it } from 'vitest';
import { tableOf } from '../../../lambdas/contract/stream.ts';
import { mayConcern } from '../../../lambdas/core/rewrite/may-concern.ts';
import { createMatcher } from '../../../lambdas/core/rewrite/persons.ts';
import type { ParsedRow } from '../../../lambdas/core/rows/rows.ts';
import { writeParquet, type WriteOptions } from '../../../lambdas/core/rows/parquet/write.ts';
import { leads } from '../../../lambdas/streams/leads.ts';

const person = { id: 'lead_ωß😀_1', address: 'Zoë@Exämple.test' };
const matcher = createMatcher({ subjects: [{ stream: 'leads', id: person.id }], addresses: [person.address] });

/** Enough rows for several pages. Long texts without repetition are stored without a dictionary. */
const others = Array.from({ length: 3_000 }, (_, at): ParsedRow => {
  return {
    id: `lead_é${at}`,
    title: at % 2 === 0 ? 'Köchin' : null,
    location: `${'Ω'.repeat(at % 300)} ${at}`,
    tags: at % 3 === 0 ? ['ä', 'b'] : [],
    _run_id: 'nightly-1',
    _extracted_at: new Date(0),
    _digest: `${at}`,
  };
});
const fileWith = (row: ParsedRow, options?: WriteOptions) =>
  writeParquet(tableOf(leads), [...others.slice(0, 1_500), { ...others[0], ...row }, ...others.slice(1_500)], options);

const forms: readonly (readonly [string, WriteOptions])[] = [
  ['as the pipeline writes it', {}],
  ['without dictionaries', { dictionaries: false }],
  ['with snappy', { codec: 'SNAPPY' }],
  ['without compression', { codec: 'UNCOMPRESSED', dictionaries: false }],
  ['in several row groups', { rowGroupSize: 700 }],
];

describe.each(forms)('a file %s', (_, options) => {
  it.each<readonly [string, ParsedRow]>([
    ['the row of the person', { id: person.id }],
    ['the id inside of a text', { title: `asked ${person.id}, then left` }],
    ['the address in other letters', { location: `<${person.address.toUpperCase()}>` }],
    ['the address in a list', { tags: ['c', `d ${person.address}`] }],
    ['the address with escapes of JSON', { _extra: '{"a":"zo\\u00eb@ex\\u00e4mple.test"}' }],
  ])('may concern a person if it holds %s', (_what, row) => {
    expect(mayConcern(fileWith(row, options), matcher)).toBe(true);
  });

  it('does not concern a person whom no row names', () => {
    expect(mayConcern(fileWith({ title: 'lead_ωß😀, zoe@example.test' }, options), matcher)).toBe(false);
  });
});

it('every file may concern a person with a short id, which is no proof in other bytes', () => {
  const short = createMatcher({ subjects: [{ stream: 'leads', id: '17' }], addresses: [] });
  expect(mayConcern(fileWith({}), short)).toBe(true);
});

it('a file that cannot be read may concern anybody', () => {
  expect(mayConcern(fileWith({}).subarray(0, -20), matcher)).toBe(true);
});
