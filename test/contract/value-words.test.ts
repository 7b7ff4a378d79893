import { expect, it } from 'vitest';
import { valueWords } from '../../lambdas/contract/value-words.ts';

it.each([
  ['number', '9', 'whole number'],
  ['number', '-9', 'whole number'],
  ['number', '9.9', 'decimal number'],
  ['number', '9a-9', 'number'],
  ['string', '"9-9-9"', 'string of the form "digits-digits-digits"'],
  ['string', '"a-9"', 'string of the form "letters-digits"'],
  ['string', '"a9a_9"', 'string of the form "letters and digits_digits"'],
  ['string', '"9a9-9a-9a-a9a-9a9a9"', 'string of letters, digits and "-"'],
  ['boolean', 'true or false', 'boolean'],
  ['list', 'list of string', 'list of string'],
] as const)('a %s with the form %s is shown as %s', (type, shape, words) => {
  expect(valueWords([type], shape)).toBe(words);
});

it('values of several types, or without a form, are shown as their types', () => {
  expect(valueWords(['number', 'string'], '9')).toBe('number or string');
  expect(valueWords(['number'], null)).toBe('number');
  expect(valueWords([], null)).toBe('null');
});
