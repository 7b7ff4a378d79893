import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, decodeAnswer, decodeUtf8, isReadable, readableText } from '../../../lambdas/core/rows/charsets.ts';

const text = '{"name":"José García 日本 🚀"}';
const latin = '{"name":"José"}';
const swapped = (value: string) => Buffer.from(value, 'utf16le').swap16();

describe('an answer is decoded', () => {
  it.each([
    ['UTF-8', Buffer.from(text), null, text],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`), 'application/json', text],
    [
      'UTF-8 with a mark, whatever it declares',
      Buffer.from(`\uFEFF${text}`),
      'application/json; charset=iso-8859-1',
      text,
    ],
    ['Latin-1', Buffer.from(latin, 'latin1'), 'application/json; charset=iso-8859-1', latin],
    ['windows-1252', Buffer.from('{"a":"5 \x80"}', 'latin1'), 'application/json;charset="windows-1252"', '{"a":"5 €"}'],
    ['UTF-16 with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le'), 'application/json; charset=utf-16', text],
    ['UTF-16, big end first, with a mark', swapped(`\uFEFF${text}`), 'application/json; charset=utf-16', text],
    ['UTF-16 that says nothing', Buffer.from(text, 'utf16le'), 'application/json', text],
    ['UTF-16, big end first, that says nothing', swapped(text), null, text],
    ['Shift JIS', Buffer.from([0x7b, 0x22, 0x93, 0xfa, 0x22, 0x7d]), 'application/json; charset=shift_jis', '{"日"}'],
  ])('from %s', (_, bytes, contentType, expected) => {
    expect(decodeAnswer(bytes, contentType)).toBe(expected);
  });

  it('not at all from a charset that is not known, or that its bytes do not fit', () => {
    expect(decodeAnswer(Buffer.from(text), 'application/json; charset=klingon')).toBeUndefined();
    expect(decodeAnswer(Buffer.from([0x7b, 0x22, 0x93]), 'application/json; charset=shift_jis')).toBeUndefined();
  });
});

describe('bytes that are no UTF-8', () => {
  it('are read as windows-1252, beside what is UTF-8, and can be had back', () => {
    const bytes = Buffer.concat([Buffer.from('日本 caf'), Buffer.from([0xe9, 0x20, 0x92, 0xed, 0xa0, 0x80])]);
    const decoded = decodeUtf8(bytes);
    expect(isReadable(decoded)).toBe(false);
    expect(readableText(decoded)).toBe('日本 café ’í\u00a0€');
    expect(bytesOf(decoded)).toEqual(bytes);
  });

  it('are kept, whatever they are', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map((value) => Buffer.from(value)),
    );
    fc.assert(
      fc.property(fc.array(anyBytes), (parts) => {
        const bytes = Buffer.concat([Buffer.from('{'), ...parts]);
        const decoded = decodeUtf8(bytes);
        expect(bytesOf(decoded)).toEqual(bytes);
        expect(isReadable(readableText(decoded))).toBe(true);
        expect(isReadable(decoded)).toBe(Buffer.from(bytes.toString()).equals(bytes));
      }),
    );
  });

  it('never collide: two texts are one only if their bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        fc.pre(!Buffer.from(a).equals(b) && a[0] !== 0xef && b[0] !== 0xef);
        expect(decodeUtf8(a)).not.toBe(decodeUtf8(b));
      }),
    );
  });
});
