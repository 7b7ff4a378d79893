/** Parses an answer: the list or object in `data`, and the pagination and request id beside it. */

import { z } from 'zod';

const row = z.record(z.string(), z.unknown());
const listEnvelope = z.object({
  data: z.array(z.unknown()),
  pagination: z.unknown().optional(),
  request_id: z.unknown().optional(),
});
const singleEnvelope = z.object({ data: row, request_id: z.unknown().optional() });
const pagination = z.object({ next_cursor: z.union([z.string(), z.number()]).nullish(), has_more: z.boolean() });
const total = z.number().int().nonnegative();

export type Row = z.infer<typeof row>;

export interface Page {
  readonly rows: readonly Row[];
  /** Entries of the list that are not objects. */
  readonly notRows: number;
  /** Whether the answer says if more pages follow, and with which cursor. */
  readonly hasPagination: boolean;
  readonly hasMore: boolean;
  /** Undefined if there is no next page. */
  readonly cursor?: string;
  readonly hasRequestId: boolean;
  /** How many rows the list has, if the answer says it. */
  readonly total?: number;
}

/** @returns undefined if the answer has no `data` of this shape */
export function pageOf(shape: 'list' | 'single', json: unknown): Page | undefined {
  if (shape === 'single') {
    const one = singleEnvelope.safeParse(json);
    if (!one.success) return undefined;
    const { data, request_id: id } = one.data;
    return { rows: [data], notRows: 0, hasPagination: false, hasMore: false, hasRequestId: isId(id) };
  }
  const list = listEnvelope.safeParse(json);
  if (!list.success) return undefined;
  const rows = list.data.data.flatMap((value) => {
    const parsed = row.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
  const paging = pagination.safeParse(list.data.pagination);
  const cursor = paging.data?.next_cursor;
  const said = totalIn(list.data.pagination);
  return {
    rows,
    notRows: list.data.data.length - rows.length,
    hasPagination: paging.success,
    hasMore: paging.data?.has_more ?? false,
    ...(cursor === undefined || cursor === null ? {} : { cursor: String(cursor) }),
    hasRequestId: isId(list.data.request_id),
    ...(said === undefined ? {} : { total: said }),
  };
}

const isId = (value: unknown) => typeof value === 'string' && value !== '';

/** The number of all rows in the list, which some APIs report although the contract does not mention it. */
function totalIn(value: unknown): number | undefined {
  const fields = row.safeParse(value).data ?? {};
  const names = ['total', 'total_count', 'count_total', 'total_items'];
  return names.map((name) => total.safeParse(fields[name]).data).find((found) => found !== undefined);
}
