import { PagingGuard, type Place } from '../api/paging-guard.ts';
import type { Stream } from '../../contract/stream.ts';
import { ExpiredCursorError, MalformedAnswerError, NotFoundError } from '../errors.ts';
import type { ApiAnswer } from '../ports.ts';
import type { Position } from '../rows/chunk-log.ts';
import { sliceList, sliceObject } from '../rows/json-slices.ts';
import type { ByteText } from '../rows/charsets.ts';
import { decodeRow } from '../rows/row-bytes.ts';
import { formatOutcome, formatRawLine, parseOutcome, parseRawLine } from '../rows/raw-line.ts';
import { RowNumbering } from '../rows/row-numbering.ts';
import { idOf } from '../rows/row-ids.ts';
import { inBatches } from '../store/in-batches.ts';
import { ask, askForPage, type Item, type ListReading } from './ask-page.ts';

/** One page of the API as lines of a raw chunk. */
export interface Page {
  readonly lines: readonly string[];
  /** The position after this page. */
  readonly next: Position;
}

/**
 * Reads the pages of one list from a position on. If the API no longer knows a later page, its cursor has expired, and
 * the list is read again from the beginning, once.
 * @param first the answer for the first page, if it has already arrived
 * @param positionAfterList where reading continues once the list is at its end
 * @throws NotFoundError if the first page is not found
 */
export async function* readList(
  reading: ListReading,
  parent: Item,
  { from, positionAfterList, first }: { from: Position; positionAfterList: Position; first?: ApiAnswer | undefined },
): AsyncGenerator<Page> {
  try {
    yield* readOnce(reading, parent, { from, positionAfterList, first });
  } catch (error) {
    if (!(error instanceof ExpiredCursorError)) throw error;
    yield* readOnce(reading, parent, {
      from: { item: from.item, cursor: null, pages: 0 },
      positionAfterList,
      first: undefined,
    });
  }
}

async function* readOnce(
  reading: ListReading,
  parent: Item,
  { from, positionAfterList, first }: { from: Position; positionAfterList: Position; first: ApiAnswer | undefined },
): AsyncGenerator<Page> {
  const { stream, memory, pageSize } = reading;
  const guard = new PagingGuard(stream.name, memory, from, stream.limit ? pageSize : undefined);
  const numbering = await numberingOf(reading, parent, from);
  let firstAnswer = from.cursor === null ? first : undefined;
  const nextPage = async (): Promise<{ lines: readonly string[]; next: Place | undefined }> => {
    const answer = firstAnswer ?? (await askForPage(reading, parent, guard.place.cursor));
    firstAnswer = undefined;
    const { rows, pagination, goesOn } = sliced(sliceList, answer, stream, stream.path);
    const mayRepeat = rows.length > 0 && numbering?.hasHad(rows.map(decodeRow)) === true;
    const lines = await linesOf(reading, answer, rows, parent, numbering);
    if (mayRepeat) numbering?.hold(lines);
    const { held } = numbering ?? {};
    const ids = numbering ? [] : rows.map(idOf);
    const next = guard.advance({ rows, ids, pagination, goesOn, askedAt: answer.askedAt, held });
    if (next && mayRepeat) return { lines: [formatOutcome({ item: parent ?? '', held: lines })], next };
    if (next && rows.length === 0) return { lines, next };
    const released = numbering?.release() ?? [];
    return { lines: mayRepeat ? released : [...released, ...lines], next };
  };
  for (;;) {
    // Keep no reference to the answer while its lines are stored: it may take a large part of the memory.
    const { lines, next } = await nextPage();
    yield { lines, next: next ? { item: from.item, ...next } : positionAfterList };
    if (!next) return;
  }
}

/** What the answer holds. @throws MalformedAnswerError that names the path and the request */
function sliced<T>(slice: (body: ByteText) => T, answer: ApiAnswer, { name }: Stream, path: string): T {
  try {
    return slice(answer.body);
  } catch (error) {
    if (!(error instanceof MalformedAnswerError)) throw error;
    throw new MalformedAnswerError(
      `${error.message} It was asked for ${path}. Report it to the vendor if this lasts; until it is mended, leave the table out with streams in the configuration.`,
      { stream: name, requestId: answer.requestId, cause: error },
    );
  }
}

async function numberingOf(
  { stream: { numbered }, landedLines }: ListReading,
  parent: Item,
  from: Position,
): Promise<RowNumbering | undefined> {
  if (!numbered) return undefined;
  const landed = from.cursor === null ? [] : ((await landedLines?.()) ?? []);
  const isOwn = (line: string) => (parseOutcome(line)?.item ?? parseRawLine(line).meta.parent) === parent;
  return new RowNumbering(numbered.within, landed.filter(isOwn));
}

/** The raw line of the one row that a singleton, or a request by id, returned. */
export async function lineOf(reading: ListReading, answer: ApiAnswer): Promise<readonly string[]> {
  return linesOf(
    reading,
    answer,
    [sliced(sliceObject, answer, reading.stream, reading.stream.byId ?? reading.stream.path).row],
    undefined,
  );
}

async function linesOf(
  reading: ListReading,
  answer: ApiAnswer,
  rows: readonly ByteText[],
  parent: Item,
  numbering?: RowNumbering,
): Promise<string[]> {
  const meta = {
    request_id: answer.requestId,
    extracted_at: answer.askedAt.toISOString(),
    ...(parent === undefined ? {} : { parent }),
  };
  if (!reading.stream.detail)
    return rows.map((bytes) => {
      const row = decodeRow(bytes);
      return formatRawLine(numbering ? { ...meta, position: numbering.numberOf(row) } : meta, row);
    });
  return inBatches(rows, async (bytes) => {
    const row = decodeRow(bytes);
    return formatRawLine(meta, row, await detailOf(reading, row));
  });
}

/** The answer to the request for a row's details; undefined if the row is not found or has no usable id. */
async function detailOf(reading: ListReading, row: string): Promise<string | undefined> {
  const { detail } = reading.stream;
  const id = detail ? idOf(row) : undefined;
  if (!detail || id === undefined) return undefined;
  try {
    return decodeRow(sliced(sliceObject, await ask(reading, detail.path, id), reading.stream, detail.path).row);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
