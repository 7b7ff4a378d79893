/** What changed in the fields that the API gives, and what is remembered to notice it. */

import { z } from 'zod';
import { jsonType } from './field-counts.ts';
import { count, instant, runId, streamName } from './run.ts';
import type { Stream } from './stream.ts';
import { unfitColumn } from './unfit-columns.ts';
import { valueWords } from './value-words.ts';

/** A change of the fields that the API gives, or a field of the first load that has no column: `undeclared`. */
export const schemaChange = z.object({
  table: streamName,
  field: z.string(),
  what: z.enum(['new', 'gone', 'another type', 'undeclared']),
  /** The types that the field had before, and has now; empty if there are none. */
  from: z.array(jsonType),
  to: z.array(jsonType),
  /**
   * Share of the rows read, 0 to 1, in which the field has a value, or one of its new type. For a field that is gone:
   * the share of the rows that had it last, null or not.
   */
  share: z.number().min(0).max(1),
  /** The form of an example value, such as `aaa-99`: see {@link FieldCount}. */
  shape: z.string().nullable(),
  /** What to add to the configuration to give the field a column; null if it has one. */
  suggestion: z.string().nullable(),
});
export type SchemaChange = z.infer<typeof schemaChange>;

/** False for a field that the API gave from the first load on. */
export function isChange({ what }: Pick<SchemaChange, 'what'>): boolean {
  return what !== 'undeclared';
}

/** What precedes the line of the configuration that gives fields a column. @param what such as `this field a column` */
export function columnAdvice(what: string): string {
  return `To give ${what}, in the configuration (personal: 'quote' hides what it holds; say false if that is nothing personal):`;
}

/** A change as one line for a person. */
export function changeText({ table, field, what, from, to, share, shape, suggestion }: SchemaChange): string {
  const percent = `${share > 0 && share < 0.01 ? 'less than 1' : Math.round(share * 100)} % of the rows`;
  const given = valueWords(to, shape);
  const said = {
    new: to.length === 0 ? 'is new, and null in each row that has it' : `is new: ${given}, in ${percent}`,
    gone: `is gone: ${percent} had it`,
    'another type': `was ${from.join(' or ')} and is now ${given}, in ${percent}`,
    undeclared: `has no column, and is kept in _extra: ${given}, in ${percent}`,
  }[what];
  return `${table}.${field} ${said}.${suggestion === null ? '' : ` ${columnAdvice('it a column')} ${suggestion}`}`;
}

/** The changes as they stand for streams of a later configuration: a field that has a column by now needs no advice. */
export function currentAdvice(changes: readonly SchemaChange[], streams: readonly Stream[]): SchemaChange[] {
  const columnsOf = (table: string) => Object.entries(streams.find(({ name }) => name === table)?.columns ?? {});
  const hasColumn = ({ table, field }: SchemaChange) =>
    columnsOf(table).some(([name, column]) => (column.field ?? name) === field);
  return changes.map((change) => (hasColumn(change) ? { ...change, suggestion: null } : change));
}

const knownField = z.object({
  types: z.array(jsonType),
  /** Types that the field had earlier and may still have: no complete reading has shown that they are gone. */
  former: z.array(jsonType).optional(),
  /** Share of the rows that had the field when it was last seen, also those in which it was null. */
  share: z.number(),
  /** Expected number of rows with the field, by `share`, among the rows read since it was last seen. */
  lacking: z.number().optional(),
});
export type KnownField = z.infer<typeof knownField>;

const knownFields = z.object({
  /** False until every row was read once: until then, no field is new, and those without a column are undeclared. */
  isLearned: z.boolean(),
  /** For a table that is read for each row of its parent: how many parents were read until now. */
  parentsRead: count,
  fields: z.record(z.string(), knownField),
  maps: z.array(z.string()),
  /** The columns whose values do not fit. Absent or empty if there are none. */
  unfit: z.array(unfitColumn).optional(),
});
export type KnownFields = z.infer<typeof knownFields>;

/** The known fields of each table, before and after the newest nightly run that read it. */
export const fieldState = z.record(
  streamName,
  z.object({ runId, startedAt: instant, before: knownFields, after: knownFields }),
);
export type FieldState = z.infer<typeof fieldState>;
