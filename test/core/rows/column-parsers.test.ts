import { describe, expect, it } from 'vitest';
import { exportJobs } from '../../../lambdas/streams/exports.ts';
import { jobs } from '../../../lambdas/streams/jobs.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { meta, rowOf, runId } from '../../support/parse-row.ts';

describe('a row whose values fit', () => {
  it('is typed, and names its source', () => {
    const row = `{"id":"l1","object":"lead","created_at":"2026-03-10T12:00:00.000Z","updated_at":"2026-03-10T12:00:00+01:00","full_name":"Ada","tags":["a","b"],"is_qualified":false}`;
    expect(rowOf(leads, row)).toEqual({
      id: 'l1',
      object: 'lead',
      created_at: new Date('2026-03-10T12:00:00Z'),
      updated_at: new Date('2026-03-10T11:00:00Z'),
      full_name: 'Ada',
      email: null,
      phone: null,
      company_name: null,
      title: null,
      location: null,
      tags: ['a', 'b'],
      is_qualified: false,
      _run_id: runId,
      _extracted_at: new Date(meta.extracted_at),
      _request_id: 'req_1',
      _digest: expect.stringMatching(/^[\w-]{22}$/),
      _deleted_at: null,
      _extra: null,
    });
  });

  it('treats null and a missing field as null, and puts neither into _extra', () => {
    expect(rowOf(leads, '{"id":"l1","email":null}')).toMatchObject({ email: null, phone: null, _extra: null });
  });

  it.each([
    ['5', 5n],
    ['-5', -5n],
    ['5.0', 5n],
    ['5.000', 5n],
    ['0', 0n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['9007199254740993', 9007199254740993n],
  ])('reads the integer %s without loss', (text, integer) => {
    expect(rowOf(exportJobs, `{"id":"e","row_count":${text}}`)).toMatchObject({ row_count: integer, _extra: null });
  });

  it.each([
    ['0.5', 0.5],
    ['1.10', 1.1],
    ['2e3', 2000],
    ['2E-3', 0.002],
    ['100', 100],
    ['1000000000000000000000', 1e21],
    ['1152921504606846976', 2 ** 60],
    ['0.0', 0],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('reads the number %s, which is a double', (text, number) => {
    expect(rowOf(jobs, `{"id":"j","progress":${text}}`)).toMatchObject({ progress: number, _extra: null });
  });

  it.each([
    '{ "b" : 1.10, "a" : [ 1e400, null ], "b": 2 }',
    '[1]',
    '"text"',
    '12345678901234567890',
    'false',
    '{"__proto__":{"x":1}}',
  ])('keeps the free value %s letter for letter', (text) => {
    expect(rowOf(jobs, `{"id":"j","result":${text}}`)).toMatchObject({ result: text, _extra: null });
  });
});

describe('a value that does not fit its column', () => {
  it.each([
    ['leads', 'full_name', '5'],
    ['leads', 'full_name', '["Ada"]'],
    ['leads', 'is_qualified', '"false"'],
    ['leads', 'is_qualified', '0'],
    ['leads', 'created_at', '"2026-03-10"'],
    ['leads', 'created_at', '1773144000'],
    ['leads', 'created_at', '"2026-02-30T00:00:00Z"'],
    ['leads', 'tags', '"a"'],
    ['leads', 'tags', '["a", 5]'],
    ['leads', 'tags', '["a",null]'],
    ['leads', 'tags', '{}'],
    ['exports', 'row_count', '"5"'],
    ['exports', 'row_count', '5.5'],
    ['exports', 'row_count', '1e3'],
    ['exports', 'row_count', '4.9999999999999999999'],
    ['exports', 'row_count', '9223372036854775808'],
    ['exports', 'row_count', '1e400'],
    ['jobs', 'progress', '1e400'],
    ['jobs', 'progress', '"0.5"'],
    ['jobs', 'progress', 'true'],
  ] as const)('of %s leaves column %s null and goes to _extra as it was written: %s', (name, column, text) => {
    const row = rowOf(streamNamed(name), `{"id":"x","${column}": ${text} }`);
    expect(row[column]).toBeNull();
    expect(row['_extra']).toBe(`{"${column}":${text}}`);
  });
});

describe('a value that its column can hold in part', () => {
  it.each([
    ['leads', 'created_at', '"2026-03-10T12:00:00.123456Z"', new Date('2026-03-10T12:00:00.123Z')],
    ['jobs', 'progress', '9007199254740993', 9007199254740992],
    ['jobs', 'progress', '0.1000000000000000055511151231257827', 0.1],
    ['jobs', 'progress', '1e-400', 0],
    ['leads', 'full_name', '"a\\ud800b"', 'a\ufffdb'],
    ['leads', 'tags', '["ok","\\udc00"]', ['ok', '\ufffd']],
  ] as const)('of %s is cut to fit in %s, and is complete in _extra: %s', (name, column, text, value) => {
    const row = rowOf(streamNamed(name), `{"id":"x","${column}":${text}}`);
    expect(row[column]).toEqual(value);
    expect(row['_extra']).toBe(`{"${column}":${text}}`);
  });
});

describe('a number of a million digits', () => {
  const zeros = '0'.repeat(1_000_000);
  it.each([
    ['jobs', 'progress', `1.${zeros}1`, 1],
    ['jobs', 'progress', `0.${zeros}1`, 0],
    ['imports', 'total_rows', `1${zeros}`, null],
    ['imports', 'total_rows', `1.${zeros}`, 1n],
  ] as const)('of %s is read into %s in no more time than its length takes', (name, column, text, value) => {
    const started = performance.now();
    const row = rowOf(streamNamed(name), `{"id":"x","${column}":${text}}`);
    expect(row[column]).toBe(value);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
