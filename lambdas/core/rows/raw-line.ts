/**
 * A line of a raw chunk is a row, `{"request_id":…,"extracted_at":…,"parent":…,"row":<text>,"detail":<text>}`, or the
 * outcome of a parent or id. `row` is the API's own text, except that line breaks between its tokens become spaces, so
 * that a row is one line.
 */

import { z } from 'zod';
import { type Failure, failure } from '../../contract/run.ts';
import { valueEnd } from './json-slices.ts';

/** What a line of a raw chunk says about its row. The line's `row` is the API's own text. */
const rawLineMeta = z.object({
  request_id: z.string().nullable(),
  extracted_at: z.iso.datetime(),
  /** Id of the parent, for streams that have one. */
  parent: z.string().optional(),
  /** Position of the row in its list, for streams whose rows are numbered. */
  position: z.number().int().nonnegative().optional(),
});
type RawLineMeta = Readonly<z.infer<typeof rawLineMeta>>;

export interface RawLine {
  readonly meta: RawLineMeta;
  /** JSON text of the row, as the API wrote it. */
  readonly row: string;
  /** JSON text of the answer to the request for details, for streams that make one. */
  readonly detail: string | undefined;
}

/**
 * Marks where the row and its detail begin. Neither mark can occur inside a JSON string, where a quote has a backslash
 * before it.
 */
const rowStart = ',"row":';
const detailStart = ',"detail":';

export function formatRawLine(meta: RawLineMeta, row: string, detail?: string): string {
  const head = JSON.stringify(meta).slice(0, -1);
  const parts = [head, rowStart, oneLine(row), ...(detail === undefined ? [] : [detailStart, oneLine(detail)]), '}'];
  // Text that is concatenated with `+` keeps its parts in memory too, and a page has many rows.
  return parts.join('');
}

/** Splits a line that is a row. @throws Error if the line was not written by {@link formatRawLine} */
export function parseRawLine(line: string): RawLine {
  const headEnd = line.indexOf(rowStart);
  if (headEnd === -1) throw new Error('This is not a line of a raw chunk: it has no "row".');
  const meta = metaOf(line, headEnd);
  const start = headEnd + rowStart.length;
  const end = valueEnd(line, start);
  const detail = line.startsWith(detailStart, end) ? line.slice(end + detailStart.length, -1) : undefined;
  return { meta, row: line.slice(start, end), detail };
}

/** The last head (a line's part before the row), parsed. All rows of a page have the same head. */
let last: { readonly head: string; readonly meta: RawLineMeta } | undefined;

function metaOf(line: string, headEnd: number): RawLineMeta {
  const head = line.slice(0, headEnd);
  if (last?.head !== head) last = { head, meta: rawLineMeta.parse(JSON.parse(`${head}}`)) };
  return last.meta;
}

/** The id of the row's parent and the row's text. Two lines with the same version of a row have the same content. */
export function contentOf(line: string): string {
  const headEnd = line.indexOf(rowStart);
  const { parent = '' } = metaOf(line, headEnd);
  return parent + line.slice(headEnd);
}

/** What the requests for a parent or id gave besides rows. */
export type ItemOutcome =
  /** It was requested and returned no rows. `failure` is null if the API answered 404 or 410. */
  | { readonly item: string; readonly failure: Failure | null }
  /** The list of this parent took several pages. */
  | { readonly item: string; readonly pages: number }
  /** Lines of a page that may repeat an earlier one. They become rows only when the list goes on after them, or ends. */
  | { readonly item: string; readonly held: readonly string[] }
  /** The line was a row that was removed to forget a person on this day. It keeps the numbers of the lines below. */
  | { readonly item: string; readonly forgottenOn: string }
  /** A row was left out that belongs to the forgotten row with this digest. */
  | { readonly item: string; readonly dropped: string };

const item = z.string();
const itemOutcome = z.union([
  z.object({ item, failure: failure.nullable() }),
  z.object({ item, pages: z.number() }),
  z.object({ item, held: z.array(z.string()) }),
  z.object({ item, forgottenOn: z.iso.date() }),
  z.object({ item, dropped: z.string() }),
]);
const outcomeStart = '{"item":';

export function formatOutcome(outcome: ItemOutcome): string {
  const { item, ...what } = outcome;
  return JSON.stringify({ item, ...what });
}

/** The outcome that a line holds; undefined if the line is a row. */
export function parseOutcome(line: string): ItemOutcome | undefined {
  return line.startsWith(outcomeStart) ? itemOutcome.parse(JSON.parse(line)) : undefined;
}

export function isRow(line: string): boolean {
  return !line.startsWith(outcomeStart);
}

/** The line that replaces the row of a person who is forgotten. @param day UTC day, as `YYYY-MM-DD` */
export function formatForgottenRow(day: string): string {
  return formatOutcome({ item: '', forgottenOn: day });
}

/** The line that stands for all rows of a page that belong to a forgotten row. */
export function formatDropped(digest: string): string {
  return formatOutcome({ item: '', dropped: digest });
}

/** The UTC day on which the row of this line was forgotten; undefined for any other line. */
export function forgottenOn(line: string): string | undefined {
  const outcome = parseOutcome(line);
  return outcome && 'forgottenOn' in outcome ? outcome.forgottenOn : undefined;
}

/** Replaces line breaks by spaces. In valid JSON, they occur only between tokens: inside a string they are escaped. */
function oneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replaceAll(/[\r\n]+/g, ' ') : json;
}
