/** Which rows of each table belong to a person who is forgotten, and which others quote one. */

import { z } from 'zod';
import type { ColumnValue } from '../../contract/column-types.ts';
import { childReads, rejectedRows, webhookEvents } from '../../contract/pipeline-tables.ts';
import type { Stream, Table } from '../../contract/stream.ts';
import type { MergeState } from '../current/merge-state.ts';
import type { ParsedRow } from '../rows/rows.ts';
import { subjectsOf, type Subject } from '../rows/subjects.ts';
import type { Matcher } from './persons.ts';
import type { RowChange } from './row-change.ts';

/** @param streams all streams that have a table, by name */
export function forgetRows(matcher: Matcher, streams: ReadonlyMap<string, Stream>): RowChange {
  return (table) => {
    const subjects = subjectsIn(table, streams);
    const isWhole = table.name === rejectedRows.name || table.name === webhookEvents.name;
    return (row) => {
      if (subjects(row).some((subject) => matcher.has(subject))) return undefined;
      // A rejected row and an event have no reliable id. They are removed if they quote the person anywhere.
      const after = withoutQuotes(table, row, matcher);
      return isWhole && after !== row ? undefined : after;
    };
  };
}

function subjectsIn(table: Table, streams: ReadonlyMap<string, Stream>): (row: ParsedRow) => Subject[] {
  const subject = (stream: ColumnValue | undefined, id: ColumnValue | undefined) =>
    typeof stream === 'string' && typeof id === 'string' ? [{ stream, id }] : [];
  const parentOf = (name: ColumnValue | undefined) => streams.get(String(name))?.parent?.stream;
  if (table.name === childReads.name || table.name === rejectedRows.name)
    return (row) => subject(parentOf(row['table_name']), row['parent_id']);
  if (table.name === webhookEvents.name) return (row) => subject(row['resource_table'], row['resource_id']);
  const stream = streams.get(table.name);
  return stream ? (row) => subjectsOf(stream, row) : () => [];
}

/** The row without quotes of a person in its texts. The key stays. The same row if it quotes nobody. */
function withoutQuotes({ key }: Table, row: ParsedRow, matcher: Matcher): ParsedRow {
  const changed: Record<string, ColumnValue> = {};
  const set = <V extends ColumnValue>(name: string, before: V, after: V) => {
    if (String(after) !== String(before)) changed[name] = after;
  };
  for (const [name, value] of Object.entries(row)) {
    if (key.includes(name)) continue;
    if (typeof value === 'string') set(name, value, matcher.withoutQuotes(value));
    if (Array.isArray(value)) set(name, value, value.map(matcher.withoutQuotes));
  }
  return Object.keys(changed).length === 0 ? row : { ...row, ...changed };
}

/** The state that the merge keeps about a table, without what concerns the person. */
export function forgetState(matcher: Matcher): (state: MergeState) => unknown {
  const namesPerson = (key: string) => keyTexts.safeParse(jsonOf(key)).data?.some(matcher.isQuotedIn) === true;
  const kept = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !namesPerson(key)));
  return (state) =>
    matcher.withoutQuotesIn({
      ...state,
      suspects: kept(state.suspects),
      contested: kept(state.contested),
      seenAt: kept(state.seenAt),
      deleted: kept(state.deleted),
    });
}

const keyTexts = z.array(z.string());

function jsonOf(text: string): unknown {
  return text.startsWith('[') ? JSON.parse(text) : undefined;
}
