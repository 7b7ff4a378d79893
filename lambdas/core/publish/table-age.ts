import type { RunReport } from '../../contract/run-report.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';

const hourMilliseconds = 3_600_000;

/**
 * Hours since the start of the last nightly run that read the table whole, for each table of this run and each table
 * whose own run is still under way. A table that is no longer read has no age. Nor has a table that was never read
 * whole: its run is partial, which is reported to a person anyway.
 * @param state after the run moved its watermarks
 */
export function hoursSinceWhole(report: RunReport, state: PipelineState): Map<string, number> {
  const read = new Set([
    ...Object.keys(report.tables),
    ...Object.values(state.underWay).flatMap(({ streams }) => streams),
  ]);
  return new Map(
    [...read].flatMap((table) => {
      const watermark = state.watermarks[table]?.at;
      return watermark === undefined ? [] : [[table, hoursBetween(watermark, report.finishedAt)] as const];
    }),
  );
}

/** Hours between two times, rounded to a hundredth; never negative. */
function hoursBetween(from: string, to: string): number {
  return Math.max(0, Math.round(((Date.parse(to) - Date.parse(from)) / hourMilliseconds) * 100) / 100);
}
