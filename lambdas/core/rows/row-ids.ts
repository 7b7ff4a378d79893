import { maxIdLength } from '../../contract/run.ts';

/**
 * Whether a value can be the id in an address of the API: a path takes half a character for an error, and
 * `.` and `..` for another address.
 */
export function isAddressable(id: unknown): id is string {
  return (
    typeof id === 'string' && id.length > 0 && id.length <= maxIdLength && !/^\.{1,2}$/.test(id) && id.isWellFormed()
  );
}

/** The id of a row, if it has a usable one. @param row JSON text */
export function idOf(row: string): string | undefined {
  const value: unknown = JSON.parse(row);
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return isAddressable(id) ? id : undefined;
}
