/** A subject is a row that other rows are about: a lead, or a thread with a lead. */

import type { Stream } from '../../contract/stream.ts';
import type { RawLine } from './raw-line.ts';
import { membersOf } from './json-slices.ts';
import { encodeId } from './row-ids.ts';
import type { ParsedRow } from './rows.ts';

export interface Subject {
  readonly stream: string;
  readonly id: string;
}

/** A text that identifies the subject. */
export const subjectKey = ({ stream, id }: Subject): string => `${stream}\n${id}`;

type Related = Pick<Stream, 'name' | 'key' | 'parent' | 'about'>;

/** Name of the column that holds a row's own id; undefined if the table's key has no such column. */
const idColumn = ({ key }: Related) => (key.includes('id') ? 'id' : undefined);

/** The subjects that a row of a table belongs to: itself, its parent, and the row that it is about. */
export function subjectsOf(stream: Related, row: ParsedRow): Subject[] {
  const { name, parent, about } = stream;
  const found: Subject[] = [];
  const add = (of: string, column: string | undefined) => {
    const id = column === undefined ? undefined : row[column];
    if (typeof id === 'string') found.push({ stream: of, id });
  };
  add(name, idColumn(stream));
  if (parent) add(parent.stream, parent.key);
  if (about) add(about.stream, about.column);
  return found;
}

/** Like {@link subjectsOf}, for a row as the API gave it. A row that is not an object belongs only to its parent. */
export function subjectsOfLine(stream: Related, { meta, row }: Pick<RawLine, 'meta' | 'row'>): Subject[] {
  const { parent, about } = stream;
  const fields: unknown = JSON.parse(row);
  const values: Record<string, string> = {};
  for (const column of [idColumn(stream), about?.column]) {
    if (column === undefined || typeof fields !== 'object' || fields === null) continue;
    const value: unknown = Object.entries(fields).find(([name]) => name === column)?.[1];
    if (typeof value === 'string') values[column] = encodeId(value);
    else if (typeof value === 'number') values[column] = membersOf(row).get(column) ?? '';
  }
  if (parent && meta.parent !== undefined) values[parent.key] = encodeId(meta.parent);
  return subjectsOf(stream, values);
}
