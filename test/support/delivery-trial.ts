import type { Verdict } from './crash-invocation.ts';
import { randomOf } from './crash-matrix.ts';
import type { Trial } from './crash-trial.ts';

/** How messages are delivered and functions disturbed; the seed makes the choices. */
export interface Chaos {
  readonly seed: number;
  /** Number of functions that run at the same time; the seed interleaves their steps. */
  readonly concurrency: number;
  /** Maximum copies of each message. */
  readonly copies: number;
  /** Longest delay of a copy, in seconds. */
  readonly delaySeconds: number;
  /** Percentage of messages with a copy that comes three days later, after their run was published. */
  readonly latePercent: number;
  /** Maximum error of a function's clock, in either direction. */
  readonly skewMinutes: number;
  /** Steps per thousand at which the process is killed. */
  readonly killsPerThousand: number;
  /** How often, in percent, a function that asks for its remaining time hears that it is nearly up. */
  readonly shortPercent: number;
  readonly fires: number;
  readonly backfill: boolean;
}

const lateSeconds = 3 * 86_400;

export function chaoticTrial(chaos: Chaos, trial: Trial): Trial {
  const random = randomOf(chaos.seed);
  const below = (count: number) => (count <= 0 ? 0 : random() % count);
  return {
    ...trial,
    // A clock that is behind misses the latest changes; the next run reads them.
    quietNight: chaos.skewMinutes > 0,
    fires: chaos.fires,
    backfill: chaos.backfill,
    concurrency: chaos.concurrency,
    choose: below,
    remaining: () => (below(100) < chaos.shortPercent ? 1_000 : 300_000),
    skew: () => (below(2 * chaos.skewMinutes * 60 + 1) - chaos.skewMinutes * 60) * 1_000,
    deliver: (_, delaySeconds) => [
      ...Array.from({ length: 1 + below(chaos.copies) }, () => delaySeconds + below(chaos.delaySeconds + 1)),
      ...(below(100) < chaos.latePercent ? [lateSeconds] : []),
    ],
    onStep: (): Verdict => {
      if (below(1_000) >= chaos.killsPerThousand) return 'go';
      return below(2) === 0 ? 'kill before' : 'kill after';
    },
  };
}
