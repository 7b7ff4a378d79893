/**
 * The chunks (raw rows) that a task has stored, in order, as an append-only log.
 *
 * A chunk is written only if none exists under its key (`If-None-Match: *`), and its metadata says where reading
 * continues after it. So a chunk is the checkpoint: data and pointer are one write, a task that runs twice or
 * concurrently takes over what the other run has stored, and a chunk never changes.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { chunkKey, chunkPrefix, cursorKey } from '../../contract/object-keys.ts';
import { sentRequests } from '../../contract/run.ts';
import type { Place } from '../api/paging-guard.ts';
import type { ObjectStore } from '../ports.ts';
import { eachLineOf, readChunk } from './chunk-file.ts';
import type { PackedLines } from './packed-lines.ts';
import { isRow } from './raw-line.ts';
import { DamagedObjectError, readObject } from '../store/stored-object.ts';

/**
 * The next page that a task reads: the item (a parent or an id), and the page of that item's list. The item is an index
 * into the selection, which keeps a position small.
 */
export interface Position extends Place {
  readonly item: number;
}

const count = z.number().int().nonnegative();

const chunkMark = z.object({
  /** Rows of this chunk; its other lines are outcomes of parents or ids. */
  rows: count,
  outcomes: count,
  /** Bytes of all lines. */
  bytes: count,
  /** Position after the chunk. */
  item: count,
  cursor: z.string().nullable(),
  /** Set instead of `cursor` if the cursor is stored as its own object. */
  cursorDigest: z.string().optional(),
  pages: count,
  emptySince: z.iso.datetime().optional(),
  /** When the task sent its first request. */
  askedAt: z.iso.datetime(),
  /** Requests of the task up to and including this chunk. */
  ...sentRequests.shape,
});
export type ChunkMark = Omit<z.infer<typeof chunkMark>, 'cursorDigest'>;

export interface Chunk {
  readonly sequence: number;
  readonly mark: ChunkMark;
  /** Its lines that are no rows, if this process stored it. */
  readonly outcomeLines?: readonly string[];
}

const metadataName = 'mark';
/**
 * S3 allows 2 KB of metadata; an ordinary cursor is a tenth of that. If a cursor makes the metadata of a chunk longer
 * than this, the metadata holds the cursor's digest instead.
 */
const maxMarkBytes = 1_900;

export class ChunkLog {
  readonly #store: ObjectStore;
  readonly #stream: string;
  readonly #runId: string;
  readonly #taskId: string;

  constructor(store: ObjectStore, stream: string, runId: string, taskId: string) {
    this.#store = store;
    this.#stream = stream;
    this.#runId = runId;
    this.#taskId = taskId;
  }

  #key(sequence: number): string {
    return chunkKey(this.#stream, this.#runId, this.#taskId, sequence);
  }

  /** Every chunk stored so far, in order. */
  async chunks(): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    // Most tasks have stored no chunk yet, and this HEAD request costs a twelfth of a listing.
    const first = await this.#store.head(this.#key(0));
    if (!first) return chunks;
    for await (const _ of this.#store.list(chunkPrefix(this.#stream, this.#runId, this.#taskId))) {
      const sequence = chunks.length;
      const head = sequence === 0 ? first : await this.#store.head(this.#key(sequence));
      if (!head) throw new Error(`Chunk ${this.#key(sequence)} is missing from the log of its task.`);
      chunks.push({ sequence, mark: await this.#readMark(head.metadata) });
    }
    return chunks;
  }

  /** The lines of a chunk that are no rows. @throws DamagedObjectError */
  async outcomeLines({ sequence, mark, outcomeLines }: Chunk): Promise<readonly string[]> {
    if (mark.outcomes === 0) return [];
    return outcomeLines ?? (await this.lines(sequence)).filter((line) => !isRow(line));
  }

  /** The lines of a stored chunk. @throws DamagedObjectError */
  async lines(sequence: number): Promise<string[]> {
    const lines = await readChunk(this.#store, this.#key(sequence));
    if (!lines) throw goneError(this.#key(sequence));
    return lines;
  }

  /** Like {@link lines}, but unpacks them piece by piece, so that only a few are in memory. */
  async *eachLine(sequence: number): AsyncGenerator<string> {
    const key = this.#key(sequence);
    const object = await readObject(this.#store, key);
    if (!object) throw goneError(key);
    yield* eachLineOf(key, object.body);
  }

  /**
   * Stores the next chunk, unless another delivery of this task has stored it already.
   * @returns the chunk that is stored now, and whether this call stored it
   */
  async append(
    sequence: number,
    lines: PackedLines,
    position: Omit<ChunkMark, 'rows' | 'outcomes' | 'bytes'>,
  ): Promise<{ chunk: Chunk; ours: boolean }> {
    const { rows, bytes, outcomes } = lines;
    const mark = { rows, outcomes: outcomes.length, bytes, ...position };
    const metadata = { [metadataName]: await this.#storedMark(mark) };
    const ours = await this.#store.put(this.#key(sequence), lines.gzipped(), {
      ifAbsent: true,
      metadata,
      contentType: 'application/gzip',
    });
    if (ours) return { chunk: { sequence, mark, outcomeLines: outcomes }, ours };
    const head = await this.#store.head(this.#key(sequence));
    if (!head) throw new Error(`The store says that chunk ${this.#key(sequence)} exists, but does not return it.`);
    return { chunk: { sequence, mark: await this.#readMark(head.metadata) }, ours };
  }

  /** Stores a long cursor before its chunk, so that no chunk lacks its cursor. */
  async #storedMark(mark: ChunkMark): Promise<string> {
    const text = asciiJson(mark);
    if (text.length <= maxMarkBytes || mark.cursor === null) return text;
    const digest = createHash('sha256').update(mark.cursor).digest('base64url');
    await this.#store.put(this.#cursorKey(digest), mark.cursor, { ifAbsent: true, contentType: 'text/plain' });
    return asciiJson({ ...mark, cursor: null, cursorDigest: digest });
  }

  async #readMark(metadata: Readonly<Record<string, string>>): Promise<ChunkMark> {
    const { cursorDigest, ...mark } = chunkMark.parse(JSON.parse(metadata[metadataName] ?? ''));
    if (cursorDigest === undefined) return mark;
    const key = this.#cursorKey(cursorDigest);
    const stored = await readObject(this.#store, key);
    if (!stored) throw new DamagedObjectError(key, 'is missing');
    return { ...mark, cursor: new TextDecoder().decode(stored.body) };
  }

  #cursorKey(digest: string): string {
    return cursorKey(this.#stream, this.#runId, this.#taskId, digest);
  }
}

const goneError = (key: string) => new Error(`Chunk ${key} is gone; its lifecycle rule may have expired it.`);

export function positionAfter(mark: ChunkMark): Position {
  const { item, cursor, pages, emptySince } = mark;
  return { item, cursor, pages, emptySince };
}

/** S3 metadata is ASCII, so any other character of a cursor is written as a JSON escape. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
