import type { ColumnType } from '../../contract/column-types.ts';
import { columnParsers } from './column-parsers.ts';
import type { JsonCursor } from './json-cursor.ts';
import { type CellValue, Span, type Text } from './parquet/values.ts';
import { encodeId } from './row-ids.ts';
import { usualTime } from './timestamps.ts';

/**
 * Parses a value other than null from the bytes of a row. Gives the same result as column-parsers.ts for a parsed row.
 * @returns undefined if the value does not fit its column exactly, or has a form that only the column parsers read
 */
export type ValueScanner = (cursor: JsonCursor) => CellValue | undefined;

const [trueText, falseText] = [Buffer.from('true'), Buffer.from('false')];
const quote = 0x22;
const [openBracket, closeBracket] = [0x5b, 0x5d];

/** The scanner of a column. It returns each text in the same span, so a text counts until the next one is scanned. */
export function valueScanner(type: ColumnType, isId: boolean, bytes: Buffer): ValueScanner {
  const span = new Span(bytes);
  const scan = isId ? scanId : scanners[type];
  return (cursor) => scan(cursor, span);
}

const scanners: { readonly [T in ColumnType]: (cursor: JsonCursor, span: Span) => CellValue | undefined } = {
  string: scanText,
  boolean: (cursor) => (cursor.take(trueText) ? true : cursor.take(falseText) ? false : undefined),
  timestamp: scanTime,
  date: scanDay,
  integer: scanInteger,
  number: scanNumber,
  string_list: scanList,
  json: (cursor, span) => (cursor.takeValue() ? token(cursor, span) : undefined),
};

/** The token that was taken last. */
function token({ from, to }: JsonCursor, span: Span): Span {
  span.from = from;
  span.to = to;
  return span;
}

export function scanText(cursor: JsonCursor, span: Span): Text | undefined {
  if (!cursor.takeString()) return undefined;
  if (cursor.isPlain) return token(cursor, span);
  const text = cursor.text();
  return text?.isWellFormed() ? text : undefined;
}

export function scanId(cursor: JsonCursor, span: Span): Text | undefined {
  const isString = cursor.bytes[cursor.at] === quote;
  if (isString ? !cursor.takeString() : cursor.takeNumber() === undefined) return undefined;
  if (isString && !(cursor.isPlain && cursor.isAscii)) {
    const id = cursor.text();
    return id !== undefined && encodeId(id) === id ? id : undefined;
  }
  return token(cursor, span);
}

function scanTime(cursor: JsonCursor): number | Date | undefined {
  if (!cursor.takeString()) return undefined;
  const milliseconds = usualTime(cursor.bytes, cursor.from, cursor.to);
  if (milliseconds !== undefined) return milliseconds;
  const fit = columnParsers.timestamp(cursor.text(), noText);
  return fit?.exact ? fit.value : undefined;
}

function scanDay(cursor: JsonCursor): Date | undefined {
  return cursor.takeString() ? columnParsers.date(cursor.text(), noText)?.value : undefined;
}

function scanInteger(cursor: JsonCursor): bigint | undefined {
  const integer = cursor.takeExactInteger();
  if (integer !== undefined) return BigInt(integer);
  const text = cursor.takeNumber();
  if (text === undefined) return undefined;
  return columnParsers.integer(Number(text), () => text)?.value;
}

function scanNumber(cursor: JsonCursor): number | undefined {
  const text = cursor.takeNumber();
  if (text === undefined) return undefined;
  const fit = columnParsers.number(Number(text), () => text);
  return fit?.exact ? fit.value : undefined;
}

function scanList(cursor: JsonCursor): Text[] | undefined {
  if (!cursor.takeByte(openBracket)) return undefined;
  cursor.skipSpace();
  const list: Text[] = [];
  if (cursor.takeByte(closeBracket)) return list;
  do {
    const text = scanText(cursor, new Span(cursor.bytes));
    if (text === undefined) return undefined;
    list.push(text);
  } while (cursor.takeComma());
  return cursor.takeByte(closeBracket) ? list : undefined;
}

const noText = () => '';
