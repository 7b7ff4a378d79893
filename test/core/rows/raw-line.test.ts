import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRawLine, parseRawLine } from '../../../lambdas/core/rows/raw-line.ts';
import { anyJsonText } from '../../support/json-text.ts';

const meta = { request_id: 'req_1', extracted_at: '2026-11-24T02:00:00.000Z' };
const oneLine = (text: string) => text.replaceAll(/[\r\n]+/g, ' ');

describe('a raw line', () => {
  it('returns its parts letter for letter, except for line breaks between tokens', () => {
    const anyMeta = fc.record(
      {
        request_id: fc.option(fc.string({ unit: 'binary' })),
        extracted_at: fc.constant(meta.extracted_at),
        parent: fc.string({ unit: 'binary' }),
      },
      { requiredKeys: ['request_id', 'extracted_at'] },
    );
    fc.assert(
      fc.property(anyMeta, anyJsonText, fc.option(anyJsonText, { nil: undefined }), (given, row, detail) => {
        const line = formatRawLine(given, row, detail);
        expect(line).not.toMatch(/[\r\n]/);
        expect(parseRawLine(line)).toEqual({
          meta: given,
          row: oneLine(row),
          detail: detail === undefined ? undefined : oneLine(detail),
        });
      }),
    );
  });

  it('is itself JSON, with the row under "row" and the detail under "detail"', () => {
    const line = formatRawLine({ ...meta, parent: 'lead_1' }, '{"a":1.10}', '{"b":2}');
    expect(line).toBe(
      '{"request_id":"req_1","extracted_at":"2026-11-24T02:00:00.000Z","parent":"lead_1","row":{"a":1.10},"detail":{"b":2}}',
    );
    expect(JSON.parse(line)).toMatchObject({ row: { a: 1.1 }, detail: { b: 2 } });
  });

  it('is not misled by a row, a parent or a request id that looks like the parts of a line', () => {
    const tricky = ',"row":{},"detail":{}';
    const row = JSON.stringify({ row: 1, ',"row":': tricky });
    const parsed = parseRawLine(formatRawLine({ ...meta, request_id: tricky, parent: tricky }, row));
    expect(parsed).toEqual({ meta: { ...meta, request_id: tricky, parent: tricky }, row, detail: undefined });
  });

  it('keeps pretty-printed JSON on one line and its strings as they are', () => {
    const row = '{\r\n  "text": "two\\nlines\u2028and more",\n  "n": 1\n}';
    const parsed = parseRawLine(formatRawLine(meta, row));
    expect(parsed.row).toBe('{   "text": "two\\nlines\u2028and more",   "n": 1 }');
  });

  it.each(['', '{}', '{"request_id":null,"extracted_at":"2026-11-24T02:00:00Z"}'])(
    'refuses %j, which has no row',
    (line) => {
      expect(() => parseRawLine(line)).toThrow('"row"');
    },
  );

  it('refuses a line with an invalid time', () => {
    expect(() => parseRawLine('{"request_id":null,"extracted_at":"yesterday","row":{}}')).toThrow('ISO datetime');
  });
});
