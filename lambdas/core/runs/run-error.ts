import type { Failure } from '../../contract/run.ts';
import type { RunReport } from '../../contract/run-report.ts';

/** Why a run failed, if all of its tables failed for the same reason, for instance a key that was refused. */
export function runError({ status, tables }: Pick<RunReport, 'status' | 'tables'>): Failure | undefined {
  const [first, ...others] = Object.values(tables).map(({ error }) => error);
  if (status !== 'failed' || !first) return undefined;
  return others.every((error) => error?.message === first.message) ? first : undefined;
}
