import type { Selection } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { AnswerTooLargeError, NotFoundError, RateLimitedError, RequestRefusedError } from '../errors.ts';
import type { ApiAnswer } from '../ports.ts';
import type { Position } from '../rows/chunk-log.ts';
import { sliceObject } from '../rows/json-slices.ts';
import { formatOutcome } from '../rows/raw-line.ts';
import { decodeRow } from '../rows/row-bytes.ts';
import { idOf } from '../rows/row-ids.ts';
import { Failures, isOfAll } from './failed-items.ts';
import { createLookahead, type Settled } from './lookahead.ts';
import { ask, askForPage, type Item, type ListReading } from './ask-page.ts';
import { lineOf, type Page, readList } from './read-list.ts';
import { anotherIndex, doesAnotherAnswer, isSuspect, type Refused, refusedAlone } from './refusals.ts';

export const start: Position = { item: 0, cursor: null, pages: 0 };

export interface Reading extends Omit<ListReading, 'window'> {
  readonly selection: Selection;
  /** Most requests in flight at once, if the API can take as many. */
  readonly inFlight: number;
  /** The item and page for which earlier messages of the task were refused, and how often. */
  readonly refused?: Refused;
}

/** With less time than this left in the invocation, no item is requested before its turn. */
const lookaheadMilliseconds = 60_000;
/** A path that shows whether the API answers at all. */
const anyAnswer = '/me';
/** Most bytes of an answer that is requested before its turn: several such answers are in memory at once. */
const maxAheadBytes = 2 * 1024 * 1024;

export function isFinished(selection: Selection, position: Position): boolean {
  return position.item >= itemsOf(selection).length;
}

function itemsOf(selection: Selection): readonly Item[] {
  if (selection.kind === 'children') return selection.parents;
  return selection.kind === 'ids' ? selection.ids : [undefined];
}

/**
 * Reads the pages of a selection from a position on. A parent or id that is not found, or that fails alone, yields a
 * line that says so, and reading continues.
 * @throws PagingError if paging cannot end
 * @throws PipelineError from the API port
 */
export async function* readSelection(reading: Reading, from: Position): AsyncGenerator<Page> {
  const { selection } = reading;
  const listing: ListReading = { ...reading, window: selection.kind === 'list' ? selection.window : undefined };
  if (selection.kind === 'children' || selection.kind === 'ids') yield* readItems(reading, listing, from);
  else if (reading.stream.shape === 'single') {
    const answer = await ask(reading, reading.stream.path, undefined);
    yield { lines: await lineOf(listing, answer), next: { ...start, item: 1 } };
  } else
    yield* readList(listing, undefined, {
      from: firstPosition(selection, from),
      positionAfterList: { ...start, item: 1 },
    });
}

/**
 * The position at which a task begins. If an earlier run stopped in the middle of the list, the task begins there.
 */
function firstPosition(selection: Selection, from: Position): Position {
  const resume = selection.kind === 'list' && from.cursor === null && from.pages === 0 ? selection.resume : undefined;
  return resume ? { item: 0, ...resume } : from;
}

