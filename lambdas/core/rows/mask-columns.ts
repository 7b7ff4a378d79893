import { createHmac } from 'node:crypto';
import type { Column, ColumnValue } from '../../contract/column-types.ts';
import type { metaColumns } from '../../contract/meta-columns.ts';
import type { PersonalChoice } from '../../contract/personal-data.ts';
import type { Table } from '../../contract/stream.ts';
import { membersOf } from './json-slices.ts';
import { maskedDigest, type ParsedRow } from './rows.ts';

/** Changes a value of a column. Null stays null. */
type Change = (value: Exclude<ColumnValue, null>) => ColumnValue;

/** By column: a function that removes or hashes values which the workspace has chosen to keep out of its tables. */
type MaskedColumns = ReadonlyMap<string, Change>;

/** The masked columns of a table. */
export type ColumnMask = (table: Table) => MaskedColumns;

const extraColumn = '_extra' satisfies keyof typeof metaColumns;
const digestColumn = '_digest' satisfies keyof typeof metaColumns;
/**
 * Field names that may stay in `_extra`: those that a programmer can have chosen. Other names may be data: if a file
 * has no header, the values of its first row are taken for names.
 */
const fieldName = /^[a-z][a-z0-9_]{0,63}$/;

/** The mask of a workspace that keeps everything. */
export const maskNothing: ColumnMask = () => new Map();

/** The row with its values masked; the same row if no column of its table is masked. */
export function maskRow(row: ParsedRow, columns: MaskedColumns): ParsedRow {
  if (columns.size === 0) return row;
  const kept: Record<string, ColumnValue> = { ...row };
  for (const [name, change] of columns) {
    const value = row[name] ?? null;
    if (value !== null) kept[name] = change(value);
  }
  return kept;
}

/**
 * Creates the mask of a workspace. If nothing is chosen, rows stay as they are. Otherwise columns that can quote a
 * person are removed too, and `_extra` keeps only the names of its fields, because nothing says what an undeclared
 * field holds. A removed column stays in its table, and is null. The digest of each row names the mask, so that a row
 * that is read again replaces one with another mask.
 * @param hashKey required if anything is hashed
 * @throws RangeError if the hash key is required but missing
 */
export function createColumnMask(choice: PersonalChoice, hashKey: string | undefined): ColumnMask {
  if (choice.drop.length === 0 && choice.hash.length === 0) return maskNothing;
  if (choice.hash.length > 0 && !hashKey) throw new RangeError('There is no key to hash personal data with.');
  const maskedByTable = new Map<string, MaskedColumns>();
  return (table) => {
    const masked = maskedByTable.get(table.name) ?? changesOf(table, choice, hashKey ?? '');
    maskedByTable.set(table.name, masked);
    return masked;
  };
}

function changesOf({ name: table, columns }: Table, choice: PersonalChoice, hashKey: string): Map<string, Change> {
  const changes = new Map<string, Change>();
  const kinds: string[] = [];
  const set = (name: string, kind: string, change: Change) => {
    changes.set(name, change);
    kinds.push(`${name} ${kind}`);
  };
  for (const [name, column] of Object.entries(columns)) {
    const isNamed = (entries: readonly string[]) =>
      entries.includes(`${table}.${name}`) || (column.personal !== undefined && entries.includes(column.personal));
    if (isNamed(choice.drop)) set(name, 'dropped', leaveOut);
    else if (isNamed(choice.hash)) set(name, 'hashed', hashOf(column, hashKey));
    else if (name === extraColumn) set(name, 'names', namesOf);
    else if (column.personal === 'quote') set(name, 'dropped', leaveOut);
  }
  if (changes.size > 0 && digestColumn in columns) {
    const mask = createHmac('sha256', hashKey).update(kinds.join('\n')).digest('base64url').slice(0, 6);
    changes.set(digestColumn, (digest) => (typeof digest === 'string' ? maskedDigest(digest, mask) : digest));
  }
  return changes;
}

const leaveOut: Change = () => null;

/**
 * HMAC-SHA256, as hex, of the text or of each text in a list. The same value has the same hash in every table and run.
 */
function hashOf({ personal }: Column, key: string): Change {
  const hash = (text: string) =>
    createHmac('sha256', key)
      // Email addresses are written in different ways, and joins have to match.
      .update(personal === 'email' ? text.trim().toLowerCase() : text)
      .digest('hex');
  return (value) => {
    if (typeof value === 'string') return hash(value);
    // Only texts and lists of texts can be configured to be hashed. Any other value is left out, never passed on
    // unhashed.
    return Array.isArray(value) ? value.map(hash) : null;
  };
}

function namesOf(extra: Exclude<ColumnValue, null>): ColumnValue {
  const names = typeof extra === 'string' ? [...membersOf(extra).keys()].filter((name) => fieldName.test(name)) : [];
  return names.length === 0 ? null : `{${names.map((name) => `${JSON.stringify(name)}:null`).join(',')}}`;
}
