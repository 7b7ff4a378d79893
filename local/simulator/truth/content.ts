import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { ColumnType } from '../../../lambdas/contract/column-types.ts';
import type { Stream } from '../../../lambdas/contract/stream.ts';
import type { Json, Row } from '../data/table.ts';
import { instantOf } from '../instant.ts';

/** A row of a current table as a query returns it: times as Date or text, JSON as text. */
export type CurrentRow = Readonly<Record<string, unknown>>;

/**
 * Whether a row of a current table holds exactly what the API shows. Each declared field is in its column, or, if its
 * value does not fit the column, in `_extra` while the column is null. Every other field is in `_extra`. The row holds
 * nothing else.
 */
export function hasSameContent(stream: Stream, current: CurrentRow, shown: Row): boolean {
  const extra = parsedExtra(current['_extra']);
  const isColumn = (name: string) => Object.hasOwn(stream.columns, name) || name === stream.parent?.key;
  const columns = Object.entries(stream.columns).every(([name, { type }]) => {
    // The API does not give this column: it is derived from the order of the rows.
    if (name === stream.numbered?.column) return true;
    const value = shown[name] ?? null;
    const found = current[name] ?? null;
    if (value === null) return found === null && (extra[name] ?? null) === null;
    return isSame(type, found, value) || (found === null && isDeepStrictEqual(extra[name], plain(value)));
  });
  const others = Object.entries(shown).every(
    ([name, value]) => isColumn(name) || value === undefined || isDeepStrictEqual(extra[name], plain(value)),
  );
  return columns && others && Object.keys(extra).every((name) => Object.hasOwn(shown, name));
}

function isSame(type: ColumnType, found: unknown, value: Json): boolean {
  switch (type) {
    case 'timestamp': {
      const time = found instanceof Date ? found.getTime() : instantOf(typeof found === 'string' ? found : undefined);
      return time !== undefined && time === instantOf(value);
    }
    case 'json':
      return typeof found === 'string' && isDeepStrictEqual(JSON.parse(found), plain(value));
    case 'string_list':
      return isDeepStrictEqual(found, value);
    case 'integer':
      return (typeof found === 'bigint' || typeof found === 'number') && Number(found) === value;
    case 'string':
      return found === (typeof value === 'number' ? String(value) : value);
    default:
      return found === value;
  }
}

function parsedExtra(text: unknown): Record<string, unknown> {
  return typeof text === 'string' ? z.record(z.string(), z.unknown()).parse(JSON.parse(text)) : {};
}

/** The value as it is after a round trip through JSON, which leaves out fields that are undefined. */
function plain(value: Json): unknown {
  return JSON.parse(JSON.stringify(value));
}
