import { z } from 'zod';
import { columnType } from './column-types.ts';
import { jsonType } from './field-counts.ts';
import { count, instant, streamName } from './run.ts';

/** A column that is null in rows for which the API gives a value, because the value does not fit its type. */
export const unfitColumn = z.object({
  table: streamName,
  column: z.string(),
  /** The field of the API, if the column has another name. */
  field: z.string().optional(),
  type: columnType,
  /** Rows that have a value in the newest reading, and how many of them do not fit. */
  values: count,
  unfit: count,
  /** The JSON types of the values that do not fit. */
  given: z.array(jsonType),
  /** The form of an example value: see {@link FieldCount}. */
  shape: z.string().optional(),
  /** When the newest run began that met such values. */
  metAt: instant.optional(),
  /** Set once newer values fit. The rows that were not read since are still null. */
  fitsAgain: z.literal(true).optional(),
  /** Set if no value of the column was read since `metAt`: nobody knows what the API gives now. */
  notReadSince: z.literal(true).optional(),
  /** Set while a complete reading that takes several nights has met only values that fit. */
  isRereading: z.literal(true).optional(),
});
export type UnfitColumn = z.infer<typeof unfitColumn>;

/** Whether the newest values that were read do not fit. Otherwise, to read the rows again is all there is to do. */
export function isUnfitNow({ fitsAgain, notReadSince }: UnfitColumn): boolean {
  return !fitsAgain && !notReadSince;
}
