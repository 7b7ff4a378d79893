import type { Verdict } from './crash-invocation.ts';
import { randomOf } from './crash-matrix.ts';
import type { Trial } from './crash-trial.ts';

/** What a seed makes of delivery. */
export interface Chaos {
  readonly seed: number;
  /** Functions beside each other, their steps interleaved by the seed. */
  readonly concurrency: number;
  /** Copies of each message at most. */
  readonly copies: number;
  /** Longest delay of a copy, in seconds. */
  readonly delaySeconds: number;
  /** Of a hundred messages, how many have a copy that comes three days later, when its run has been published. */
  readonly latePercent: number;
  /** Clocks of functions are off by up to this, both ways. */
  readonly skewMinutes: number;
  /** Of a thousand steps, how many end in a killed process. */
  readonly killsPerThousand: number;
  /** Of a hundred times that a function asks how long it may still run, how often its time is nearly up. */
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
    // What changed after a clock that is behind says that it is now comes with the next run.
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
