/** Asks the API whether the vendor has deleted rows that were forgotten. */

import { forgottenDays } from '../../lambdas/contract/retention.ts';
import { currentTableOf, type Stream } from '../../lambdas/contract/stream.ts';
import { readCurrent } from '../../lambdas/core/current/read-current.ts';
import { readForgotten } from '../../lambdas/core/rows/forgotten.ts';
import { digestOf, extended, givenAgain, lasts, updateForgottenRows } from '../../lambdas/core/rows/forgotten-rows.ts';
import { encodeId, isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { clockTime } from '../../local/cli/durations.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { readApi } from '../audit/read-api.ts';
import { checkKey, orNoAnswer } from '../check-key.ts';
import type { Outcome } from '../command.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import type { Target } from '../target.ts';

/** The longest that `deletions.confirmAfterMinutes` can be. */
const confirmMilliseconds = 15 * 60_000;

interface DeletionCheck {
  /** Of the given ids, those that are remembered as forgotten. */
  readonly remembered: number;
  /** Those for which the API answers 404. */
  readonly notFound: number;
  /** Those that the API still gives. */
  readonly stillGiven: number;
  /** When a second request may confirm the deletion of every id in `notFound`. Null if none needs another request. */
  readonly askAgainFrom: string | null;
}

/** Asks the API for ids that were forgotten. Changes nothing but what is known of them. */
export async function confirmDeleted(target: Target, table: string, named: readonly string[]): Promise<Outcome> {
  const ids = named.filter((one) => !one.includes('@'));
  if (ids.length === 0) throw new UsageError('forget --confirm wants --id, or --file with ids');
  const stream = streamNamed(table);
  if (stream.byId === undefined)
    throw new UsageError(`The API has no path for one row of ${table}: its lists alone show what is deleted.`);
  const found = await checkDeleted(stream, ids, target);
  const { remembered, notFound, stillGiven, askAgainFrom } = found;
  const released = `Digests are released by a night, once no list has shown the row for ${forgottenDays} days.`;
  const lines = [
    `Remembered as forgotten: ${remembered} of ${counted(ids.length, 'id')}. The API no longer knows ${notFound}, and still gives ${stillGiven}.`,
    ...(notFound > 0
      ? [
          askAgainFrom === null
            ? `That is confirmed: two answers, at least 15 minutes apart, said so. ${released}`
            : `Two such answers, at least 15 minutes apart, confirm it. Run this again from ${clockTime(new Date(askAgainFrom), target.clock.now())} on. ${released}`,
        ]
      : []),
    ...(stillGiven > 0 ? [`Delete at the vendor the ${counted(stillGiven, 'row')} that the API still gives.`] : []),
  ];
  return { lines, data: found, ok: stillGiven === 0 };
}

/**
 * Writes down what the API answers for each id, without the ids. A row that is not forgotten is asked for as well: if
 * the API does not give that one either, its answers prove nothing.
 * @throws UsageError if the answers prove nothing, or none of the ids is remembered
 */
async function checkDeleted(stream: Stream, ids: readonly string[], target: Target): Promise<DeletionCheck> {
  const { store, clock } = target;
  const forgotten = await readForgotten(store);
  const subjectOf = (id: string) => ({ stream: stream.name, id: encodeId(id) });
  const known = ids.filter((id) => forgotten.when(subjectOf(id)) !== undefined && isAddressable(id));
  if (known.length === 0)
    throw new UsageError(
      `No such id of ${stream.name} is remembered as forgotten: it was never forgotten, belongs to another table, or its digest is already released.`,
    );
  const other = await anyId(stream, target);
  if (other === undefined) throw new UsageError(`${stream.name} has no other row with which the API can be tried.`);
  const askedAt = clock.now().toISOString();
  await checkKey(target);
  const ports = { api: target.api(), forgotten, columns: [], onPage() {} };
  const { read, missing, error } = await orNoAnswer(() =>
    readApi(stream, { kind: 'ids', ids: [other, ...known] }, ports),
  );
  if (error !== null)
    throw new UsageError(`The API could not be asked for every id, so nothing is written down: ${error}`);
  if (!read.has(other))
    throw new UsageError('The API does not give a row that exists either, so its answers prove nothing.');
  const after = await updateForgottenRows(store, ({ key, rows }) => {
    const changed = { ...rows };
    for (const id of known) {
      const digest = digestOf(key, subjectOf(id));
      const row = rows[digest];
      if (row && missing.has(id)) changed[digest] = { ...row, notFound: extended(row.notFound, askedAt) };
      else if (row && read.has(id)) changed[digest] = givenAgain(row, askedAt);
    }
    return { key, rows: changed };
  });
  const notFound = known.filter((id) => missing.has(id));
  const absences = notFound.flatMap((id) => after.rows[digestOf(after.key, subjectOf(id))]?.notFound ?? []);
  const waiting = absences.filter((absence) => !lasts(absence, confirmMilliseconds));
  const from = Math.max(...waiting.map(({ since }) => Date.parse(since) + confirmMilliseconds));
  return {
    remembered: known.length,
    notFound: notFound.length,
    stillGiven: known.length - notFound.length,
    askAgainFrom: waiting.length === 0 ? null : new Date(from).toISOString(),
  };
}

/** The id of a row of the current table. */
async function anyId(stream: Stream, target: Target): Promise<string | undefined> {
  for await (const { id = [] } of readCurrent(currentTableOf(stream), ['id'], target))
    for (const one of id) if (isAddressable(one)) return one;
  return undefined;
}
