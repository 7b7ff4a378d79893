/** Changes one object of `raw/`, `lake/`, `runs/` or `state/`, or the page. */

import { gzipSync } from 'node:zlib';
import { localPageKey, pageKey, prefixes } from '../../contract/object-keys.ts';
import type { StoredObject } from '../ports.ts';
import { jsonOf } from '../store/stored-json.ts';
import type { Change } from './change.ts';
import { changeFile } from './history-file.ts';
import type { Matcher } from './persons.ts';
import { forgetInChunk } from './raw-chunk.ts';

export interface ChangedObject {
  /** Undefined if nothing is left of the object: it is then deleted. */
  readonly body: Uint8Array | undefined;
  /** Undefined if the metadata stays as it is. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly removed: number;
  readonly changed: number;
}

/** @returns undefined if the object stays as it is @throws DamagedObjectError */
export async function changeObject(
  key: string,
  { body, metadata }: Pick<StoredObject, 'body' | 'metadata'>,
  change: Change,
): Promise<ChangedObject | undefined> {
  const { matcher, day, tables, streams } = change;
  const [, folder = ''] = key.split('/');
  if (key.startsWith(prefixes.lake)) {
    const table = tables.get(folder);
    return table && key.endsWith('.parquet') ? changeFile(key, body, table, change) : undefined;
  }
  if (!matcher) return undefined;
  if (key.startsWith(prefixes.raw)) {
    const stream = streams.get(folder);
    if (!stream) return undefined;
    if (!key.endsWith('.ndjson.gz')) return forgetInCursor(body, matcher);
    return withMetadata(forgetInChunk(key, body, stream, matcher, day), { body, metadata }, matcher);
  }
  // The page is deleted: of a folder, the command writes it again, and of a deployment the next run.
  if (key === pageKey || key === localPageKey)
    return matcher.mayStandIn(body) ? { body: undefined, removed: 0, changed: 1 } : undefined;
  return forgetInJson(key, body, matcher);
}

/**
 * A cursor can hold the id of the last row before it. If that id is removed, the API refuses the cursor, and the list
 * is read again.
 */
function forgetInCursor(body: Uint8Array, matcher: Matcher): ChangedObject | undefined {
  const cursor = new TextDecoder().decode(body);
  if (!matcher.isQuotedIn(cursor)) return undefined;
  return { body: new TextEncoder().encode(matcher.withoutQuotes(cursor)), removed: 0, changed: 1 };
}

/** Changes the metadata of a chunk too, because it holds a cursor. */
function withMetadata(
  changed: ChangedObject | undefined,
  { body, metadata }: Pick<StoredObject, 'body' | 'metadata'>,
  matcher: Matcher,
): ChangedObject | undefined {
  if (!Object.values(metadata).some(matcher.isQuotedIn)) return changed;
  const after: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) after[name] = matcher.withoutQuotes(value);
  return { removed: 0, changed: 1, body, ...changed, metadata: after };
}

function forgetInJson(key: string, body: Uint8Array, matcher: Matcher): ChangedObject | undefined {
  if (body.byteLength === 0) return undefined;
  const value = jsonOf(key, body);
  const after = JSON.stringify(matcher.withoutQuotesIn(value));
  if (after === JSON.stringify(value)) return undefined;
  return { body: key.endsWith('.gz') ? gzipSync(after) : new TextEncoder().encode(after), removed: 0, changed: 1 };
}
