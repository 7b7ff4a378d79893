/** Rejected rows that no reading of the whole table has settled yet. */

import type { PipelineState, Rejection } from '../../contract/pipeline-state.ts';
import { foldedList } from './folded-list.ts';
import { type LeftByRun, leftByRuns } from './left-by-runs.ts';
import { number } from './counted.ts';

/** If more than this share of the rows of a table is rejected, a person has to know. */
const mostRejected = 0.01;

export function rejectedShare({ rows, of }: { readonly rows: number; readonly of: number }): number {
  return rows / Math.max(1, of);
}

export function isOften(counts: { readonly rows: number; readonly of: number }): boolean {
  return rejectedShare(counts) > mostRejected;
}

/** Those of which a person has to know, by the newest run that met them. */
export function standingRejections(rejected: PipelineState['rejected'] = {}): LeftByRun[] {
  const open = Object.entries(rejected).filter(([, one]) => one.solvedAt === undefined && isOften(one));
  return leftByRuns(
    open,
    (found) =>
      `Rows without a usable key, which no later run has read again: ${foldedList(found.map(rowsSince))}. The table rejected_rows has them. This ends when a run reads the whole table and rejects none. To read everything now: npx prospect-lake ops run --full-refresh`,
  );
}

function rowsSince([table, { rows, of, since }]: readonly [string, Rejection]): string {
  return `${table} ${number(rows)} of ${number(of)}, since ${since.slice(0, 10)}`;
}

/** Whether the rows that a run rejected of a table are settled. */
export function isSettled(
  rejected: PipelineState['rejected'],
  table: string,
  { startedAt }: { readonly startedAt: string },
): boolean {
  const known = rejected?.[table];
  return known !== undefined && startedAt <= known.at && (known.solvedAt !== undefined || startedAt < known.since);
}
