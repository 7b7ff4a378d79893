/** The stored digests of forgotten rows, and what shows that the vendor has deleted these rows. */

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { forgottenKey } from '../../contract/object-keys.ts';
import { instant, streamName } from '../../contract/run.ts';
import type { ObjectStore, ReadableStore } from '../ports.ts';
import { readJson, updateJson } from '../store/stored-json.ts';
import { type Subject, subjectKey } from './subjects.ts';

/** The first and the last of the requests that did not give a row, with none in between that gave it. */
const absence = z.object({ since: instant, last: instant });
export type Absence = z.infer<typeof absence>;

const forgottenRow = z.object({
  stream: streamName,
  /** When the row was forgotten. */
  at: instant,
  /** When the API last gave the row, or a row that belongs to it. */
  given: instant.optional(),
  /** Complete lists of the table did not show the row. */
  unlisted: absence.optional(),
  /** The API answered 404 for the row's id. */
  notFound: absence.optional(),
});
export type ForgottenRow = z.infer<typeof forgottenRow>;

const forgottenRows = z.object({
  /** Key of the digests, in hexadecimal digits. */
  key: z.string(),
  /** By digest. */
  rows: z.record(z.string(), forgottenRow),
});
export type ForgottenRows = z.infer<typeof forgottenRows>;

export async function readForgottenRows(store: Pick<ReadableStore, 'get'>): Promise<ForgottenRows | undefined> {
  return (await readJson(store, forgottenKey, forgottenRows))?.value;
}

/**
 * @param change returns the new value, or undefined to leave it as it is
 * @param newKey used if there is no key yet
 */
export function updateForgottenRows(
  store: ObjectStore,
  change: (value: ForgottenRows) => ForgottenRows | undefined,
  newKey = '',
): Promise<ForgottenRows> {
  return updateJson(store, forgottenKey, forgottenRows, { key: newKey, rows: {} }, change);
}

export function digestOf(key: string, subject: Subject): string {
  return createHmac('sha256', key).update(subjectKey(subject)).digest('base64url');
}

/** The row, after the API gave it: nothing that was found earlier counts any more. */
export function givenAgain({ stream, at, given }: ForgottenRow, when: string): ForgottenRow {
  return { stream, at, given: given !== undefined && Date.parse(given) > Date.parse(when) ? given : when };
}

/** The absence with one more request. Requests can arrive in any order, and repeatedly. */
export function extended(known: Absence | undefined, at: string): Absence {
  if (!known) return { since: at, last: at };
  const times = [known.since, known.last, at].toSorted((one, other) => Date.parse(one) - Date.parse(other));
  return { since: times[0] ?? at, last: times[2] ?? at };
}

/** True if the first and the last request are this far apart. */
export function lasts({ since, last }: Absence, milliseconds: number): boolean {
  return Date.parse(last) - Date.parse(since) >= milliseconds;
}
