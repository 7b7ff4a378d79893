import { progressLine } from '../../local/cli/progress-line.ts';
import { RunProgress } from '../../local/run/run-progress.ts';
import type { Target } from '../target.ts';

const showMilliseconds = 500;

/** Shows the progress of a local run until `end`. Does nothing for a deployment, whose runs go on by themselves. */
export function showRun(
  runId: string,
  {
    local,
    progress,
    clock,
    requestsPerMinute: limit,
  }: Pick<Target, 'local' | 'progress' | 'clock' | 'requestsPerMinute'>,
): { end(): void } {
  if (!local) return { end() {} };
  const startedAt = clock.now();
  const run = new RunProgress(local.out, runId);
  const show = async () => {
    const { rows, ...counts } = await run.update();
    const seen = { perMinute: 0, limited: 0, limit, obstacle: undefined };
    const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
    const view = { ...counts, ...seen, now: clock.now(), startedAt, rows: total, tables: rows.size };
    progress.show(progressLine(view, progress.terminal));
  };
  const timer = setInterval(() => void show().catch(() => {}), showMilliseconds);
  return {
    end() {
      clearInterval(timer);
      progress.end();
    },
  };
}
