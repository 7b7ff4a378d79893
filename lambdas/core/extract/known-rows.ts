/** Rows that a task reads but does not land. A second reading of a list lands only what the first one did not. */

import type { Stream } from '../../contract/stream.ts';
import { type Forgotten, withoutForgotten } from '../rows/forgotten.ts';
import { HashSet } from '../rows/hash-set.ts';
import { ChunkLog } from '../rows/chunk-log.ts';
import { contentOf, isRow } from '../rows/raw-line.ts';
import type { ExtractMessage } from '../../contract/messages.ts';
import type { ObjectStore } from '../ports.ts';
import { firstReadingOf } from '../runs/second-reading.ts';
import type { Page } from './read-list.ts';

/** The rows that the task's first reading landed; undefined if the task is no second reading. */
export async function readKnownRows({ runId, task }: ExtractMessage, store: ObjectStore): Promise<HashSet | undefined> {
  const first = firstReadingOf(task);
  if (first === undefined) return undefined;
  const known = new HashSet();
  const log = new ChunkLog(store, task.stream, runId, first);
  for (const { sequence } of await log.chunks())
    for (const line of await log.lines(sequence)) if (isRow(line)) known.add(contentOf(line));
  return known;
}

/** The pages without rows of persons who are forgotten. */
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
