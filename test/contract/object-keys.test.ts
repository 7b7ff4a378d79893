import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as keys from '../../lambdas/contract/object-keys.ts';
import { runId, taskId } from '../../lambdas/contract/run.ts';
import { fillPath } from '../../lambdas/adapters/http-api.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { streams } from '../../lambdas/streams/registry.ts';

/** Malicious ids that the API could return. */
const hostile = fc.oneof(
  fc.constantFrom(
    '../../x',
    '..',
    '.',
    'a/b',
    '/',
    '%2e%2e',
    '%2e%2e%2f',
    '..%5c..',
    '\\..\\',
    'a\u0000b',
    '',
    ' ',
    'x'.repeat(100_000),
    '😀é\u202E',
    '\uD800',
    '\uFFFF',
    '__proto__',
    '?a=b',
    '#x',
    ';x',
    '//evil.test/',
    'http://evil.test',
    'dt=2020-01-01',
    'a\r\nb: c',
  ),
  fc.string({ unit: 'binary' }),
  fc.string(),
);
const id = fc.stringMatching(/^[a-z]{1,9}-[0-9TZ]{1,20}(-[a-z0-9]{1,8})?$/);
const task = fc.stringMatching(/^[a-z0-9_]{1,20}(\.[a-z0-9_]{1,20}){0,5}$/);
const sequence = fc.nat();
const stream = fc.constantFrom(...streams.map(({ name }) => name));
const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2999-01-01') });

describe('the key of an object', () => {
  it('stays below the prefix of its kind, for any run, task and number', () => {
    const property = fc.property(id, task, sequence, stream, date, (run, work, number, table, started) => {
      const day = keys.partitionDate(started.toISOString());
      const made: [string, string][] = [
        ['raw/', keys.chunkKey(table, run, work, number)],
        ['raw/', keys.chunkPrefix(table, run, work)],
        ['lake/', keys.parquetKey(table, day, run, work, number)],
        ['lake/', keys.runTableKey(day, run)],
        ['lake/', keys.schemaChangesKey(day, run)],
        ['runs/', keys.extractReceiptKey(run, work)],
        ['runs/', keys.convertReceiptKey(run, work, number)],
        ['runs/', keys.roundKey(run, number)],
        ['runs/', keys.roundSentKey(run, number)],
        ['runs/', keys.forbiddenKey(run, table)],
        ['runs/', keys.planKey(run)],
        ['runs/', keys.reportKey(run)],
      ];
      for (const [prefix, key] of made) {
        expect(key.startsWith(prefix)).toBe(true);
        expect(key).toMatch(/^[A-Za-z0-9_.=/-]{1,1024}$/);
        expect(key.split('/')).not.toContain('..');
      }
    });
    fc.assert(property);
  });

  it('contains only ids in a form that messages enforce', () => {
    const property = fc.property(hostile, (text) => {
      for (const schema of [runId, taskId]) {
        const parsed = schema.safeParse(text);
        if (parsed.success) expect(parsed.data).toMatch(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/);
      }
    });
    fc.assert(property);
    expect(taskId.safeParse('..').success).toBe(false);
  });
});

describe('the URL of a request', () => {
  const base = 'https://login.prospectb2b.com/api/public/v1';

  it('contains an id as one unchanged segment, or is not built', () => {
    const templates = fc.constantFrom(
      ...streams
        .flatMap(({ path, byId, detail }) => [path, byId ?? '', detail?.path ?? ''])
        .filter((path) => path.includes('{')),
    );
    const property = fc.property(templates, hostile, (template, value) => {
      const name = /\{(\w+)\}/.exec(template)?.[1] ?? '';
      let path: string;
      try {
        path = fillPath(template, { [name]: value });
      } catch (error) {
        expect(error).toMatchObject({ code: 'request_refused' });
        expect(['', '.', '..'].includes(value) || !value.isWellFormed()).toBe(true);
        return;
      }
      const url = new URL(base + path);
      expect(url.origin + url.search + url.hash).toBe('https://login.prospectb2b.com');
      const segments = url.pathname.split('/');
      const expected = `/api/public/v1${template}`.split('/');
      expect(segments).toHaveLength(expected.length);
      for (const [at, segment] of segments.entries())
        expect(decodeURIComponent(segment)).toBe(expected[at]?.startsWith('{') ? value : expected[at]);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it('is built for every id that counts as addressable', () => {
    fc.assert(
      fc.property(hostile.filter(isAddressable), (value) => {
        expect(() => fillPath('/leads/{lead_id}', { lead_id: value })).not.toThrow();
      }),
    );
  });
});
