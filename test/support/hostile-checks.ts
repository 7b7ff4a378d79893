import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import type { AffectedRequest } from './hostile-api.ts';
import { kinds } from './hostile-faults.ts';
import type { HostilePlan, PlannedNight } from './hostile-plan.ts';

/** Retries of a request within an invocation: up to this many failures of a stream do not fail the message. */
const maxRetries = 4;

export interface NightOutcome {
  readonly plan: HostilePlan;
  readonly night: PlannedNight | undefined;
  readonly affected: readonly AffectedRequest[];
  /** Tables about which the API said something untrue. */
  readonly untrueTables: ReadonlySet<string>;
  /** Tables that lost so many rows that the guard, which stops mass deletions, may delete none of them. */
  readonly shrunk: ReadonlySet<string>;
}

/**
 * What is wrong with the outcome of a run: only a table that the API disturbed may be incomplete, and the counts of
 * a complete table must agree.
 */
export function runFaults(
  report: RunReport,
  streams: readonly Stream[],
  { plan, night, affected, untrueTables, shrunk }: NightOutcome,
): string[] {
  const faults: string[] = [];
  const statuses = streams.map(({ name }) => report.tables[name]?.status);
  const isStopped = affected.some(({ planned }) => kinds[planned.kind].effect === 'ends');
  // If the identity request fails, a run may end before it begins.
  const isUnknown = affected.some(({ planned }) => planned.target === 'identity');
  const isFailed = isStopped || statuses.every((status) => status === 'failed');
  const wanted = isFailed ? 'failed' : statuses.every((status) => status === 'complete') ? 'complete' : 'partial';
  if (report.status !== wanted && !isUnknown) faults.push(`the run is ${report.status}, and not ${wanted}`);
  for (const { name } of streams) {
    const table = report.tables[name];
    if (!table) {
      faults.push(`${name} is not in the report`);
      continue;
    }
    const { status, error, rowsExtracted, rowsWritten, rowsRejected } = table;
    if ((status === 'complete') !== (error === null))
      faults.push(`${name} is ${status}, and its error is ${error?.code}`);
    if (status === 'complete' && rowsExtracted !== rowsWritten + rowsRejected)
      faults.push(`the counts of ${name} do not agree`);
    if (error?.code === 'deletions_held' && shrunk.has(name)) continue;
    // A rate limit applies to the API key: a stream that waits long makes the others wait too.
    if (error?.code === 'unfinished' && affected.some(({ planned }) => kinds[planned.kind].effect === 'waits'))
      continue;
    if (error && !isStopped && !isUnknown && !mayFail(name))
      faults.push(`${name} ends with ${error.code}: ${error.message}`);
  }
  return faults;

  function mayFail(name: string): boolean {
    const family = withAbove(name);
    const effects = affected
      .filter(({ planned }) => family.includes(planned.target.split(' ')[0] ?? ''))
      .map(({ planned }) => kinds[planned.kind].effect);
    const passing = effects.filter((effect) => effect === 'passes' || effect === 'misshapen').length;
    const isMisshapen = streamNamed(name).parent !== undefined && effects.includes('misshapen');
    const { erring = [], strayPages = 0 } = night?.manners ?? {};
    const isErring = family.some((table) => erring.includes(table));
    const isCut = family.some((table) => plan.api.unpaged?.includes(table));
    const isLied = family.some((table) => untrueTables.has(table));
    const isOdd = plan.oddities.some(
      ({ stream, form }) => family.includes(stream) && ['no key', 'no row'].includes(form),
    );
    return (
      effects.includes('fails') ||
      effects.includes('waits') ||
      passing > maxRetries ||
      isMisshapen ||
      isErring ||
      isCut ||
      isLied ||
      isOdd ||
      strayPages > 0
    );
  }
}

/** A stream and all its ancestors. */
function withAbove(name: string): string[] {
  const { parent } = streamNamed(name);
  return parent ? [name, ...withAbove(parent.stream)] : [name];
}
