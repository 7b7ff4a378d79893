/**
 * Remembers which rows were forgotten, without keeping their ids: it stores a digest of each id, made with a key that
 * only this workspace has. See ADR 11: docs/adr/0011-forgotten-rows-leave-a-keyed-digest.md.
 */

import { z } from 'zod';
import type { Stream } from '../../contract/stream.ts';
import type { ObjectStore, ReadableStore } from '../ports.ts';
import { byteText, decodeUtf8, toUtf8 } from './charsets.ts';
import { isJson } from './json-slices.ts';
import { encodeId } from './row-ids.ts';
import { digestOf, type ForgottenRows, readForgottenRows, updateForgottenRows } from './forgotten-rows.ts';
import { formatDropped, isRow, parseOutcome, parseRawLine, type RawLine } from './raw-line.ts';
import { type Subject, subjectsOfLine } from './subjects.ts';

export interface Forgotten {
  readonly size: number;
  /** Names of the streams with forgotten rows. */
  readonly streams: ReadonlySet<string>;
  /** When this row was forgotten; undefined if it was not. */
  when(subject: Subject): string | undefined;
  /** The digests of those that were forgotten. */
  digestsOf(subjects: readonly Subject[]): string[];
}

const storedBytes = z.strictObject({ _bytes: z.base64() });

export async function readForgotten(store: Pick<ReadableStore, 'get'>): Promise<Forgotten> {
  return forgottenOf((await readForgottenRows(store)) ?? { key: '', rows: {} });
}

function forgottenOf({ key, rows }: ForgottenRows): Forgotten {
  const known = new Map(Object.entries(rows));
  const streams = new Set([...known.values()].map(({ stream }) => stream));
  return {
    size: known.size,
    streams,
    when: (subject) => known.get(digestOf(key, subject))?.at,
    digestsOf: (subjects) => subjects.map((subject) => digestOf(key, subject)).filter((digest) => known.has(digest)),
  };
}

/**
 * Stores digests of rows to forget. Evidence of a deletion from before no longer counts.
 * @param newKey random, 64 hexadecimal digits; used if there is no key yet
 */
export async function rememberForgotten(
  store: ObjectStore,
  subjects: readonly Subject[],
  at: string,
  newKey: string,
): Promise<void> {
  const remember = ({ key, rows }: ForgottenRows) => {
    const added = subjects.map((subject) => [digestOf(key, subject), { stream: subject.stream, at }] as const);
    const fresh = added.filter(([digest]) => rows[digest]?.at !== at);
    return { key, rows: { ...rows, ...Object.fromEntries(fresh) } };
  };
  await updateForgottenRows(store, remember, newKey);
}

/** The digests of the forgotten rows that a line belongs to, which is a row as the API gave it. */
export function forgottenIn(stream: Stream, line: Pick<RawLine, 'meta' | 'row'>, forgotten: Forgotten): string[] {
  return forgotten.size === 0 ? [] : forgotten.digestsOf(subjectsOfLine(stream, line));
}

/**
 * Drops lines that a task must not store: rows of forgotten persons, and the outcomes of requests for their ids. A line
 * with the digest of each takes their place: it shows that the API still gives the row.
 */
export function withoutForgotten(stream: Stream, lines: readonly string[], forgotten: Forgotten): readonly string[] {
  if (forgotten.size === 0) return lines;
  const dropped = new Set<string>();
  const kept = lines.filter((line) => {
    if (!isRow(line)) return !isOutcomeOfForgotten(stream, line, forgotten);
    const digests = forgottenIn(stream, parseRawLine(line), forgotten);
    for (const digest of digests) dropped.add(digest);
    return digests.length === 0;
  });
  return [...[...dropped].map(formatDropped), ...kept];
}

function isOutcomeOfForgotten(stream: Stream, line: string, forgotten: Forgotten): boolean {
  const id = parseOutcome(line)?.item ?? '';
  return (
    forgotten.digestsOf([stream.name, stream.parent?.stream ?? ''].map((name) => ({ stream: name, id }))).length > 0
  );
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
