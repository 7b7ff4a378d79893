import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteText, bytesOf, decodeUtf8, toUtf8 } from '../../../lambdas/core/rows/charsets.ts';

const text = '{"name":"José García 日本 🚀"}';
const latin = '{"name":"José"}';
const swapped = (value: string) => Buffer.from(value, 'utf16le').swap16();

describe('an answer is converted to UTF-8', () => {
  it.each([
    ['UTF-8', Buffer.from(text), null, text],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`), 'application/json', text],
    ['UTF-8 with a mark, whatever it declares', Buffer.from(`\uFEFF${text}`), 'text/x; charset=iso-8859-1', text],
    ['Latin-1', Buffer.from(latin, 'latin1'), 'application/json; charset=iso-8859-1', latin],
    ['windows-1252', Buffer.from('{"a":"5 \x80"}', 'latin1'), 'application/json;charset="windows-1252"', '{"a":"5 €"}'],
    ['UTF-16 with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'application/json; charset=utf-16', text],
    ['UTF-16, big end first, with a mark', swapped(`\uFEFF${text}`), 'application/json; charset=utf-16', text],
    ['UTF-16 that says nothing', Buffer.from(text, 'utf16le'), 'application/json', text],
    ['UTF-16, big end first, that says nothing', swapped(text), null, text],
    ['Shift JIS', Buffer.from([0x7b, 0x22, 0x93, 0xfa, 0x22, 0x7d]), 'application/json; charset=shift_jis', '{"日"}'],
  ])('from %s', (_, bytes, contentType, expected) => {
    expect(decodeUtf8(toUtf8(byteText(bytes), contentType) ?? '')).toEqual({ text: expected, isUtf8: true });
  });

  it('but stays as it is if its charset is unknown, or does not fit the bytes', () => {
    expect(toUtf8(latin, 'application/json; charset=klingon')).toBe(latin);
    expect(toUtf8('{"\u0093', 'application/json; charset=shift_jis')).toBe('{"\u0093');
  });
});

describe('bytes that are not UTF-8', () => {
  it('are read as windows-1252 beside the UTF-8 text, and reported', () => {
    const bytes = Buffer.concat([Buffer.from('日本 caf'), Buffer.from([0xe9, 0x20, 0x92, 0xed, 0xa0, 0x80])]);
    expect(decodeUtf8(byteText(bytes))).toEqual({ text: '日本 café ’í\u00a0€', isUtf8: false });
  });

  it('are reported whenever encoding the text does not give the same bytes', () => {
    const pieces = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map((value) => Buffer.from(value)),
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const bytes = Buffer.concat(parts);
        const decoded = decodeUtf8(byteText(bytes));
        expect(decoded.text.isWellFormed()).toBe(true);
        expect(decoded.isUtf8).toBe(Buffer.from(decoded.text).equals(bytes));
        expect(bytesOf(byteText(bytes))).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
  });
});
