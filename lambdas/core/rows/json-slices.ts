/**
 * Cuts an answer of the API into its rows without parsing and rewriting them: a row stays exactly as the API sent it,
 * including numbers beyond 2^53. {@link parseMembers} checks whether a text is valid JSON; the other functions rely on
 * that check. The syntax of JSON is ASCII, so a body is cut as bytes, and each row is decoded by its consumer
 * (decodeRow): a large page is not in memory twice.
 */

import { MalformedAnswerError, RequestRefusedError } from '../errors.ts';
import { type ByteText, decodeUtf8 } from './charsets.ts';
import { type Pagination, paginationOf, promisesMore } from './pagination.ts';

/** Maximum number of rows in a page: a function cannot hold more, however small they are. */
const maxPageRows = 200_000;

/**
 * Cuts an answer into the rows of a list.
 * @returns undefined as `pagination` if the answer has none, although the API's OpenAPI document requires it for every
 * list. Only then can `goesOn` be true: the answer says in another way that more pages follow.
 * @throws MalformedAnswerError if `data` is not a list, or `pagination` does not have the documented form
 * @throws RequestRefusedError if a page has more than {@link maxPageRows} rows
 */
export function sliceList(body: ByteText): {
  rows: ByteText[];
  pagination: Pagination | undefined;
  goesOn: boolean;
} {
  const members = membersOf(body);
  const data = members.get('data');
  if (!data?.startsWith('[')) throw new MalformedAnswerError('The answer of the API has no list under "data".');
  const said = decodeUtf8(members.get('pagination') ?? 'null').text;
  const pagination = paginationOf(JSON.parse(said), () => membersOf(said).get('next_cursor'));
  const rows = elementsOf(data);
  return { rows, pagination, goesOn: !pagination && promisesMore(besidesOf(members), rows.length) };
}

/** The members of an answer other than its list. */
function besidesOf(members: ReadonlyMap<string, string>): Record<string, unknown> {
  const others = [...members].filter(([name]) => name !== 'data');
  return Object.fromEntries(others.map(([name, text]) => [name, JSON.parse(decodeUtf8(text).text) as unknown]));
}

/** Cuts the row out of an answer with one object. @throws MalformedAnswerError if `data` is not an object */
export function sliceObject(body: ByteText): { row: ByteText } {
  const row = membersOf(body).get('data');
  if (!row?.startsWith('{')) throw new MalformedAnswerError('The answer of the API has no object under "data".');
  return { row };
}

/**
 * The members of an object, each value as its own text. If a key is repeated, the last value counts, as in JSON.parse.
 * @param text valid JSON; if it is not an object, it has no members
 */
export function membersOf(text: string): Map<string, string> {
  return readMembers(text, () => true) ?? new Map<string, string>();
}

/**
 * The members of a JSON object, each value as its own text. Lists are parsed element by element: parsing a large page
 * at once would take many times its size in memory.
 * @returns undefined if the text is not valid JSON, or not an object
 */
export function parseMembers(text: string): Map<string, string> | undefined {
  return readMembers(text, (value) => (value.startsWith('[') ? isJsonList(value) : isJson(value)));
}

function readMembers(text: string, isValue: (value: string) => boolean): Map<string, string> | undefined {
  const members = new Map<string, string>();
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return undefined;
  at = skipSpace(text, at + 1);
  let isOver = text[at] === '}';
  while (!isOver) {
    if (text[at] !== '"') return undefined;
    const keyEnd = stringEnd(text, at);
    const key = text.slice(at, keyEnd);
    const colon = skipSpace(text, keyEnd);
    if (text[colon] !== ':' || !isJson(key)) return undefined;
    const start = skipSpace(text, colon + 1);
    const end = valueEnd(text, start);
    const value = text.slice(start, end);
    if (!isValue(value)) return undefined;
    members.set(String(JSON.parse(key)), value);
    at = skipSpace(text, end);
    isOver = text[at] === '}';
    if (!isOver && text[at] !== ',') return undefined;
    if (!isOver) at = skipSpace(text, at + 1);
  }
  return skipSpace(text, at + 1) === text.length ? members : undefined;
}

function isJsonList(array: string): boolean {
  let at = skipSpace(array, 1);
  while (array[at] !== ']') {
    const end = valueEnd(array, at);
    if (!isJson(array.slice(at, end))) return false;
    at = skipSpace(array, end);
    if (array[at] === ',') {
      at = skipSpace(array, at + 1);
      if (array[at] === ']') return false;
    } else if (array[at] !== ']') return false;
  }
  return at === array.length - 1;
}

/**
 * Whether a text is valid JSON. The error of JSON.parse quotes the text, which may hold personal data, so it must not
 * leave this function.
 */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function elementsOf(array: string): string[] {
  const elements: string[] = [];
  let at = skipSpace(array, 1);
  while (at < array.length && array[at] !== ']') {
    const end = valueEnd(array, at);
    if (elements.length === maxPageRows)
      throw new RequestRefusedError(
        `A page of the API has more than ${maxPageRows} rows, which is more than a function can hold. Lower pageSize in the configuration.`,
      );
    elements.push(array.slice(at, end));
    at = skipSpace(array, end);
    if (array[at] === ',') at = skipSpace(array, at + 1);
  }
  return elements;
}

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Index after the value that begins at `from`. Counts brackets instead of recursing, so depth costs nothing. */
export function valueEnd(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === quote) return stringEnd(text, from);
  if (first !== openBrace && first !== openBracket) return scalarEnd(text, from);
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at) - 1;
    else if (code === openBrace || code === openBracket) depth += 1;
    else if (code === closeBrace || code === closeBracket) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

function scalarEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isDelimiter(text.charCodeAt(at))) at += 1;
  return at;
}

function isDelimiter(code: number): boolean {
  return code <= 0x20 || code === comma || code === closeBrace || code === closeBracket;
}

/** Index after the closing quote of the string that begins at `from`. */
function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
}
