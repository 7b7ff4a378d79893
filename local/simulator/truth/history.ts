import type { Assembled } from '../assemble.ts';
import type { AnswerTrust } from './answer-trust.ts';
import type { Night, Refresh, Rules } from './nights.ts';
import type { KeyTimeline } from './timeline.ts';

const hour = 3_600_000;

/** A request that the pipeline made for a row, or for the list that holds it, and that the API answered correctly. */
export interface Question {
  /** The earliest possible time of the request. */
  readonly at: number;
  /** Index of the nightly run by whose end the request had surely been made. */
  readonly by: number;
}

export interface QuestionTimes {
  /** Requests after which the table holds what the API showed at the time of the request, or later. */
  readonly content: readonly Question[];
  /** Requests after which the table no longer holds rows that were deleted before the request. */
  readonly absence: readonly Question[];
  /** Times of the requests that webhook events caused. */
  readonly eventTimes: readonly number[];
}

/** Everything from which the expected tables are derived: the workspace, the settings and the runs. */
export interface History {
  readonly simulated: Assembled;
  readonly rules: Rules;
  readonly nights: readonly Night[];
  readonly refreshes: readonly Refresh[];
  readonly trust: AnswerTrust;
  timelinesOf(table: string): readonly KeyTimeline[];
}

/** Whether the rows that a nightly run read for a table are now in the current table. */
export function isCurrentAfter(night: Night | undefined, table: string): boolean {
  const reading = night?.tables.get(table);
  return reading === 'complete' || reading === 'held';
}

/**
 * Whether a night read each of a table's lists of several pages twice. It does so if a list differs from the table, as
 * every list does on the first night.
 */
export function readsTwice(nights: readonly Night[], by: number, table: string): boolean {
  return by === 0 && nights[by]?.onceOnly.has(table) === false;
}

/** Whether a night also removed the deleted rows from the table. */
export function alsoDeletes(night: Night | undefined, table: string): boolean {
  return night?.tables.get(table) === 'complete' && night.isConfirmed;
}

/**
 * Whether a row read at a time becomes current. Of two copies read within `lookbackHours`, the copy with the later
 * `updated_at` is current, whichever was read last. So a copy may not count if the row's `updated_at` went back within
 * the `lookbackHours` before it was read.
 */
export function surelyCounts({ spans }: KeyTimeline, at: number, { lookbackHours }: Rules): boolean {
  return !spans.some(
    (span, index) =>
      at > span.from &&
      at <= span.from + lookbackHours * hour &&
      spans
        .slice(0, index)
        .some(({ row, updated }) => row && updated !== undefined && updated > (span.updated ?? Infinity)),
  );
}
