/** A second reading of a list lands only the rows that the first one did not. */

import { KeyHashSet } from '../current/key-hash-set.ts';
import { ChunkLog } from '../rows/chunk-log.ts';
import { contentOf, isRow } from '../rows/raw-line.ts';
import type { ExtractMessage } from '../../contract/messages.ts';
import type { ObjectStore } from '../ports.ts';
import type { Page } from './read-list.ts';

/** The rows that the task's first reading landed; undefined if the task is no second reading. */
export async function readKnownRows(
  { runId, task: { stream, selection } }: ExtractMessage,
  store: ObjectStore,
): Promise<KeyHashSet | undefined> {
  if (!('again' in selection) || selection.again === undefined) return undefined;
  const known = new KeyHashSet();
  const log = new ChunkLog(store, stream, runId, selection.again);
  for (const { sequence } of await log.chunks())
    for (const line of await log.lines(sequence)) if (isRow(line)) known.add(contentOf(line));
  return known;
}

export async function* withoutKnown(pages: AsyncIterable<Page>, known: KeyHashSet | undefined): AsyncGenerator<Page> {
  for await (const { lines, next } of pages)
    yield { lines: known ? lines.filter((line) => !isRow(line) || !known.has(contentOf(line))) : lines, next };
}
