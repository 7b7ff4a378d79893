import type { ColumnValue } from '../../contract/column-types.ts';
import type { PersonalChoice } from '../../contract/personal-data.ts';
import { createColumnMask, maskRow } from '../rows/mask-columns.ts';
import type { RowChange } from './row-change.ts';

/** Matches a value that is already hashed: 64 hexadecimal digits. */
const hash = /^[0-9a-f]{64}$/;

/**
 * Applies a choice about personal data to rows that are written already. Hashed values stay: the hash of a hash would
 * match no other value. Columns that the table no longer declares become null, because nothing says what they hold.
 * @param onUndeclared called with the name, as `table.column`, whenever such a column has a value
 * @throws RangeError if the hash key is required but missing
 */
export function rehashRows(
  choice: PersonalChoice,
  hashKey: string | undefined,
  onUndeclared: (column: string) => void = () => {},
): RowChange {
  const mask = createColumnMask(choice, hashKey);
  return (table) => {
    const maskedColumns = mask(table);
    return (row) => {
      const masked = maskRow(row, maskedColumns);
      const after: Record<string, ColumnValue> = { ...row };
      let isChanged = false;
      for (const [name, value] of Object.entries(masked)) {
        const before = row[name] ?? null;
        const isDeclared = Object.hasOwn(table.columns, name);
        const next = isDeclared ? (value !== null && isHashed(before) ? before : value) : null;
        if (isSame(before, next)) continue;
        if (!isDeclared) onUndeclared(`${table.name}.${name}`);
        after[name] = next;
        // The name of the mask alone is no reason to rewrite a file.
        isChanged ||= name !== '_digest';
      }
      return isChanged ? after : row;
    };
  };
}

function isHashed(value: ColumnValue): boolean {
  if (typeof value === 'string') return hash.test(value);
  return Array.isArray(value) && value.every((text) => hash.test(text));
}

function isSame(one: ColumnValue, other: ColumnValue): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((text, at) => text === other[at]);
  return one === other;
}
