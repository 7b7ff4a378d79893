import { progressLine } from '../../local/cli/progress-line.ts';
import { RunView } from '../../local/run/run-view.ts';
import type { Target } from '../target.ts';

const showMilliseconds = 500;

/** Shows the progress of a run of this process until `end`. Does nothing for a run that goes on elsewhere. */
export function showRun(
  runId: string,
  {
    local,
    progress,
    clock,
    requestsPerMinute: limit,
  }: Pick<Target, 'local' | 'progress' | 'clock' | 'requestsPerMinute'>,
): { end(): void } {
  if (!local?.traffic) return { end() {} };
  const { out, traffic } = local;
  const run = new RunView({ out, runId, traffic, limit, startedAt: clock.now() });
  const show = async () => {
    const { view } = await run.at(clock.now());
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
