import type { Stream } from '../../contract/stream.ts';
import { chunkBytes, linesOf } from '../rows/chunk-file.ts';
import { packLines } from '../rows/packed-lines.ts';
import { formatForgottenRow, isRow, parseRawLine } from '../rows/raw-line.ts';
import { subjectsOfLine } from '../rows/subjects.ts';
import type { Matcher } from './persons.ts';

export interface ChangedChunk {
  readonly body: Uint8Array;
  readonly removed: number;
  readonly changed: number;
}

/**
 * Removes the rows of the persons from a raw chunk. A line that marks the removal replaces each row, so that the other
 * lines keep their numbers. @returns undefined if no line changed
 */
export function forgetInChunk(
  key: string,
  body: Uint8Array,
  stream: Stream,
  matcher: Matcher,
  day: string,
): ChangedChunk | undefined {
  const bytes = chunkBytes(key, body);
  if (!matcher.mayStandIn(bytes)) return undefined;
  const lines = linesOf(bytes);
  let [removed, changed] = [0, 0];
  const after = lines.map((line) => {
    if (isRow(line) && subjectsOfLine(stream, parseRawLine(line)).some((subject) => matcher.has(subject))) {
      removed += 1;
      return formatForgottenRow(day);
    }
    const clean = matcher.withoutQuotes(line);
    if (clean !== line) changed += 1;
    return clean;
  });
  return removed + changed === 0 ? undefined : { body: packLines(after).gzipped(), removed, changed };
}
