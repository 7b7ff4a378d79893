import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { bill, type BillLine, freeTier, total } from './bill.ts';
import { templatesOf } from './deployment.ts';
import { firstLoadUsage, monthlyRows, monthlyUsage } from './month.ts';
import type { PriceTable } from './prices.ts';
import type { ReferenceRun } from './reference.ts';

export interface Estimate {
  /** A month of the pipeline: everything but the questions that people ask. */
  readonly pipeline: readonly BillLine[];
  /** The Athena queries of the workload, on tables of a year. */
  readonly queries: readonly BillLine[];
  /** Once. */
  readonly firstLoad: readonly BillLine[];
  readonly rowsPerMonth: number;
  readonly firstLoadRows: number;
  /** Of the pipeline's month, in an account that uses nothing else. */
  readonly freeTierUsd: number;
}

/** What a workspace with this configuration costs with the reference workload. */
export function estimate(config: WorkspaceConfig, run: ReferenceRun, prices: PriceTable): Estimate {
  const { reference: measurement, durations } = run;
  const deployment = { measurement, durations, config, ...templatesOf(config) };
  const month = bill(monthlyUsage(deployment), prices);
  const pipeline = month.filter(({ cause }) => cause !== 'queries');
  return {
    pipeline,
    queries: month.filter(({ cause }) => cause === 'queries'),
    firstLoad: bill(firstLoadUsage(deployment), prices),
    rowsPerMonth: monthlyRows(deployment),
    firstLoadRows: measurement.phases.firstLoad.rows,
    freeTierUsd: freeTier(pipeline, prices),
  };
}

/** What a million rows cost of what the work itself costs: without what is paid in any case. */
export function usdPerMillionRows({ pipeline, rowsPerMonth }: Estimate): number {
  const work = pipeline.filter(({ cause }) => cause !== 'always');
  return rowsPerMonth === 0 ? 0 : (total(work) / rowsPerMonth) * 1_000_000;
}
