import type { Assembled } from '../assemble.ts';
import type { AnswerTrust } from './answer-trust.ts';
import type { Night, Refresh, Rules } from './nights.ts';
import type { KeyTimeline } from './timeline.ts';

/** A question to the API about a row or its list, which the API surely answered truthfully. */
export interface Question {
  /** The earliest time at which it was asked. */
  readonly at: number;
  /** Index of the night by whose end it was asked. */
  readonly by: number;
}

export interface QuestionTimes {
  /** After these questions the table holds what was shown when they were asked, or later. */
  readonly content: readonly Question[];
  /** After these questions the table also no longer holds rows that were deleted by then. */
  readonly absence: readonly Question[];
  /** Times of the questions caused by events. */
  readonly eventTimes: readonly number[];
}

/** What the rules of reading are applied to. */
export interface History {
  readonly simulated: Assembled;
  readonly rules: Rules;
  readonly nights: readonly Night[];
  readonly refreshes: readonly Refresh[];
  readonly trust: AnswerTrust;
  timelinesOf(table: string): readonly KeyTimeline[];
}

/** Whether a night read a table so that what it read is current. */
export function isCurrentAfter(night: Night | undefined, table: string): boolean {
  const reading = night?.tables.get(table);
  return reading === 'complete' || reading === 'held';
}

/** Whether a night also removed the deleted rows from the table. */
export function alsoDeletes(night: Night | undefined, table: string): boolean {
  return night?.tables.get(table) === 'complete' && night.isConfirmed;
}
