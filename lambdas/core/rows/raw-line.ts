import { type RawLineMeta, rawLineMeta } from '../../contract/run.ts';
import { valueEnd } from './json-slices.ts';

/**
 * One line of a raw chunk: `{"request_id":…,"extracted_at":…,"parent":…,"row":<text>,"detail":<text>}`.
 * `row` is the API's own text; only line breaks between its tokens are taken out, so that a row is a line.
 */

export interface RawLine {
  readonly meta: RawLineMeta;
  /** JSON text of the row, as the API wrote it. */
  readonly row: string;
  /** JSON text of the second answer, for streams that have one. */
  readonly detail: string | undefined;
}

/** Neither can stand inside a JSON string, where a quote has a backslash before it. */
const rowStart = ',"row":';
const detailStart = ',"detail":';

export function formatRawLine(meta: RawLineMeta, row: string, detail?: string): string {
  const head = JSON.stringify(meta).slice(0, -1);
  return `${head}${rowStart}${oneLine(row)}${detail === undefined ? '' : detailStart + oneLine(detail)}}`;
}

/** @throws Error where the line was not written by {@link formatRawLine} */
export function parseRawLine(line: string): RawLine {
  const headEnd = line.indexOf(rowStart);
  if (headEnd === -1) throw new Error('This is not a line of a raw chunk: it has no "row".');
  const meta = rawLineMeta.parse(JSON.parse(`${line.slice(0, headEnd)}}`));
  const start = headEnd + rowStart.length;
  const end = valueEnd(line, start);
  const detail = line.startsWith(detailStart, end) ? line.slice(end + detailStart.length, -1) : undefined;
  return { meta, row: line.slice(start, end), detail };
}

/** A line break in valid JSON stands between tokens only: inside a string it is escaped. */
function oneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replaceAll(/[\r\n]+/g, ' ') : json;
}
