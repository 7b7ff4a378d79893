import fc from 'fast-check';
import { streams } from '../../lambdas/streams/registry.ts';
import { kindNames, type PlannedFault } from './hostile-faults.ts';
import { formNames } from './odd-forms.ts';
import type { Oddity } from './odd-rows.ts';
import { targetNames } from './hostile-api.ts';

/** A change of the workspace while it is read. */
export interface Touch {
  readonly night: 1 | 2;
  /** The request before which it happens. */
  readonly request: number;
  readonly what: 'create' | 'update' | 'remove';
  readonly table: string;
  readonly row: number;
}

/** All that a trial hangs on. */
export interface HostilePlan {
  readonly seed: number;
  readonly leads: number;
  /** Streams that are read, with those above them. */
  readonly streams: readonly string[];
  readonly pageSize: number;
  readonly sliceDays: number;
  readonly timeoutSeconds: number;
  readonly afterInclusive: boolean;
  readonly beforeInclusive: boolean;
  /** Pages begin with the last row of the page before. */
  readonly overlap: boolean;
  readonly faults: readonly PlannedFault[];
  readonly oddities: readonly Oddity[];
  readonly touches: readonly Touch[];
}

const tables = ['leads', 'leads', 'campaigns', 'jobs', 'support_tickets', 'inbox_threads', 'imports'];

/** Streams of the plan are drawn first, so that what befalls them hits. */
export function hostilePlans(): fc.Arbitrary<HostilePlan> {
  const chosen = fc.uniqueArray(fc.constantFrom(...streams.map(({ name }) => name)), { minLength: 1, maxLength: 4 });
  return chosen.chain((names) => {
    const wanted = withAncestors(names);
    const aim = fc.constantFrom(...wanted, ...(wanted.includes('exports') ? ['exports detail'] : []), 'identity');
    const target = fc.oneof({ weight: 9, arbitrary: aim }, { weight: 1, arbitrary: fc.constantFrom(...targetNames) });
    const night = fc.constantFrom<1 | 2>(1, 2);
    return fc.record<HostilePlan>({
      seed: fc.nat(),
      leads: fc.integer({ min: 1, max: 6 }),
      streams: fc.constant(names),
      pageSize: fc.integer({ min: 1, max: 5 }),
      sliceDays: fc.constantFrom(90, 300, 100_000),
      timeoutSeconds: fc.constantFrom(26, 40, 120, 300),
      afterInclusive: fc.boolean(),
      beforeInclusive: fc.boolean(),
      overlap: fc.boolean(),
      faults: fc.array(
        fc
          .record<PlannedFault>({
            kind: fc.constantFrom(...kindNames),
            target,
            after: fc.constantFrom(0, 0, 0, 1, 2, 4),
            times: fc.constantFrom(1, 1, 2, 3, 6, 25, 60, null),
            share: fc.constantFrom(10, 10, 5, 2),
            night,
          })
          // The second answer about a row that is gone: its fields are null, and nothing is missing.
          .filter((fault) => fault.kind !== '404' || fault.target !== 'exports detail'),
        { minLength: 1, maxLength: 6 },
      ),
      oddities: fc.array(
        fc.record<Oddity>({
          form: fc.constantFrom(...formNames),
          stream: fc.constantFrom(...wanted),
          column: fc.nat({ max: 20 }),
          variant: fc.nat({ max: 20 }),
          every: fc.constantFrom(1, 2, 3),
        }),
        { maxLength: 4 },
      ),
      touches: fc.array(
        fc.record<Touch>({
          night,
          request: fc.integer({ min: 1, max: 40 }),
          what: fc.constantFrom('create', 'update', 'remove'),
          table: fc.constantFrom(...tables),
          row: fc.nat({ max: 9 }),
        }),
        { maxLength: 3 },
      ),
    });
  });
}

function withAncestors(names: readonly string[]): string[] {
  const wanted = new Set(names);
  for (const { name, parent } of streams.toReversed()) if (wanted.has(name) && parent) wanted.add(parent.stream);
  return [...wanted];
}
