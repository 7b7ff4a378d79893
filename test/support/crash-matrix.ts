import { disturbances, type Step, type Verdict } from './crash-invocation.ts';
import type { Workload } from './crash-workloads.ts';

/** One disturbance of one step of a workload. */
export interface Point {
  readonly step: Step;
  readonly verdict: Verdict;
}

export interface Matrix {
  readonly steps: number;
  readonly points: number;
  readonly faults: string[];
}

const reads: ReadonlySet<string> = new Set(['get', 'head', 'list', 'request', 'receive', 'read', 'open']);
/** Reads are disturbed without kills: a kill at a read leaves the same state as a kill after the previous write. */
const disturbReads: readonly Verdict[] = ['fail before', 'overtaken', 'late'];
const disturbWrites = disturbances.filter((verdict) => verdict !== 'kill before');

/** Every step with every disturbance whose effect is distinct. */
function allPoints(steps: readonly Step[]): Point[] {
  return steps.flatMap((step) =>
    (reads.has(step.operation) ? disturbReads : disturbWrites).map((verdict) => ({ step, verdict })),
  );
}

/** Every `distance`th of all points: a sample. 1: all points. */
export function pointsEvery(distance: number): (steps: readonly Step[]) => Point[] {
  return (steps) => allPoints(steps).filter((_, index) => index % distance === 0);
}

/**
 * Of the steps that match, the first and the last of each kind, with every disturbance.
 * @param pattern for `<function> <operation> <resource>`
 */
export function pointsAt(pattern: RegExp): (steps: readonly Step[]) => Point[] {
  return (steps) => {
    const matching = steps.filter((one) => pattern.test(`${one.functionName} ${one.operation} ${one.resource}`));
    const kinds = [...Map.groupBy(matching, kindOf).values()];
    return allPoints([...new Set(kinds.flatMap((same) => [...same.slice(0, 1), ...same.slice(-1)]))]);
  };
}

/** The kind of a step: what it does, without the run, task and object that it affects. */
function kindOf({ functionName, operation, resource }: Step): string {
  const [file = ''] = resource.split('/').slice(-1);
  return [functionName, operation, resource.split('/')[0], file.replaceAll(/[-_\d]+|[0-9a-f]{6,}/g, '')].join(' ');
}

/**
 * Plays a workload once undisturbed, then once for each point that `choose` takes from its steps.
 * @param most Stops once it has found this many faults.
 */
export async function matrixOf(
  { name, play }: Workload,
  choose: (steps: readonly Step[]) => readonly Point[],
  most: number,
): Promise<Matrix> {
  const steps: Step[] = [];
  const note = (step: Step): Verdict => {
    steps.push(step);
    return 'go';
  };
  const faults = (await play(note)).faults.map((fault) => `${name}, undisturbed: ${fault}`);
  const points = choose(steps);
  for (const { step, verdict } of points) {
    if (faults.length >= most) break;
    const { index, functionName, operation, resource } = step;
    const tried = await play((each) => (each.index === index ? verdict : 'go'));
    const at = `${name}, ${verdict} step ${index} (${functionName} ${operation} ${resource})`;
    faults.push(...tried.faults.map((fault) => `${at}: ${fault}`));
  }
  return { steps: steps.length, points: points.length, faults };
}

/** Seeded random numbers from 0 to 2^32 - 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** `size` random numbers below `count`, by seed; some may repeat. */
export function sample(count: number, size: number, seed: number): number[] {
  const random = randomOf(seed);
  return Array.from({ length: size }, () => random() % count);
}
