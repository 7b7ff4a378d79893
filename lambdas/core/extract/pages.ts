import type { Selection } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { NotFoundError } from '../errors.ts';
import { sliceList, sliceSingle } from '../rows/json-slices.ts';
import { type ListingMemory, PagingGuard } from './paging-guard.ts';
import type { Api, ApiAnswer, Clock, Deadline } from '../ports.ts';
import { formatRawLine } from '../rows/raw-line.ts';
import type { Position } from '../rows/chunk-log.ts';
import { rowFacts } from '../rows/row-facts.ts';

export const start: Position = { item: 0, cursor: null, pages: 0 };

export interface Page {
  /** Lines of a raw chunk. */
  readonly lines: readonly string[];
  readonly next: Position;
  /** 1 where the item answered 404. */
  readonly gone: number;
}

export interface Reading {
  readonly stream: Stream;
  readonly selection: Selection;
  readonly api: Api;
  readonly deadline: Deadline;
  readonly clock: Clock;
  /** `limit`, where the contract documents it. */
  readonly pageSize: number;
  /** Of the listing under way; shared by the chunks of one invocation. */
  readonly memory: ListingMemory;
}

type Item = string | undefined;

function itemsOf(selection: Selection): readonly Item[] {
  if (selection.kind === 'children') return selection.parents;
  return selection.kind === 'ids' ? selection.ids : [undefined];
}

export function isFinished(selection: Selection, position: Position): boolean {
  return position.item >= itemsOf(selection).length;
}

/**
 * Reads the pages of a selection, from a position on.
 * @throws PagingError where paging cannot end
 * @throws PipelineError as the API port does; a 404 of a child, an id or a singleton is counted instead
 */
export async function* readPages(reading: Reading, from: Position): AsyncGenerator<Page> {
  const items = itemsOf(reading.selection);
  for (let index = from.item; index < items.length; index += 1) {
    const position = index === from.item ? from : { ...start, item: index };
    yield* readItem(reading, items[index], position);
  }
}

async function* readItem(reading: Reading, item: Item, from: Position): AsyncGenerator<Page> {
  const { stream, selection } = reading;
  const following: Position = { item: from.item + 1, cursor: null, pages: 0 };
  try {
    if (selection.kind === 'ids' || stream.shape === 'single') {
      const answer = await request(reading, selection.kind === 'ids' ? byIdPath(stream) : stream.path, item, {});
      yield {
        lines: await linesOf(reading, answer, [sliceSingle(answer.text).row], undefined),
        next: following,
        gone: 0,
      };
    } else {
      yield* readList(reading, item, from, following);
    }
  } catch (error) {
    // Deleted since it was listed. The 404 of a whole list is a failure.
    if (!(error instanceof NotFoundError) || selection.kind === 'list') throw error;
    const lines = selection.kind === 'ids' && item !== undefined ? [tombstone(item, error, reading)] : [];
    yield { lines, next: following, gone: 1 };
  }
}

/** A row that was asked for by its id and is gone: the lake had better know. */
function tombstone(id: string, { requestId }: NotFoundError, { clock }: Reading): string {
  const now = clock.now().toISOString();
  return formatRawLine({ request_id: requestId, extracted_at: now, deleted_at: now }, JSON.stringify({ id }));
}

async function* readList(reading: Reading, parent: Item, from: Position, following: Position): AsyncGenerator<Page> {
  const guard = new PagingGuard(reading.stream.name, reading.memory, from);
  for (;;) {
    const answer = await request(reading, reading.stream.path, parent, listQuery(reading, guard.position.cursor));
    const { rows, pagination } = sliceList(answer.text);
    const next = guard.advance(rows, pagination);
    yield { lines: await linesOf(reading, answer, rows, parent), next: next ?? following, gone: 0 };
    if (!next) return;
  }
}

function listQuery({ stream, selection, pageSize }: Reading, cursor: string | null): Record<string, string | number> {
  const window = selection.kind === 'list' ? selection.window : undefined;
  return {
    ...(stream.limit ? { limit: pageSize } : {}),
    ...(stream.cursor && window?.after ? { [stream.cursor.afterParam]: window.after } : {}),
    ...(stream.cursor && window?.before ? { [stream.cursor.beforeParam]: window.before } : {}),
    ...(cursor === null ? {} : { cursor }),
  };
}

function byIdPath(stream: Stream): string {
  if (!stream.byId) throw new RangeError(`${stream.name} cannot be read by id: the contract has no path for it.`);
  return stream.byId;
}

async function request(
  reading: Reading,
  path: string,
  item: Item,
  query: Record<string, string | number>,
): Promise<ApiAnswer> {
  const { api, stream, deadline } = reading;
  const parameter = /\{(\w+)\}/.exec(path)?.[1];
  const pathParameters = parameter !== undefined && item !== undefined ? { [parameter]: item } : {};
  return api.get(path, { path: pathParameters, query }, { stream: stream.name, scope: stream.scope, deadline });
}

async function linesOf(reading: Reading, answer: ApiAnswer, rows: readonly string[], parent: Item): Promise<string[]> {
  const meta = {
    request_id: answer.requestId,
    extracted_at: answer.receivedAt.toISOString(),
    ...(parent === undefined ? {} : { parent }),
  };
  const lines: string[] = [];
  for (const row of rows) lines.push(formatRawLine(meta, row, await detailOf(reading, row)));
  return lines;
}

/** The second answer about a row, for streams that have one; undefined where the row is gone or has no usable id. */
async function detailOf(reading: Reading, row: string): Promise<string | undefined> {
  const { detail } = reading.stream;
  const id = detail ? rowFacts(reading.stream, row).id : undefined;
  if (!detail || id === undefined) return undefined;
  try {
    return sliceSingle((await request(reading, detail.path, id, {})).text).row;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
