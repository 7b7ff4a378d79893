import type { ForgottenReport } from '../../contract/run-report.ts';
import { counted } from './counted.ts';
import { foldedList } from './folded-list.ts';

/** What to do about forgotten rows that the API still gives, or may still give; undefined if there are none. */
export function stillGivenText(forgotten: ForgottenReport | undefined): string | undefined {
  if (!forgotten || forgotten.stillGiven === 0) return undefined;
  const { stillGiven, unseen = 0, stillGivenIn = [] } = forgotten;
  const rows = (count: number) => counted(count, 'row that was forgotten', 'rows that were forgotten');
  const known = [
    ...(stillGiven > unseen ? [`The API still gives ${rows(stillGiven - unseen)}.`] : []),
    ...(unseen > 0 ? [`Nothing shows yet whether the API still gives ${rows(unseen)}.`] : []),
  ].join(' ');
  return `${known.slice(0, -1)}: ${foldedList(stillGivenIn)}. Rows of a table that is read by its parents count only once a run was given them: npx prospect-lake ops audit counts them all. No run stores these rows. Delete the person in ProspectB2B too. Each night tells this until a complete list shows that the rows are gone, or the API says so for each id: npx prospect-lake ops forget --confirm --id <id>`;
}
