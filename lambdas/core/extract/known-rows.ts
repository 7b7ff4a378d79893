/** Rows that a task reads but does not store: an earlier reading stored them, or `ops forget` has erased the person. */

import type { Stream } from '../../contract/stream.ts';
import { type Forgotten, withoutForgotten } from '../rows/forgotten.ts';
import { HashSet } from '../rows/hash-set.ts';
import { ChunkLog } from '../rows/chunk-log.ts';
import { contentOf, isRow } from '../rows/raw-line.ts';
import type { ExtractMessage } from '../../contract/messages.ts';
import type { ObjectStore } from '../ports.ts';
import { firstReadingOf } from '../runs/second-reading.ts';
import type { Page } from './read-list.ts';

/** For a task that reads a list a second time: the rows that the first reading stored. Otherwise undefined. */
export async function readKnownRows({ runId, task }: ExtractMessage, store: ObjectStore): Promise<HashSet | undefined> {
  const first = firstReadingOf(task);
  if (first === undefined) return undefined;
  const log = new ChunkLog(store, task.stream, runId, first);
  const chunks = await log.chunks();
  const known = new HashSet(chunks.reduce((sum, { mark }) => sum + mark.rows, 0));
  for (const { sequence } of chunks)
    for await (const line of log.eachLine(sequence)) if (isRow(line)) known.add(contentOf(line));
  return known;
}

/** The pages without rows of persons whom `ops forget` has erased. */
export async function* withoutForgottenRows(
  pages: AsyncIterable<Page>,
  stream: Stream,
  forgotten: Forgotten,
): AsyncGenerator<Page> {
  for await (const { lines, next } of pages) yield { lines: withoutForgotten(stream, lines, forgotten), next };
}

export async function* withoutKnown(pages: AsyncIterable<Page>, known: HashSet | undefined): AsyncGenerator<Page> {
  for await (const { lines, next } of pages)
    yield { lines: known ? lines.filter((line) => !isRow(line) || !known.has(contentOf(line))) : lines, next };
}
