import type { Seen } from '../api/ask.ts';
import { counted, number } from '../../lambdas/core/runs/counted.ts';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import { configFileName } from '../../lib/config/load-workspaces.ts';
import { type Finding, look, ok } from '../finding.ts';

type Pace = Pick<WorkspaceConfig, 'requestsPerMinute' | 'concurrency' | 'inFlight'>;

/** How fast the API answers, and how many requests it allows. */
export function speedFindings(seen: Seen, pace: Pace): Finding[] {
  const sorted = seen.milliseconds.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) return [];
  const slowest = sorted.at(-1) ?? median;
  const says = `${Math.round(median)} ms (median of ${sorted.length} requests; the slowest took ${Math.round(slowest)} ms)`;
  return [
    isTooSlow(median, pace)
      ? look(
          'latency',
          says,
          `So slow, ${number(pace.requestsPerMinute)} requests a minute are not reached. Raise inFlight.`,
        )
      : ok('latency', says),
    ...rateFindings(seen, pace.requestsPerMinute),
  ];
}

/** Whether more requests would have to be in flight than the configuration allows. */
function isTooSlow(median: number, { requestsPerMinute, concurrency, inFlight }: Pace): boolean {
  return (median / 60_000) * requestsPerMinute > concurrency * inFlight;
}

function rateFindings({ budget, limited }: Seen, requestsPerMinute: number): Finding[] {
  if (limited > 0)
    return [
      look(
        'rate',
        `refused ${counted(limited, 'request')} as too many, at ${number(requestsPerMinute)} a minute`,
        `Lower requestsPerMinute in ${configFileName()}.`,
      ),
    ];
  if (!budget)
    return [
      ok(
        'rate',
        `no request was refused as too many; the configuration has up to ${number(requestsPerMinute)} a minute`,
      ),
    ];
  return budget.limit < requestsPerMinute
    ? [
        look(
          'rate',
          `allows ${counted(budget.limit, 'request')} a window; the configuration has ${number(requestsPerMinute)} a minute`,
          'Lower requestsPerMinute to what the API allows.',
        ),
      ]
    : [
        ok(
          'rate',
          `allows ${counted(budget.limit, 'request')} a window; the configuration has ${number(requestsPerMinute)} a minute`,
        ),
      ];
}
