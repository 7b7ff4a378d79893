import { createHash } from 'node:crypto';
import { z } from 'zod';
import { seenKey } from '../../contract/object-keys.ts';
import type { ObjectStore } from '../ports.ts';
import { readJson, writeJson } from '../store/stored-json.ts';

/**
 * Rows near the end of a window, by id: the digest of the API's text and the row's time. The next
 * window overlaps this one; with this it tells rows that come again unchanged from those that changed.
 */
export type SeenRows = Map<string, [digest: string, time: number]>;
const storedRows = z.record(z.string(), z.tuple([z.string(), z.number()]));

/** Over this many, none are kept: rows of the overlap then stand twice in the history, which the current view folds. */
const maxSeenRows = 20_000;

export interface RowFingerprint {
  readonly id: string;
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export function fingerprint(id: string, row: string, time: number): RowFingerprint {
  return { id, time, digest: createHash('sha256').update(row).digest('base64url').slice(0, 22) };
}

export function hasSeen(seen: SeenRows, row: RowFingerprint): boolean {
  return seen.get(row.id)?.[0] === row.digest;
}

export async function readSeenRows(store: ObjectStore, runId: string, stream: string): Promise<SeenRows> {
  const stored = await readJson(store, seenKey(runId, stream), storedRows);
  return new Map(Object.entries(stored?.value ?? {}));
}

/** @param from time of the oldest row that the next window can give again, in milliseconds since the epoch */
export async function writeSeenRows(
  store: ObjectStore,
  runId: string,
  stream: string,
  rows: SeenRows,
  from: number,
): Promise<void> {
  const kept = [...rows].filter(([, [, time]]) => time >= from);
  if (kept.length > maxSeenRows) return;
  await writeJson(store, seenKey(runId, stream), Object.fromEntries(kept));
}
