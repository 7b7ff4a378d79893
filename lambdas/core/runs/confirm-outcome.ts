import type { RunReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import { counted, number } from './counted.ts';

/** Most rows of a stream that one confirming run requests. The nightly runs that follow request the others. */
export const mostAsked = 2_000;

type Run = Pick<RunReport, 'tables'>;

/**
 * What became of the rows that a run did not get from the API, for each table.
 * @param confirmed the report of the run that asked for these rows again
 */
export function confirmOutcome(
  { tables }: Run,
  confirmed: Run,
  streams: readonly Pick<Stream, 'name' | 'byId'>[],
): string[] {
  return Object.entries(tables).flatMap(([name, { rowsSuspected }]) => {
    const answer = confirmed.tables[name];
    if (rowsSuspected === 0 || !answer) return [];
    const asked = Math.min(rowsSuspected, mostAsked);
    const some = asked < rowsSuspected ? `${number(asked)} of ` : '';
    const missing = `${some}${counted(rowsSuspected, 'row')} of ${name} that the API did not give`;
    if (answer.error) return [`${missing}: the second question did not settle it. ${answer.error.message}`];
    const deleted = Math.min(asked, answer.rowsDeleted);
    const left = asked - deleted;
    if (left === 0) return [`${missing}: all were deleted.`];
    const hasIds = streams.some((stream) => stream.name === name && stream.byId !== undefined);
    // Rows that exist were asked for as well: see control-ids.ts.
    if (hasIds && answer.rowsExtracted === 0 && answer.missing > 0 && deleted === 0)
      return [
        `${missing}: ${answer.missing > asked ? 'the API gave no row by its id, so its 404 says nothing and none was deleted. Report it to the vendor' : 'the table has no other row with which the API’s answers by id can be tried, so none was deleted'}.`,
      ];
    const exist = `${deleted === 0 ? 'all' : number(left)} exist`;
    const why = hasIds ? `${exist}, so the list is cut short: report it to the vendor` : exist;
    return [`${missing}: ${deleted === 0 ? '' : `${number(deleted)} were deleted, `}${why}.`];
  });
}