async function* readItems(reading: Reading, listing: ListReading, from: Position): AsyncGenerator<Page> {
  const items = itemsOf(reading.selection);
  const mayAsk = () => reading.deadline.remainingMilliseconds() > lookaheadMilliseconds;
  const first = (item: Item) => firstAnswer({ ...listing, maxBytes: maxAheadBytes }, reading.selection, item);
  const answerOf = createLookahead(items, first, {
    most: () => Math.min(reading.inFlight, reading.api.inFlight ?? reading.inFlight),
    mayAsk,
    bytesOf: ({ body }) => body.length,
  });
  const failures = new Failures(from.item > 0);
  /** Requests the last item, as a test. If it answers, the API works, and the failed items are the cause. */
  const doesLastAnswer = async (index: number): Promise<boolean> => {
    if (index >= items.length - 1) return false;
    try {
      await first(items.at(-1));
    } catch (error) {
      if (isOfAll(error)) throw error;
      if (!isMissing(error, reading.selection)) return false;
    }
    failures.blameItems();
    return true;
  };
  const askAnother = async (index: number) => {
    const another = anotherIndex(reading.refused, index, items.length);
    return another === undefined ? ask(listing, anyAnswer, undefined) : first(items[another]);
  };
  for (let index = from.item; index < items.length; index += 1) {
    const item = items[index] ?? '';
    const following: Position = { ...start, item: index + 1 };
    const position = index === from.item ? from : { ...start, item: index };
    let isOnlyOne = false;
    try {
      if (isSuspect(reading.refused, position)) isOnlyOne = await doesAnotherAnswer(() => askAnother(index));
      const settled = position.cursor === null ? await answerOf(index) : undefined;
      const answer = settled && (await valueOrRetryAlone(settled, () => firstAnswer(listing, reading.selection, item)));
      let { pages } = position;
      for await (const page of readItem(listing, reading.selection, item, {
        from: position,
        positionAfterList: following,
        first: answer,
      })) {
        pages += 1;
        const isLast = page.next === following && pages > 1;
        const lines = isLast ? [...page.lines, formatOutcome({ item, pages })] : page.lines;
        yield failures.prependTo({ ...page, lines });
      }
    } catch (error) {
      if (isMissing(error, reading.selection))
        yield failures.prependTo({ lines: [formatOutcome({ item, failure: null })], next: following });
      else if (isOnlyOne && error instanceof RateLimitedError && error.status !== undefined) {
        const failure = refusedAlone(reading.stream.name, error);
        yield failures.prependTo({ lines: [formatOutcome({ item, failure })], next: following });
      } else if (failures.add(item, error, following) && !(await doesLastAnswer(index))) throw error;
    }
  }
  const rest = failures.rest();
  if (rest) yield rest;
}

/**
 * True if a parent or id does not exist. If a request by id is redirected, the row was merged into another one, so it
 * is missing. A redirected list is not missing: a list may redirect anywhere.
 */
function isMissing(error: unknown, { kind }: Selection): boolean {
  return error instanceof NotFoundError || (kind === 'ids' && error instanceof RequestRefusedError && error.isMoved);
}

/** Returns the answer for an item. If it is too large to be held beside others, requests it once more, alone. */
async function valueOrRetryAlone(settled: Settled<ApiAnswer>, ask: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  if ('value' in settled) return settled.value;
  if (settled.error instanceof AnswerTooLargeError) return ask();
  throw settled.error;
}

async function firstAnswer(
  listing: ListReading & { maxBytes?: number },
  selection: Selection,
  item: Item,
): Promise<ApiAnswer> {
  return selection.kind === 'ids' ? ask(listing, byIdPath(listing.stream), item) : askForPage(listing, item, null);
}

async function* readItem(
  listing: ListReading,
  selection: Selection,
  item: string,
  at: { from: Position; positionAfterList: Position; first: ApiAnswer | undefined },
): AsyncGenerator<Page> {
  if (selection.kind !== 'ids' || !at.first) yield* readList(listing, item, at);
  else {
    const lines = await lineOf(listing, at.first);
    const missing = isOfOther(at.first, item) ? [formatOutcome({ item, failure: null })] : [];
    yield { lines: [...lines, ...missing], next: at.positionAfterList };
  }
}

/** True if the API answered with another row: the one into which the requested row was merged. */
function isOfOther({ body }: ApiAnswer, id: string): boolean {
  const given = idOf(decodeRow(sliceObject(body).row));
  // Some APIs accept an id in upper or lower case.
  return given !== undefined && given.toLowerCase() !== id.toLowerCase();
}

function byIdPath(stream: Stream): string {
  if (!stream.byId) throw new RangeError(`${stream.name} cannot be read by id: the contract has no path for it.`);
  return stream.byId;
}
