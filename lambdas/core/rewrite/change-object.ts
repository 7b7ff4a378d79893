/** Changes one object of `raw/`, `lake/`, `runs/` or `state/`. */

import { gunzipSync, gzipSync } from 'node:zlib';
import { prefixes } from '../../contract/object-keys.ts';
import type { Stream, Table } from '../../contract/stream.ts';
import type { StoredObject } from '../ports.ts';
import { changeFile } from './history-file.ts';
import type { Matcher } from './persons.ts';
import { forgetInChunk } from './raw-chunk.ts';
import type { RowChange } from './row-change.ts';

export interface ChangedObject {
  /** Undefined if nothing is left of the object: it is then deleted. */
  readonly body: Uint8Array | undefined;
  readonly removed: number;
  readonly changed: number;
}

/** What a rewrite does to the objects. */
export interface Change {
  readonly rows: RowChange;
  /** Whom to forget. Undefined: only rows of tables are changed, and `raw/` and records of runs stay as they are. */
  readonly matcher: Matcher | undefined;
  /** UTC day of the rewrite, as `YYYY-MM-DD`. */
  readonly day: string;
  /** Tables of the history by name. */
  readonly tables: ReadonlyMap<string, Table>;
  /** All streams by name. */
  readonly streams: ReadonlyMap<string, Stream>;
}

/** @returns undefined if the object stays as it is */
export async function changeObject(
  key: string,
  { body }: Pick<StoredObject, 'body'>,
  { rows, matcher, day, tables, streams }: Change,
): Promise<ChangedObject | undefined> {
  const [, folder = ''] = key.split('/');
  if (key.startsWith(prefixes.lake)) {
    const table = tables.get(folder);
    return table && key.endsWith('.parquet') ? changeFile(body, table, rows) : undefined;
  }
  if (!matcher) return undefined;
  if (key.startsWith(prefixes.raw)) {
    const stream = streams.get(folder);
    return stream && key.endsWith('.ndjson.gz') ? forgetInChunk(body, stream, matcher, day) : undefined;
  }
  return forgetInJson(key, body, matcher);
}

function forgetInJson(key: string, body: Uint8Array, matcher: Matcher): ChangedObject | undefined {
  const isPacked = key.endsWith('.gz');
  const text = new TextDecoder().decode(isPacked ? gunzipSync(body) : body);
  if (text === '') return undefined;
  const value: unknown = JSON.parse(text);
  const after = JSON.stringify(matcher.withoutQuotesIn(value));
  if (after === JSON.stringify(value)) return undefined;
  return { body: isPacked ? gzipSync(after) : new TextEncoder().encode(after), removed: 0, changed: 1 };
}
