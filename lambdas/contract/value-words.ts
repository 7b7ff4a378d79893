import type { JsonType } from './field-counts.ts';

/** What kind of number the form of a value tells: `9` is a whole number, `9.9` a decimal one. */
export function numberWords(shape: string): string {
  if (/^-?9$/.test(shape)) return 'whole number';
  return /^-?9\.9$/.test(shape) ? 'decimal number' : 'number';
}

/** Longer forms, such as that of a UUID, tell a reader nothing. */
const mostFormCharacters = 60;

/** A form in words: `"a-9"` is `of the form "letters-digits"`. A long one is `of letters, digits and "-"`. */
export function formWords(shape: string): string {
  const form = shape.replaceAll(/[a9]+/g, (signs) => {
    if (signs.includes('a') && signs.includes('9')) return 'letters and digits';
    return signs.startsWith('a') ? 'letters' : 'digits';
  });
  if (form.length <= mostFormCharacters) return `of the form ${form}`;
  const others = new Set(shape.slice(1, -1).replaceAll(/[a9]/g, ''));
  return others.size === 0 ? 'of letters and digits' : `of letters, digits and "${[...others].join('')}"`;
}

/**
 * The values of a field in words: `whole number`, `string of the form "letters-digits"`. Only a single type has a
 * form.
 */
export function valueWords(types: readonly JsonType[], shape: string | null): string {
  const [type] = types;
  if (type === undefined) return 'null';
  if (types.length > 1 || shape === null) return types.join(' or ');
  if (type === 'number') return numberWords(shape);
  if (type === 'string') return shape.startsWith('"') ? `string ${formWords(shape)}` : type;
  return type === 'list' && shape.startsWith('list of ') ? shape : type;
}
