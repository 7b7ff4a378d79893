import type { ForgottenReport } from '../../contract/run-report.ts';
import { foldedList } from './folded-list.ts';

/** What to do about forgotten rows that the API still gives; undefined if it gives none. */
export function stillGivenText(forgotten: ForgottenReport | undefined): string | undefined {
  if (!forgotten || forgotten.stillGiven === 0) return undefined;
  const { stillGiven, stillGivenIn = [] } = forgotten;
  const rows = `${stillGiven.toLocaleString('en-US')} ${stillGiven === 1 ? 'row that was' : 'rows that were'} forgotten`;
  return `The API still gives ${rows}: ${foldedList(stillGivenIn)}. They count until a complete list or \`ops forget --confirm\` shows that they are gone. No run stores them. Delete the person in ProspectB2B too: docs/runbook.md, ForgottenStillGiven.`;
}
