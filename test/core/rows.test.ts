import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { maxIdLength } from '../../lambdas/contract/run.ts';
import { createRowParser, type ParsedRow } from '../../lambdas/core/rows.ts';
import { exportJobs } from '../../lambdas/streams/exports.ts';
import { importErrors } from '../../lambdas/streams/imports.ts';
import { jobs } from '../../lambdas/streams/jobs.ts';
import { leadMessages } from '../../lambdas/streams/messages.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';

const runId = 'nightly-20261124T020000000Z';
const meta = { request_id: 'req_1', extracted_at: '2026-11-24T02:00:00.000Z' };

function parse(stream: Stream, row: string, more: { parent?: string; detail?: string } = {}) {
  const { detail, ...parent } = more;
  return createRowParser(stream, runId).parse({ meta: { ...meta, ...parent }, row, detail });
}

function rowOf(stream: Stream, row: string, more: { parent?: string; detail?: string } = {}): ParsedRow {
  const result = parse(stream, row, more);
  if (!('row' in result)) throw new Error(`The row was rejected: ${result.rejected}`);
  return result.row;
}

function reasonOf(stream: Stream, row: string, more: { parent?: string } = {}): string | undefined {
  const result = parse(stream, row, more);
  return 'rejected' in result ? result.rejected : undefined;
}

describe('a row whose values fit', () => {
  it('is typed, and says where it came from', () => {
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
      _deleted_at: null,
      _extra: null,
    });
  });

  it('takes null and a missing field as null, and neither as extra', () => {
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
  ] as const)('of %s is cut to fit in %s, and stands whole in _extra: %s', (name, column, text, value) => {
    const row = rowOf(streamNamed(name), `{"id":"x","${column}":${text}}`);
    expect(row[column]).toEqual(value);
    expect(row['_extra']).toBe(`{"${column}":${text}}`);
  });
});

describe('a field that is not declared', () => {
  it('goes to _extra as it was written, whatever its name', () => {
    const extra =
      '{"__proto__":{"a":1},"constructor":null,"_run_id":"theirs","_extra":[ 1.10 ],"":0,"big":12345678901234567890}';
    const row = rowOf(leads, `{"id":"l1",${extra.slice(1)}`);
    expect(row['_extra']).toBe(extra);
    expect(row['_run_id']).toBe(runId);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  it('is lost nowhere: row and _extra together say what the API said', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (fields) => {
        const said: Record<string, unknown> = JSON.parse(JSON.stringify({ ...fields, id: 'l1' }));
        const row = rowOf(leads, JSON.stringify({ ...fields, id: 'l1' }));
        const extra: unknown = JSON.parse(String(row['_extra'] ?? '{}'));
        const declared = Object.fromEntries(Object.entries(said).filter(([name]) => name === 'id'));
        const rest = Object.fromEntries(Object.entries(said).filter(([name]) => name !== 'id'));
        expect(declared['id']).toBe(row['id']);
        expect(extra).toEqual(rest);
      }),
    );
  });

  it('may be nested 10,000 levels deep', () => {
    const deep = '{"a":['.repeat(5_000) + '1' + ']}'.repeat(5_000);
    expect(rowOf(leads, `{"id":"l1","deep":${deep}}`)['_extra']).toBe(`{"deep":${deep}}`);
    expect(rowOf(jobs, `{"id":"j1","result":${deep}}`)['result']).toBe(deep);
  });
});

describe('a child', () => {
  it('has the key of the parent that it was asked for', () => {
    expect(rowOf(leadMessages, '{"id":"m1"}', { parent: 'l1' })).toMatchObject({
      lead_id: 'l1',
      id: 'm1',
      _extra: null,
    });
    expect(rowOf(leadMessages, '{"id":"m1","lead_id":"l1"}', { parent: 'l1' })).toMatchObject({
      lead_id: 'l1',
      _extra: null,
    });
  });

  it('that names another parent says so in _extra', () => {
    const row = rowOf(leadMessages, '{"id":"m1","lead_id":"l2"}', { parent: 'l1' });
    expect(row).toMatchObject({ lead_id: 'l1', _extra: '{"lead_id":"l2"}' });
  });
});

describe('a second answer about the row', () => {
  it('gives the fields that the stream takes from it, and only those', () => {
    const row = rowOf(exportJobs, '{"id":"e1","status":"done"}', {
      detail: '{"id":"other","status":"x","download_ready":true}',
    });
    expect(row).toMatchObject({ id: 'e1', status: 'done', download_ready: true, _extra: null });
  });

  it('goes to _extra where it does not fit', () => {
    const row = rowOf(exportJobs, '{"id":"e1"}', { detail: '{"download_ready": "soon" }' });
    expect(row).toMatchObject({ download_ready: null, _extra: '{"download_ready":"soon"}' });
  });

  it('may be missing', () => {
    expect(rowOf(exportJobs, '{"id":"e1"}')).toMatchObject({ download_ready: null, _extra: null });
  });
});

describe('a row without a usable key', () => {
  it.each([
    ['leads', '{}', 'The key column id is missing, null or of another type.'],
    ['leads', '{"id":null}', 'The key column id is missing, null or of another type.'],
    ['leads', '{"id":5}', 'The key column id is missing, null or of another type.'],
    ['leads', '{"id":""}', 'The key column id is empty.'],
    ['leads', `{"id":"${'x'.repeat(maxIdLength + 1)}"}`, `The key column id is longer than ${maxIdLength} characters.`],
    ['leads', '[]', 'The row is a list, not an object.'],
    ['leads', 'null', 'The row is null, not an object.'],
    ['leads', '"l1"', 'The row is a string, not an object.'],
  ])('of %s is rejected: %s', (name, row, reason) => {
    expect(reasonOf(streamNamed(name), row)).toBe(reason);
  });

  it('is one whose integer key is not an integer', () => {
    expect(reasonOf(importErrors, '{"row":"5"}', { parent: 'i1' })).toBe(
      'The key column row is missing, null or of another type.',
    );
    expect(rowOf(importErrors, '{"row":5}', { parent: 'i1' })).toMatchObject({ import_id: 'i1', row: 5n });
  });

  it('is not one whose key has the greatest length', () => {
    expect(rowOf(leads, `{"id":"${'x'.repeat(maxIdLength)}"}`)['id']).toHaveLength(maxIdLength);
  });
});
