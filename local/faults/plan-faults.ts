import { createHash } from 'node:crypto';
import type { Fault, FaultRule } from './faults.ts';

interface Planted {
  readonly rule: FaultRule;
  matched: number;
  faultCount: number;
}

/**
 * Chooses the fault of a request: that of the first rule that applies. Whether a rule with a probability applies
 * depends on the seed, the request and how often the request came, not on the order of concurrent requests.
 */
export class FaultPlan {
  readonly #seed: number;
  #planted: Planted[];
  readonly #seen = new Map<string, number>();

  constructor(rules: readonly FaultRule[], seed: number) {
    this.#seed = seed;
    this.#planted = plant(rules);
  }

  /** Replaces the rules, and starts all counts from 0. */
  replace(rules: readonly FaultRule[]): void {
    this.#planted = plant(rules);
    this.#seen.clear();
  }

  faultFor(request: string): Fault | undefined {
    const times = (this.#seen.get(request) ?? 0) + 1;
    this.#seen.set(request, times);
    for (const [index, planted] of this.#planted.entries()) {
      const { path, fault, after = 0, times: most = Infinity, probability = 1 } = planted.rule;
      if (!path.test(request)) continue;
      planted.matched += 1;
      if (planted.matched <= after || planted.faultCount >= most) continue;
      if (this.#chance(`${index} ${times} ${request}`) >= probability) continue;
      planted.faultCount += 1;
      return fault;
    }
    return undefined;
  }

  /** A number from 0 to below 1 that depends only on the seed and `what`. */
  #chance(what: string): number {
    return createHash('sha256').update(`${this.#seed} ${what}`).digest().readUInt32BE(0) / 0x1_0000_0000;
  }
}

function plant(rules: readonly FaultRule[]): Planted[] {
  for (const { path } of rules) {
    if (path.global || path.sticky) throw new RangeError(`${path} would match by turns: leave the flags g and y out.`);
  }
  return rules.map((rule) => ({ rule, matched: 0, faultCount: 0 }));
}
