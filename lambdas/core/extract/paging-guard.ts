import { createHash } from 'node:crypto';
import { PagingError } from '../errors.ts';
import type { Pagination } from '../rows/json-slices.ts';
import type { Position } from '../rows/chunk-log.ts';

/** Bounds of one listing. At 100 rows a page the first is ten million rows. */
const maxPages = 100_000;
const maxEmptyPages = 20;
const maxKnownPages = 3;

/** What a listing has given so far: its cursors, and the digests of its pages. */
export interface ListingMemory {
  readonly cursors: Set<string>;
  readonly pages: Set<string>;
}

/** @param cursors that earlier messages of the task have met in the listing that goes on */
export function rememberListing(cursors: Iterable<string> = []): ListingMemory {
  return { cursors: new Set(cursors), pages: new Set() };
}

/** Follows a listing's cursors, and ends it where it would go on for ever. */
export class PagingGuard {
  position: Position;
  readonly #stream: string;
  readonly #memory: ListingMemory;
  #emptyPages = 0;
  #knownPages = 0;

  constructor(stream: string, memory: ListingMemory, from: Position) {
    this.#stream = stream;
    this.#memory = memory;
    this.position = from;
    if (from.cursor === null) {
      memory.cursors.clear();
      memory.pages.clear();
    } else {
      memory.cursors.add(from.cursor);
    }
  }

  /**
   * The position of the next page; undefined after the last one.
   * @throws PagingError where the listing cannot be followed, or does not end
   */
  advance(rows: readonly string[], { nextCursor, hasMore }: Pagination): Position | undefined {
    if (hasMore === false || (hasMore === null && nextCursor === null)) return undefined;
    const { cursors } = this.#memory;
    if (nextCursor === null) throw this.#error('says that there is more, but gives no cursor to it');
    if (cursors.has(nextCursor)) throw this.#error('gave a cursor that it had given before');
    cursors.add(nextCursor);
    this.#emptyPages = rows.length === 0 ? this.#emptyPages + 1 : 0;
    if (this.#emptyPages >= maxEmptyPages)
      throw this.#error(`gave ${maxEmptyPages} empty pages in a row and promises more`);
    this.#knownPages = rows.length > 0 && this.#isKnown(rows) ? this.#knownPages + 1 : 0;
    if (this.#knownPages >= maxKnownPages) throw this.#error('gives pages again and again under new cursors');
    if (this.position.pages + 1 >= maxPages) throw this.#error(`goes on beyond ${maxPages} pages`);
    this.position = { ...this.position, cursor: nextCursor, pages: this.position.pages + 1 };
    return this.position;
  }

  #isKnown(rows: readonly string[]): boolean {
    const hash = createHash('sha256');
    for (const row of rows) hash.update(row).update('\n');
    const digest = hash.digest('base64url');
    const isKnown = this.#memory.pages.has(digest);
    this.#memory.pages.add(digest);
    return isKnown;
  }

  #error(what: string): PagingError {
    return new PagingError(
      `The list of ${this.#stream} ${what} (page ${this.position.pages + 1}). What came before is kept; the stream is read again from its watermark in the next run. If it lasts, report it to the vendor.`,
      { stream: this.#stream },
    );
  }
}
