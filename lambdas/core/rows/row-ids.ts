import { maxIdLength } from '../../contract/run.ts';
import { membersOf } from './json-slices.ts';

/**
 * Whether a value can be the id in an API path. These cannot: half a surrogate pair, which a path cannot hold; `.` and
 * `..`, which lead to another address; and an id that {@link encodeId} escaped, which may stand for another id.
 */
export function isAddressable(id: unknown): id is string {
  return (
    typeof id === 'string' &&
    id.length > 0 &&
    id.length <= maxIdLength &&
    !/^\.{1,2}$/.test(id) &&
    id.isWellFormed() &&
    !id.includes(escapeMark)
  );
}

/** A character that text is not meant to contain (a Unicode noncharacter). */
const escapeMark = '\ufdd0';

/**
 * An id as the text of a column, which cannot hold half a surrogate pair. Each half is written as U+FDD0 and its four
 * hex digits, and so is U+FDD0 itself. No two ids have the same text, and nearly every id stays as it is.
 */
export function encodeId(id: string): string {
  return id.replaceAll(/[\ud800-\udfff\ufdd0]/gu, (unit) => `${escapeMark}${unit.charCodeAt(0).toString(16)}`);
}

/**
 * The id of a row; undefined if it has none that an API path can hold. A number is returned as the API wrote it.
 * @param row JSON text
 */
export function idOf(row: string): string | undefined {
  const value: unknown = JSON.parse(row);
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  const text = typeof id === 'number' ? membersOf(row).get('id') : id;
  return isAddressable(text) ? text : undefined;
}
