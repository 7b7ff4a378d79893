/** What an answer says about whether its list goes on. */

import { z } from 'zod';
import { MalformedAnswerError } from '../errors.ts';

export interface Pagination {
  readonly nextCursor: string | null;
  /** Whether there are more pages; null if the answer does not say. */
  readonly hasMore: boolean | null;
}

const paginationSchema = z
  .object({ next_cursor: z.union([z.string(), z.number()]).nullish(), has_more: z.boolean().nullish() })
  .nullish();

/**
 * Parses the pagination of an answer.
 * @param cursorText gives the cursor as the API wrote it; called if the cursor is a number, because a large one loses
 * digits when it is parsed
 * @returns undefined if the value has neither of the two fields
 * @throws MalformedAnswerError if the value does not have the form in the API's OpenAPI document
 */
export function paginationOf(value: unknown, cursorText?: () => string | undefined): Pagination | undefined {
  const parsed = paginationSchema.safeParse(value);
  if (!parsed.success)
    throw new MalformedAnswerError(
      'The "pagination" of the API’s answer does not match the contract, so more pages may follow.',
    );
  const { next_cursor: cursor, has_more: hasMore } = parsed.data ?? {};
  if (cursor === undefined && hasMore === undefined) return undefined;
  const text = typeof cursor === 'number' && cursor !== 0 ? (cursorText?.() ?? String(cursor)) : cursor;
  return { nextCursor: typeof text === 'string' && text !== '' ? text : null, hasMore: hasMore ?? null };
}

/** Names under which APIs say that more pages follow, if they do not use `pagination`. */
const promises = /^(cursor|more|next(_?(page|cursor|token|link|url))?(_?(token|url))?|has_?(more|next)(_?page)?)$/i;
const totals = /^total(_?(count|results|records|items|rows))?$/i;
const pageTotals = /^(total_?pages|page_?count|last_?page)$/i;
const deepest = 3;

/**
 * True if an answer without the documented pagination says in another place, or by other names, that its first page is
 * not the whole list.
 * @param besides what the answer holds besides the list
 * @param rows number of rows in the list
 */
export function promisesMore(besides: unknown, rows: number, depth = 0): boolean {
  if (typeof besides !== 'object' || besides === null || depth > deepest) return false;
  return Object.entries(besides).some(([name, value]: [string, unknown]) => {
    if (promises.test(name) && isPromise(value)) return true;
    if (totals.test(name) && Number(value) > rows) return true;
    if (pageTotals.test(name) && Number(value) > 1) return true;
    return promisesMore(value, rows, depth + 1);
  });
}

function isPromise(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isPromise);
  return Boolean(value) && !/^(false|null|none|0)$/i.test(String(value));
}
