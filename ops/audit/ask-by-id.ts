/** Asks the API by id for rows that a list does not show as the table has them. */

import { type Key, keyJson } from '../../lambdas/core/current/keys.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { RowPair } from './compare-rows.ts';
import { type ApiRow, readApi, type ReadPorts } from './read-api.ts';
import type { TableSnapshot } from './read-lake.ts';

/** Maximum number of rows of a table that are asked for by id. */
export const mostAskedFor = 1_000;

export interface AskByIdPorts extends ReadPorts {
  /** Called before rows are asked for by id, with the number of requests. */
  readonly onReread: (requests: number) => void;
}

export interface AnswersById {
  /** The pairs with what the API gives by id, without the rows that `unknown` counts. */
  readonly pairs: readonly RowPair<ApiRow>[];
  /** Rows that the list lacks and that the API gives by id. */
  readonly unlisted: readonly ApiRow[];
  /** Of the rows that were deleted on approval and that the list lacks, those that the API gives by id. */
  readonly restorable: readonly { readonly row: ApiRow; readonly runId: string }[];
  /** Ids that the API does not know, although it gives others by id. */
  readonly notFound: ReadonlySet<string>;
  /** Number of rows of the table that the list lacks, and whose existence no answer shows. */
  readonly unknown: number;
}

/**
 * If the API finds none of the rows by id, it does not answer by id at all, and what the list gave stands. If it finds
 * a row that the list lacks, the list proves nothing about the rows that were not asked for.
 * @param unlike pairs that differ. They stay as they are if the API has no path for one row.
 */
export async function askById(
  { stream, lake }: { readonly stream: Stream; readonly lake: Pick<TableSnapshot, 'approved'> },
  given: readonly ApiRow[],
  unlike: readonly RowPair<ApiRow>[],
  ports: AskByIdPorts,
): Promise<AnswersById> {
  if (stream.byId === undefined)
    return { pairs: unlike, unlisted: [], restorable: [], notFound: new Set(), unknown: 0 };
  const listed = new Set(given.map(({ key }) => keyJson(key)));
  const approved = [...lake.approved].flatMap(([runId, keys]) =>
    keys.flatMap((key) => (listed.has(keyJson(key)) ? [] : [{ runId, key }])),
  );
  const ids = [...unlike.map(idOf), ...approved.map(({ key }) => lastPart(key))]
    .filter(isAddressable)
    .slice(0, mostAskedFor);
  ports.onReread(ids.length * (stream.detail ? 2 : 1));
  // The list has counted these rows.
  const uncounted = { ...ports, onPage: () => ports.onPage(0) };
  const { rows, read, missing, unusable } = await readApi(stream, { kind: 'ids', ids }, uncounted);
  const [asked, byKey] = [new Set(ids), new Map(rows.map((row) => [keyJson(row.key), row]))];
  const answersById = rows.length > 0;
  const isCut = unlike.some(({ api, lake }) => !api && lake && byKey.has(keyJson(lake.key)));
  const pairs: RowPair<ApiRow>[] = [];
  const unlisted: ApiRow[] = [];
  let unknown = 0;
  for (const pair of unlike) {
    const id = idOf(pair);
    const again = byKey.get(keyJson((pair.lake ?? pair.api)?.key ?? []));
    if (again && !pair.api) unlisted.push(again);
    // An id that gives another row was merged into that row.
    const isSettled = asked.has(id) ? missing.has(id) || (read.has(id) && unusable === 0) : !isCut;
    if (!again && !pair.api && !isSettled) unknown += 1;
    else pairs.push(missing.has(id) && answersById ? { ...pair, api: undefined } : { ...pair, api: again ?? pair.api });
  }
  return {
    pairs,
    unlisted,
    restorable: approved.flatMap(({ runId, key }) => {
      const row = byKey.get(keyJson(key));
      return row ? [{ row, runId }] : [];
    }),
    notFound: answersById ? missing : new Set(),
    unknown,
  };
}

function idOf({ lake, api }: RowPair): string {
  return lastPart((lake ?? api)?.key ?? []);
}

function lastPart(key: Key): string {
  return String(key.at(-1));
}
