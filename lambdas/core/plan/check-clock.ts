import type { Failure } from '../../contract/run.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import { mostSkewMilliseconds } from '../runs/last-attempt.ts';

/**
 * The copy of a row that was requested last is current, and a night reads what changed since the last one. Neither can
 * be told if the clock shows an earlier time than in the last run.
 * @returns why the run must not read; undefined if it may
 */
export function checkClock({ watermarks }: PipelineState, now: Date): Failure | undefined {
  const last = Math.max(...Object.values(watermarks).map(({ at }) => Date.parse(at)));
  if (last <= now.getTime() + mostSkewMilliseconds) return undefined;
  return {
    code: 'clock_behind',
    message: `The clock says ${now.toISOString()}, but the last run began at ${new Date(last).toISOString()}. Nothing is read, because the clock decides which copy of a row is current. Set the clock right. If it is right now and was ahead then, wait until that time has passed, or read everything into a new folder or deployment.`,
    requestId: null,
  };
}
