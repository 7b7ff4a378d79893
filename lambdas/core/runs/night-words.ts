import type { RunReport } from '../../contract/run-report.ts';
import { counted } from './counted.ts';

/** How a night ended, for the headline of the page and of `ops status`; undefined if it read every table. */
export function incompleteNight({ status, tables }: Pick<RunReport, 'status' | 'tables'>): string | undefined {
  if (status === 'failed') return 'The last night failed';
  if (status === 'complete') return undefined;
  const incomplete = Object.values(tables).filter((table) => table.status !== 'complete');
  return `The last night left ${counted(incomplete.length, 'table')} incomplete`;
}
