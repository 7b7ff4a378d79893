import { createHash } from 'node:crypto';
import { PagingError } from '../errors.ts';
import type { Pagination } from '../rows/json-slices.ts';

/** Bounds of one listing. At 100 rows a page the first is ten million rows. */
const maxPages = 100_000;
const maxKnownPages = 3;
/** A filter may skip many rows before it finds one; nothing is found in so long only if nothing ever is. */
const maxEmptyMinutes = 30;
const minute = 60_000;

/** Where a listing goes on. */
export interface Place {
  readonly cursor: string | null;
  /** Pages so far. */
  readonly pages: number;
  /** When the first of the pages was asked for that were empty, if the last ones were. */
  readonly emptySince?: string | undefined;
}

/** What a listing has given so far: digests of its cursors and of its pages. */
export interface ListingMemory {
  readonly cursors: Set<string>;
  readonly pages: Set<string>;
  /** What a person should know of the listings, although nothing failed. */
  readonly notes: Set<string>;
}

/** @param cursors that earlier messages of the task have met in the listing that goes on */
export function rememberListing(cursors: Iterable<string> = []): ListingMemory {
  return { cursors: new Set([...cursors].map((cursor) => digestOf([cursor]))), pages: new Set(), notes: new Set() };
}

export interface ListedPage {
  readonly rows: readonly string[];
  /** Undefined if the answer has none. */
  readonly pagination: Pagination | undefined;
  readonly askedAt: Date;
}

/** Follows a listing's cursors, and ends it with an error if it would go on for ever. */
export class PagingGuard {
  place: Place;
  readonly #name: string;
  readonly #memory: ListingMemory;
  readonly #limit: number | undefined;
  #knownPages = 0;

  /**
   * @param name of the list, for the error
   * @param limit rows that were asked for in a page; undefined if none were
   */
  constructor(name: string, memory: ListingMemory, from: Place, limit?: number) {
    this.#name = name;
    this.#memory = memory;
    this.#limit = limit;
    this.place = from;
    if (from.cursor === null) {
      memory.cursors.clear();
      memory.pages.clear();
    } else {
      memory.cursors.add(digestOf([from.cursor]));
    }
  }

  /**
   * Where the next page is; undefined after the last one.
   * @throws PagingError if the listing cannot be followed, or does not end
   */
  advance({ rows, pagination, askedAt }: ListedPage): Place | undefined {
    if (!pagination) return this.#endUnsaid(rows.length);
    const { nextCursor, hasMore } = pagination;
    if (hasMore === false || (hasMore === null && nextCursor === null)) return undefined;
    if (nextCursor === null) throw this.#error('says that there is more, but gives no cursor to it');
    if (this.#isKnown(this.#memory.cursors, [nextCursor])) throw this.#error('gave a cursor that it had given before');
    this.#knownPages = rows.length > 0 && this.#isKnown(this.#memory.pages, rows) ? this.#knownPages + 1 : 0;
    if (this.#knownPages >= maxKnownPages) throw this.#error('gives pages again and again under new cursors');
    if (this.place.pages + 1 >= maxPages) throw this.#error(`goes on beyond ${maxPages} pages`);
    const emptySince = rows.length > 0 ? undefined : (this.place.emptySince ?? askedAt.toISOString());
    if (emptySince !== undefined && askedAt.getTime() - Date.parse(emptySince) >= maxEmptyMinutes * minute)
      throw this.#error(`gave nothing but empty pages for ${maxEmptyMinutes} minutes and promises more`);
    this.place = { cursor: nextCursor, pages: this.place.pages + 1, emptySince };
    return this.place;
  }

  /** An answer without "pagination". A full page says nothing about what may come after it. */
  #endUnsaid(rows: number): undefined {
    if (this.place.pages > 0 || rows === this.#limit)
      throw this.#error('came without "pagination", so nothing tells whether it goes on');
    this.#memory.notes.add(
      `The list of ${this.#name} came without "pagination": the page that came was taken for all of it.`,
    );
    return undefined;
  }

  #isKnown(known: Set<string>, texts: readonly string[]): boolean {
    const digest = digestOf(texts);
    if (known.has(digest)) return true;
    known.add(digest);
    return false;
  }

  #error(what: string): PagingError {
    return new PagingError(
      `The list of ${this.#name} ${what} (page ${this.place.pages + 1}). What came before is kept, and the list is read again in the next run. If it lasts, report it to the vendor.`,
      { stream: this.#name },
    );
  }
}

function digestOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\n');
  return hash.digest('base64url');
}
