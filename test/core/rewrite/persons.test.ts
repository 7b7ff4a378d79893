import { describe, expect, it } from 'vitest';
import { createMatcher } from '../../../lambdas/core/rewrite/persons.ts';

const person = { id: 'lead_Ωß😀"x', address: 'Zoë.B+tag@Exämple.test' };
const matcher = createMatcher({ subjects: [{ stream: 'leads', id: person.id }], addresses: [person.address] });
const units = (text: string) =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const bytesIn = (text: string, mark: string) =>
  Array.from(Buffer.from(text), (byte) => `${mark}${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64');

describe.each(Object.values(person))('%s', (text) => {
  it.each<readonly [string, string]>([
    ['as it is', text],
    ['with the escapes of JSON', json(text)],
    ['with every character escaped as in JSON', units(text)],
    ['with escapes in capital letters', units(text).toUpperCase().replaceAll('\\U', '\\u')],
    ['in JSON in JSON', json(json(text))],
    ['after an escaped line break', `Hello\\n${json(text)}`],
    ['as a part of a URL', encodeURIComponent(text)],
    ['as a part of a URL, in small digits', encodeURIComponent(text).replaceAll(/%../g, (one) => one.toLowerCase())],
    ['as a URL with every byte escaped', bytesIn(text, '%')],
    ['as quoted-printable', bytesIn(text, '=')],
    ['with entities of HTML', text.replaceAll('"', '&quot;').replaceAll('@', '&#64;').replaceAll('ë', '&#xEB;')],
    ['in base64', base64(text)],
    ['in base64 after one character', base64(`<${text}>`)],
    ['in base64 after two characters', base64(`a ${text}, b`)],
    ['in base64 of URLs', Buffer.from(`??>>${text}??`).toString('base64url')],
    ['in base64 of UTF-16', base64(Buffer.from(`x${text}`, 'utf16le'))],
    ['in base64 of UTF-16, big-endian', base64(Buffer.from(`x${text}`, 'utf16le').swap16())],
  ])('is found %s and replaced', (_, form) => {
    const whole = `before ${form} after`;
    expect(matcher.isQuotedIn(whole)).toBe(true);
    expect(matcher.mayStandIn(Buffer.from(`x${form}x`))).toBe(true);
    const after = matcher.withoutQuotes(whole);
    expect(after).toMatch(/^before (?:Hello\\n)?forgotten after$/);
    const inJson = JSON.stringify({ big: 12345678901234567890n.toString(), text: whole });
    expect(JSON.parse(matcher.withoutQuotes(inJson))).toEqual({ big: '12345678901234567890', text: after });
  });
});

it.each([
  ['in capital letters', person.address.toUpperCase()],
  ['with accents that are characters of their own', person.address.normalize('NFD')],
  ['with the ASCII form of its domain', 'zoë.b+tag@xn--exmple-cua.test'],
  ['in Latin-1 in base64', base64(Buffer.from(`x ${person.address}`, 'latin1'))],
])('an address is found %s', (_, form) => {
  expect(matcher.withoutQuotes(`<${form}>`)).toBe('<forgotten>');
});

it('an id that is a number is replaced by a text, and other numbers keep every digit', () => {
  const numbers = createMatcher({ subjects: [{ stream: 'leads', id: '123456789012345678901' }], addresses: [] });
  const line =
    '{"lead":123456789012345678901,"other":123456789012345678902, "n":1.50,"t":"see 123456789012345678901."}';
  expect(numbers.withoutQuotes(line)).toBe(
    '{"lead":"forgotten","other":123456789012345678902, "n":1.50,"t":"see forgotten."}',
  );
});

it('an id is not found in a longer one, nor a short one inside of text', () => {
  const short = createMatcher({
    subjects: [
      { stream: 'leads', id: 'lead_12345' },
      { stream: 'leads', id: '17' },
    ],
    addresses: [],
  });
  expect(short.withoutQuotes('{"a":"lead_123456","b":"x 17","c":17,"d":"17"}')).toBe(
    '{"a":"lead_123456","b":"x 17","c":17,"d":"forgotten"}',
  );
  expect([short.isName('lead_12345'), short.isName('msg-lead_12345'), short.isName('lead_123456')]).toEqual([
    true,
    false,
    false,
  ]);
});

it('finds an address in other letters also among hundreds of persons', () => {
  const addresses = Array.from({ length: 500 }, (_, at) => `person${at}@exämple.test`);
  const many = createMatcher({ subjects: [], addresses });
  expect(many.isQuotedIn('from PERSON177@EXÄMPLE.TEST')).toBe(true);
  expect(many.mayStandIn(Buffer.from('from PERSON177@EXÄMPLE.TEST'))).toBe(true);
  expect(many.withoutQuotes('from PERSON177@EXÄMPLE.TEST on')).toBe('from forgotten on');
});
