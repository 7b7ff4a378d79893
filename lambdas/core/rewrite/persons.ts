import { gunzipSync } from 'node:zlib';
import { escapedText } from '../page/html.ts';
import { type Subject, subjectKey } from '../rows/subjects.ts';

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
  /** False if no row in this JSON text can belong to a person or quote one. */
  mayBelong(text: string): boolean;
  /**
   * False if none of the texts in these bytes belongs to a person or quotes one.
   * @param isJson true if the texts are escaped as in JSON
   */
  mayStandIn(bytes: Uint8Array, isJson?: boolean): boolean;
  /** True if a text quotes an id or an address of a person. */
  isQuotedIn(text: string): boolean;
  /** True if these bytes hold an id or an address of a person, even inside a longer word. @param isPacked gzip */
  isInBytes(bytes: Uint8Array, isPacked: boolean): boolean;
  /** The text with {@link placeholder} in place of each quote. */
  withoutQuotes(text: string): string;
  /** A JSON value without quotes. Entries of objects whose name quotes a person are left out. */
  withoutQuotesIn(value: unknown): unknown;
}

/**
 * Fewest characters of an id that is searched for in other text. A shorter one, such as a number, would be found where
 * it means something else.
 */
const shortestQuote = 6;

export function createMatcher({ subjects, addresses }: Persons): Matcher {
  const names = new Set(subjects.map(subjectKey));
  const ids = new Set(subjects.map(({ id }) => id));
  const quotable = [...ids].filter((id) => id.length >= shortestQuote);
  const choices = choicesOf(quotable, addresses);
  const pattern =
    choices === undefined ? undefined : new RegExp(`(?<![\\p{L}\\p{N}])(?:${choices})(?![\\p{L}\\p{N}])`, 'u');
  const anywhere = choices === undefined ? undefined : new RegExp(choices, 'u');
  const isQuotedIn = (text: string) => ids.has(text) || pattern?.test(text) === true;
  const withoutQuotes = (text: string) =>
    ids.has(text) ? placeholder : pattern ? text.replaceAll(new RegExp(pattern, 'gu'), placeholder) : text;
  const withoutQuotesIn = (value: unknown): unknown => {
    if (typeof value === 'string') return withoutQuotes(value);
    if (Array.isArray(value)) return value.map(withoutQuotesIn);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([name]) => !isQuotedIn(name));
    return Object.fromEntries(kept.map(([name, one]) => [name, withoutQuotesIn(one)]));
  };
  const needles = [...quotable, ...addresses].flatMap(spellingsOf).map((text) => Buffer.from(text));
  const isLong = quotable.length === ids.size;
  const isPlain = isLong && quotable.every((id) => /^[\w-]+$/.test(id));
  return {
    has: (subject) => names.has(subjectKey(subject)),
    mayBelong: (text) => !isPlain || isQuotedIn(text),
    mayStandIn: (bytes, isJson = false) => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
      const mayDiffer = isJson ? !isPlain || text.includes('\\u') : !isLong;
      return mayDiffer || anywhere?.test(text) === true;
    },
    isQuotedIn,
    withoutQuotes,
    withoutQuotesIn,
    isInBytes: (bytes, isPacked) => {
      const plain = Buffer.from(isPacked ? gunzipSync(bytes) : bytes);
      return needles.some((needle) => plain.includes(needle));
    },
  };
}

/** The forms of a text in JSON and HTML: unchanged, with JSON's escapes, with only ASCII, and with HTML entities. */
function spellingsOf(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const escaped = (digits: (code: string) => string) =>
    json.replaceAll(/[^ -~]/g, (unit) => `\\u${digits(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`);
  const all = [text, json, escaped((code) => code), escaped((code) => code.toUpperCase())];
  return [...new Set([...all, ...all.map((one) => one.replaceAll('/', '\\/')), escapedText(text)])];
}

/** A pattern that finds ids, and addresses in capital or small letters. Undefined if there is nothing to find. */
function choicesOf(ids: readonly string[], addresses: readonly string[]): string | undefined {
  const any = (texts: readonly string[]) =>
    texts
      .flatMap(spellingsOf)
      .toSorted((a, b) => b.length - a.length)
      .map((text) => RegExp.escape(text));
  const choices = [...any(ids), ...any(addresses).map((address) => `(?i:${address})`)];
  return choices.length === 0 ? undefined : choices.join('|');
}
