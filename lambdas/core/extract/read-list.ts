import type { Stream } from '../../contract/stream.ts';
import { ExpiredCursorError, NotFoundError } from '../errors.ts';
import type { Api, ApiAnswer, Deadline } from '../ports.ts';
import type { Position } from '../rows/chunk-log.ts';
import { sliceList, sliceSingle } from '../rows/json-slices.ts';
import { formatRawLine } from '../rows/raw-line.ts';
import { idOf } from '../rows/row-ids.ts';
import { inBatches } from '../store/in-batches.ts';
import { type ListingMemory, PagingGuard } from './paging-guard.ts';

/** One page of the API as lines of a raw chunk. */
export interface Page {
  readonly lines: readonly string[];
  /** Where reading goes on. */
  readonly next: Position;
}

export interface ListReading {
  readonly stream: Stream;
  readonly api: Api;
  readonly deadline: Deadline;
  /** `limit`, if the contract documents it. */
  readonly pageSize: number;
  readonly window: { readonly after?: string | undefined; readonly before?: string | undefined } | undefined;
  /** Of the listing under way; shared by the chunks of one invocation. */
  readonly memory: ListingMemory;
}

/** A parent, or undefined for the one list of a root. */
export type Item = string | undefined;

/**
 * Reads the pages of one list from a position on. If the API no longer knows a later page, its cursor has
 * expired, and the list is read again from the beginning, once.
 * @param first the answer about the first page, if it is there already
 * @param following position after the list
 * @throws NotFoundError if the first page is not found
 */
export async function* readList(
  reading: ListReading,
  parent: Item,
  { from, following, first }: { from: Position; following: Position; first?: ApiAnswer | undefined },
): AsyncGenerator<Page> {
  try {
    yield* readOnce(reading, parent, { from, following, first });
  } catch (error) {
    if (!(error instanceof ExpiredCursorError)) throw error;
    yield* readOnce(reading, parent, {
      from: { item: from.item, cursor: null, pages: 0 },
      following,
      first: undefined,
    });
  }
}

async function* readOnce(
  reading: ListReading,
  parent: Item,
  { from, following, first }: { from: Position; following: Position; first: ApiAnswer | undefined },
): AsyncGenerator<Page> {
  const guard = new PagingGuard(reading.stream.name, reading.memory, from);
  let answer = from.cursor === null ? first : undefined;
  for (;;) {
    answer ??= await askForPage(reading, parent, guard.position.cursor);
    const { rows, pagination } = sliceList(answer.text);
    const next = guard.advance(rows, pagination);
    const lines = await linesOf(reading, answer, rows, parent);
    yield { lines, next: next ?? following };
    if (!next) return;
    answer = undefined;
  }
}

/** @throws ExpiredCursorError if it is a later page, and is not found */
export async function askForPage(reading: ListReading, parent: Item, cursor: string | null): Promise<ApiAnswer> {
  const { stream, window, pageSize } = reading;
  const query = {
    ...(stream.limit ? { limit: pageSize } : {}),
    ...(stream.cursor && window?.after ? { [stream.cursor.afterParam]: window.after } : {}),
    ...(stream.cursor && window?.before ? { [stream.cursor.beforeParam]: window.before } : {}),
    ...(cursor === null ? {} : { cursor }),
  };
  try {
    return await ask(reading, stream.path, parent, query);
  } catch (error) {
    if (!(error instanceof NotFoundError) || cursor === null) throw error;
    throw new ExpiredCursorError(
      `The API no longer knew a later page of the list of ${stream.name}, also when the list was read once more. The next run reads it again; if it lasts, report it to the vendor.`,
      { stream: stream.name, requestId: error.requestId },
    );
  }
}

export async function ask(
  { api, stream, deadline }: Pick<ListReading, 'api' | 'stream' | 'deadline'>,
  path: string,
  item: Item,
  query: Record<string, string | number> = {},
): Promise<ApiAnswer> {
  const parameter = /\{(\w+)\}/.exec(path)?.[1];
  const pathParameters = parameter !== undefined && item !== undefined ? { [parameter]: item } : {};
  return api.get(path, { path: pathParameters, query }, { stream: stream.name, scope: stream.scope, deadline });
}

/** The one row of a singleton, or of an id. */
export async function lineOf(reading: ListReading, answer: ApiAnswer): Promise<readonly string[]> {
  return linesOf(reading, answer, [sliceSingle(answer.text).row], undefined);
}

async function linesOf(
  reading: ListReading,
  answer: ApiAnswer,
  rows: readonly string[],
  parent: Item,
): Promise<string[]> {
  const meta = {
    request_id: answer.requestId,
    extracted_at: answer.askedAt.toISOString(),
    ...(parent === undefined ? {} : { parent }),
  };
  if (!reading.stream.detail) return rows.map((row) => formatRawLine(meta, row));
  return inBatches(rows, async (row) => formatRawLine(meta, row, await detailOf(reading, row)));
}

/** The second answer about a row; undefined if the row is not found or has no usable id. */
async function detailOf(reading: ListReading, row: string): Promise<string | undefined> {
  const { detail } = reading.stream;
  const id = detail ? idOf(row) : undefined;
  if (!detail || id === undefined) return undefined;
  try {
    return sliceSingle((await ask(reading, detail.path, id)).text).row;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
