import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxIdLength } from '../../../lambdas/contract/run.ts';
import { exportJobs } from '../../../lambdas/streams/exports.ts';
import { importErrors } from '../../../lambdas/streams/imports.ts';
import { jobs } from '../../../lambdas/streams/jobs.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { leadMessages } from '../../../lambdas/streams/messages.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { reasonOf, rowOf, runId } from '../../support/parse-row.ts';

describe('a field that is not declared', () => {
  it('goes to _extra as written, whatever its name', () => {
    const extra =
      '{"__proto__":{"a":1},"constructor":null,"_run_id":"theirs","_extra":[ 1.10 ],"":0,"big":12345678901234567890}';
    const row = rowOf(leads, `{"id":"l1",${extra.slice(1)}`);
    expect(row['_extra']).toBe(extra);
    expect(row['_run_id']).toBe(runId);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  it('is never lost: row and _extra together hold what the API returned', () => {
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
  it('has the key of the parent whose list was read', () => {
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

describe('the detail of a row', () => {
  it('gives only the fields that the stream declares', () => {
    const row = rowOf(exportJobs, '{"id":"e1","status":"done"}', {
      detail: '{"id":"other","status":"x","download_ready":true}',
    });
    expect(row).toMatchObject({ id: 'e1', status: 'done', download_ready: true, _extra: null });
  });

  it('goes to _extra if it does not fit', () => {
    const row = rowOf(exportJobs, '{"id":"e1"}', { detail: '{"download_ready": "soon" }' });
    expect(row).toMatchObject({ download_ready: null, _extra: '{"download_ready":"soon"}' });
  });

  it('may be missing', () => {
    expect(rowOf(exportJobs, '{"id":"e1"}')).toMatchObject({ download_ready: null, _extra: null });
  });
});

describe('an id', () => {
  it('that is a number becomes its text, letter for letter', () => {
    expect(rowOf(leads, '{"id":12345678901234567890}')).toMatchObject({ id: '12345678901234567890', _extra: null });
    expect(rowOf(leads, '{"id":1000,"title":7}')).toMatchObject({ id: '1000', title: null, _extra: '{"title":7}' });
    const message = rowOf(streamNamed('lead_messages'), '{"id":7,"lead_id":1000}', { parent: '1000' });
    expect(message).toMatchObject({ id: '7', lead_id: '1000', _extra: null });
  });

  it('that differs only in half a surrogate pair stays a different id', () => {
    const ids = ['\\ud800', '\\udbff', '\\udc00', '\ufffd', '\ufdd0'].map(
      (id) => rowOf(leads, `{"id":"a${id}"}`)['id'],
    );
    expect(new Set(ids).size).toBe(5);
    expect(rowOf(leads, '{"id":"a\\ud800"}')).toMatchObject({ id: 'a\ufdd0d800', _extra: '{"id":"a\\ud800"}' });
  });

  it.each([
    ['"a\\ud800"', 'a\ufdd0d800', '{"lead_id":"a\\ud800"}'],
    ['1000', '1000', null],
  ])('of another row, %s, is written as the id of that row is', (id, text, extra) => {
    expect(rowOf(leads, `{"id":${id}}`)).toMatchObject({ id: text });
    const thread = rowOf(streamNamed('inbox_threads'), `{"id":"t1","lead_id":${id}}`);
    expect(thread).toMatchObject({ lead_id: text, _extra: extra });
  });
});

describe('errors of one row of an import', () => {
  it('are distinguished by their position', () => {
    const at = (position?: number) =>
      rowOf(importErrors, '{"row":5}', position === undefined ? { parent: 'i1' } : { parent: 'i1', position });
    expect([at(), at(0), at(3)].map(({ row, position }) => [row, position])).toEqual([
      [5n, 0n],
      [5n, 0n],
      [5n, 3n],
    ]);
  });
});

describe('a row without a usable key', () => {
  it.each([
    ['leads', '{}', 'The key column id is missing or null.'],
    ['leads', '{"id":null}', 'The key column id is missing or null.'],
    ['leads', '{"id":true}', 'The key column id is of another type.'],
    ['leads', '{"id":""}', 'The key column id is empty.'],
    ['leads', `{"id":"${'x'.repeat(maxIdLength + 1)}"}`, `The key column id is longer than ${maxIdLength} characters.`],
    ['leads', '[]', 'The row is a list, not an object.'],
    ['leads', 'null', 'The row is null, not an object.'],
    ['leads', '"l1"', 'The row is a string, not an object.'],
  ])('of %s is rejected: %s', (name, row, reason) => {
    expect(reasonOf(streamNamed(name), row)).toBe(reason);
  });

  it('is one whose integer key is not an integer', () => {
    expect(reasonOf(importErrors, '{"row":"5"}', { parent: 'i1' })).toBe('The key column row is of another type.');
    expect(rowOf(importErrors, '{"row":5}', { parent: 'i1' })).toMatchObject({ import_id: 'i1', row: 5n });
  });

  it('is not one whose key has the greatest length', () => {
    expect(rowOf(leads, `{"id":"${'x'.repeat(maxIdLength)}"}`)['id']).toHaveLength(maxIdLength);
  });
});
