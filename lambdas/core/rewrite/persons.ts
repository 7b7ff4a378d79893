import { isJson } from '../rows/json-slices.ts';
import { type Subject, subjectKey } from '../rows/subjects.ts';
import type { Range } from './escapes.ts';
import { createQuotes } from './quotes.ts';

/** The persons to forget: every row that is one of these subjects, or belongs to one, is removed. */
export interface Persons {
  readonly subjects: readonly Subject[];
  /** E-mail addresses that only these persons have, in each spelling that a row had. */
  readonly addresses: readonly string[];
}

/** Replaces a person's id or address in other texts. */
const placeholder = 'forgotten';

export interface Matcher {
  has(subject: Subject): boolean;
  /** False if none of the texts in these bytes can belong to a person or quote one. */
  mayStandIn(bytes: Uint8Array): boolean;
  /** True if the whole text is an id or an address of a person. */
  isName(text: string): boolean;
  /** True if a text quotes an id or an address of a person, even in escaped characters or in base64. */
  isQuotedIn(text: string): boolean;
  /** The text with {@link placeholder} in place of each quote. JSON stays JSON. */
  withoutQuotes(text: string): string;
  /** A JSON value without quotes. Entries of objects whose name quotes a person are left out. */
  withoutQuotesIn(value: unknown): unknown;
}

/**
 * Fewest characters of an id that is searched for in other text. A shorter one, such as a number, would be found where
 * it means something else.
 */
const shortestQuote = 6;

/** A text or a number of JSON. */
const jsonScalar = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

export function createMatcher({ subjects, addresses }: Persons): Matcher {
  const names = new Set(subjects.map(subjectKey));
  const ids = new Set(subjects.map(({ id }) => id));
  const quotable = new Set([...ids].filter((id) => id.length >= shortestQuote));
  const quotes = createQuotes([...quotable], addresses);
  const isLong = quotable.size === ids.size;
  const isQuotedIn = (text: string) => ids.has(text) || quotes.isIn(text);
  const withoutQuotes = (text: string): string => {
    if (ids.has(text)) return placeholder;
    if (/^[[{]/.test(text) && (!isLong || quotes.isIn(text)) && isJson(text))
      return text.replaceAll(jsonScalar, withoutQuotesInScalar);
    return quotes.isIn(text) ? replaced(text, quotes.placesIn(text)) : text;
  };
  const withoutQuotesInScalar = (json: string) => {
    if (!json.startsWith('"')) return quotable.has(json) ? JSON.stringify(placeholder) : json;
    if (ids.has(String(JSON.parse(json)))) return JSON.stringify(placeholder);
    return quotes.isIn(json) ? replaced(json, quotes.placesIn(json)) : json;
  };
  const withoutQuotesIn = (value: unknown): unknown => {
    if (typeof value === 'string') return withoutQuotes(value);
    if (Array.isArray(value)) return value.map(withoutQuotesIn);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([name]) => !isQuotedIn(name));
    return Object.fromEntries(kept.map(([name, one]) => [name, withoutQuotesIn(one)]));
  };
  return {
    has: (subject) => names.has(subjectKey(subject)),
    mayStandIn: (bytes) =>
      !isLong || quotes.mayStandIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()),
    isName: (text) => withoutQuotes(text) === placeholder,
    isQuotedIn,
    withoutQuotes,
    withoutQuotesIn,
  };
}

function replaced(text: string, places: readonly Range[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const [start, end] of places) {
    parts.push(text.slice(from, start), placeholder);
    from = end;
  }
  return [...parts, text.slice(from)].join('');
}
