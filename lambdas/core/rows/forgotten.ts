/**
 * Remembers which rows were forgotten, without their ids: a digest of each id under a key that only this workspace has.
 * See ADR 11: docs/adr/0011-forgotten-rows-leave-a-keyed-digest.md.
 */

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { forgottenKey } from '../../contract/object-keys.ts';
import { instant, streamName } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import type { ObjectStore, ReadableStore } from '../ports.ts';
import { readJson, updateJson } from '../store/stored-json.ts';
import { byteText, decodeUtf8, toUtf8 } from './charsets.ts';
import { isJson } from './json-slices.ts';
import { encodeId } from './row-ids.ts';
import { isRow, parseOutcome, parseRawLine } from './raw-line.ts';
import { type Subject, subjectKey, subjectsOfLine } from './subjects.ts';

const forgottenRows = z.object({
  /** Key of the digests, in hexadecimal digits. */
  key: z.string(),
  /** By digest: the table, and when the row was forgotten. */
  rows: z.record(z.string(), z.object({ stream: streamName, at: instant })),
});
type ForgottenRows = z.infer<typeof forgottenRows>;

export interface Forgotten {
  readonly size: number;
  /** Names of the streams of which rows were forgotten. */
  readonly streams: ReadonlySet<string>;
  /** When this row was forgotten; undefined if it was not. */
  when(subject: Subject): string | undefined;
}

const storedBytes = z.strictObject({ _bytes: z.base64() });
const nothing: ForgottenRows = { key: '', rows: {} };

export async function readForgotten(store: Pick<ReadableStore, 'get'>): Promise<Forgotten> {
  return forgottenOf((await readJson(store, forgottenKey, forgottenRows))?.value ?? nothing);
}

function forgottenOf({ key, rows }: ForgottenRows): Forgotten {
  const known = new Map(Object.entries(rows));
  const streams = new Set([...known.values()].map(({ stream }) => stream));
  return { size: known.size, streams, when: (subject) => known.get(digestOf(key, subject))?.at };
}

function digestOf(key: string, subject: Subject): string {
  return createHmac('sha256', key).update(subjectKey(subject)).digest('base64url');
}

/** Stores digests of rows to forget. @param newKey random, 64 hexadecimal digits; used if there is no key yet */
export async function rememberForgotten(
  store: ObjectStore,
  subjects: readonly Subject[],
  at: string,
  newKey: string,
): Promise<Forgotten> {
  const empty = { key: newKey, rows: {} };
  const after = await updateJson(store, forgottenKey, forgottenRows, empty, ({ key, rows }) => {
    const added = subjects.map((subject) => [digestOf(key, subject), { stream: subject.stream, at }] as const);
    return { key, rows: { ...Object.fromEntries(added), ...rows } };
  });
  return forgottenOf(after);
}

/** True if one of a row's subjects (such as the row itself, or its parent) was forgotten. */
export function isForgotten(forgotten: Forgotten, subjects: readonly Subject[]): boolean {
  return forgotten.size > 0 && subjects.some((subject) => forgotten.when(subject) !== undefined);
}

/**
 * Drops lines that a task must not store: rows of forgotten persons, and the outcomes of requests for their ids.
 */
export function withoutForgotten(stream: Stream, lines: readonly string[], forgotten: Forgotten): readonly string[] {
  if (forgotten.size === 0) return lines;
  return lines.filter((line) => {
    if (isRow(line)) return !isForgotten(forgotten, subjectsOfLine(stream, parseRawLine(line)));
    const id = parseOutcome(line)?.item ?? '';
    return ![stream.name, stream.parent?.stream ?? ''].some((name) => isForgotten(forgotten, [{ stream: name, id }]));
  });
}

/** True if an event names a row that was forgotten. @param body JSON text, as the receiver stored it */
export function isAboutForgotten(forgotten: Forgotten, body: string): boolean {
  return forgotten.size > 0 && quotesForgotten(forgotten, eventContent(JSON.parse(body)));
}

/** The content of an event's body. A body that is not JSON is split into words, because one of them may be an id. */
function eventContent(body: unknown): unknown {
  const { data } = storedBytes.safeParse(body);
  if (!data) return body;
  const { text } = decodeUtf8(toUtf8(byteText(Buffer.from(data._bytes, 'base64')), null));
  return isJson(text) ? JSON.parse(text) : text.split(/[^\p{L}\p{N}_-]+/u);
}

/** True if a JSON value holds, anywhere, the id of a row that was forgotten. */
function quotesForgotten(forgotten: Forgotten, value: unknown): boolean {
  if (typeof value === 'object' && value !== null)
    return Object.values(value).some((one) => quotesForgotten(forgotten, one));
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const id = encodeId(String(value));
  return [...forgotten.streams].some((stream) => forgotten.when({ stream, id }) !== undefined);
}
