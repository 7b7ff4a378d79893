import { durationText } from '../../lambdas/core/runs/duration-text.ts';
import type { ProgressDisplay } from '../../local/cli/progress-display.ts';
import { retryText } from '../../local/cli/progress-line.ts';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import { workText } from '../status/work-text.ts';

const showMilliseconds = 500;

/** Shows what the embedded cloud still has to do, until `end`. */
export function showWork(cloud: Pick<Cloud, 'queues' | 'traffic'>, display: ProgressDisplay): { end(): void } {
  const startedAt = Date.now();
  const timer = setInterval(() => {
    const work = cloud
      .queues()
      .map(({ name, ready, inFlight, delayed }) => ({ name, count: ready + inFlight + delayed }));
    const { requests, lastRetry } = cloud.traffic;
    const retried = lastRetry && retryText(lastRetry, new Date());
    const parts = [
      durationText((Date.now() - startedAt) / 1_000),
      counted(requests, 'request'),
      workText(work) || 'publishing',
      ...(retried === undefined ? [] : [retried]),
    ];
    display.show(parts.join('  '));
  }, showMilliseconds);
  return {
    end() {
      clearInterval(timer);
      display.end();
    },
  };
}
