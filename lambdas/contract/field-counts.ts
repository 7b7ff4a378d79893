/** Which fields the rows of the API have: names, types and forms, never values. */

import { z } from 'zod';
import { columnType } from './column-types.ts';

/** A type as JSON has it. A field that is null has no type. */
export const jsonType = z.enum(['boolean', 'list', 'number', 'object', 'string']);
export type JsonType = z.infer<typeof jsonType>;

const count = z.number().int().nonnegative();

const fieldCount = z.object({
  /** Rows that have the field, also those in which it is null. */
  rows: count,
  types: z.partialRecord(jsonType, count),
  /** Values that do not fit the column of the field, by type. Absent if all fit, or if the field has no column. */
  unfit: z.partialRecord(jsonType, count).optional(),
  /** The form of the first value that fits no column, with `a` for letters and `9` for digits. */
  shape: z.string().optional(),
  /** Types of columns that all values fit, best first. Absent for a field that has a column. */
  fits: z.array(columnType).optional(),
});
export type FieldCount = z.infer<typeof fieldCount>;

/** The fields of the rows of one chunk. A field of an object in the row is named `object.field`. */
export const fieldCounts = z.object({
  rows: count,
  fields: z.record(z.string(), fieldCount),
  /** Objects whose field names are data, such as ids. They have too many fields to count. */
  maps: z.array(z.string()).optional(),
  /** True if some fields were not counted because there were too many. */
  isCut: z.literal(true).optional(),
});
export type FieldCounts = z.infer<typeof fieldCounts>;
