import type { RunReport, SolvedProblem } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import { causesOf } from '../runs/causes.ts';

/**
 * The problems that a run had and has no more, because a person has sent its work again or has approved its deletions.
 * @param former the report that the new one replaces
 */
export function solvedSince(
  former: RunReport | undefined,
  { tables }: Pick<RunReport, 'tables'>,
  streams: readonly Stream[],
  now: Date,
): SolvedProblem[] {
  if (!former) return [];
  const solved = causesOf(former, streams).map((cause) => ({
    problem: cause.problem,
    tables: cause.tables.filter((name) => tables[name]?.status === 'complete'),
    at: now.toISOString(),
  }));
  return [...(former.solved ?? []), ...solved.filter((one) => one.tables.length > 0)];
}
