import type { Assembled } from '../assemble.ts';
import type { Belief } from './belief.ts';
import type { Night, Refresh, Rules } from './nights.ts';
import type { Unit } from './timeline.ts';

/** A question about the place of a row, to which the API surely answered. */
export interface Question {
  /** It was asked then or later; */
  readonly at: number;
  /** and before the end of the night with this index. */
  readonly by: number;
}

export interface Asked {
  /** After these, what the table holds is what was shown when they were asked, or later. */
  readonly content: readonly Question[];
  /** After these, also what was gone by then is gone from the table. */
  readonly absence: readonly Question[];
  /** Times of questions that events led to. */
  readonly named: readonly number[];
}

/** What the rules of reading are applied to. */
export interface History {
  readonly simulated: Assembled;
  readonly rules: Rules;
  readonly nights: readonly Night[];
  readonly refreshes: readonly Refresh[];
  readonly belief: Belief;
  unitsOf(table: string): readonly Unit[];
}

/** Whether a night read a table such that what it gave is current. */
export function isRead(night: Night | undefined, table: string): boolean {
  const reading = night?.tables.get(table);
  return reading === 'complete' || reading === 'held';
}

/** Whether a night also deleted what was not there any more. */
export function isCalm(night: Night | undefined, table: string): boolean {
  return night?.tables.get(table) === 'complete' && night.isConfirmed;
}
