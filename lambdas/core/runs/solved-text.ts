import type { RunReport } from '../../contract/run-report.ts';
import { tablesText } from './causes.ts';
import { foldedList } from './folded-list.ts';

/** The problems of a run that a person has solved by sending its work again or approving its deletions. Empty if none. */
export function solvedByPerson(run: Pick<RunReport, 'tables' | 'solved'>): string {
  const parts = (run.solved ?? []).map(({ problem, tables }) => `${problem} (${tablesText(run, tables, foldedList)})`);
  return parts.join(', ');
}
