import { createHash, hash } from 'node:crypto';
import { PagingError } from '../errors.ts';
import type { Pagination } from '../rows/pagination.ts';

/** Bounds of one listing. At 100 rows per page, `maxPages` allows ten million rows. */
const maxPages = 100_000;
/** If this many pages in a row repeat earlier pages, the listing would never end, and it is stopped. */
const maxKnownPages = 3;
/**
 * Rows without ids may equal earlier rows, byte for byte, and yet be new. This many pages of them may follow each
 * other.
 */
const maxHeldPages = 100;
const maxHeldLength = 4 * 1024 * 1024;
/**
 * A listing that goes through all its rows more than this many times, without a new one, repeats itself. One or two
 * rounds are possible: rows that change while they are listed may move to the end.
 */
const maxRounds = 2;
/** Most ids that are remembered to notice repeated rows. */
const maxRememberedIds = 100_000;
/**
 * Most minutes of nothing but empty pages. A filter may skip many rows before it finds one, but if it finds none for
 * this long it never will.
 */
const maxEmptyMinutes = 30;
const minute = 60_000;

/** The next page of a list, and how many pages came before it. */
export interface Place {
  readonly cursor: string | null;
  /** Pages read so far. */
  readonly pages: number;
  /** When the first page of the current series of empty pages was requested; undefined if the last page had rows. */
  readonly emptySince?: string | undefined;
}

/** Digests of the cursors and pages that a listing has returned so far. */
export interface ListingMemory {
  readonly cursors: Set<string>;
  readonly pages: Set<string>;
  /** Digests of the ids of rows that the listing has returned. */
  readonly ids: Set<string>;
  /** Rows with an id that the listing has given, and how many of them it had given before. */
  readonly counts: { rows: number; repeated: number };
  /** Kinds of parameters (`limit`, `filter`) that the API refused. The listing is read without them. */
  readonly without: Set<string>;
  /** True if the API has accepted a request with the other parameters: a later refusal concerns its cursor. */
  isAccepted: boolean;
  /** Facts about the listings that a person should know although nothing failed. */
  readonly notes: Set<string>;
}

/**
 * The memory of a listing that begins or continues.
 * @param cursors cursors that earlier messages of the task met in this listing
 */
export function rememberListing(cursors: Iterable<string> = []): ListingMemory {
  return {
    cursors: new Set([...cursors].map((cursor) => digestOf(cursor))),
    pages: new Set(),
    ids: new Set(),
    counts: { rows: 0, repeated: 0 },
    without: new Set(),
    isAccepted: false,
    notes: new Set(),
  };
}

/**
 * A listing is unstable if it has given at least this many rows again, and this share of all: then its order changes
 * from page to page, and it has left out about as many. A few rows move to a later page because they have changed.
 */
const fewestRepeated = 10;
const mostRepeated = 0.1;

/** How many rows an unstable listing has given again; 0 if it is stable. */
export function repeatedRows({ counts: { rows, repeated } }: ListingMemory): number {
  return repeated >= fewestRepeated && repeated > rows * mostRepeated ? repeated : 0;
}

export interface ListedPage {
  readonly rows: readonly string[];
  /** The `pagination` of the answer; undefined if it has none. */
  readonly pagination: Pagination | undefined;
  /** True if an answer without `pagination` says in another way that more pages follow. */
  readonly goesOn?: boolean;
  readonly askedAt: Date;
  /** The id of each row, if it has one. */
  readonly ids?: readonly (string | undefined)[];
  /** For rows without ids: how many pages in a row, up to this one, held only rows that the list gave before. */
  readonly held?: { readonly pages: number; readonly length: number } | undefined;
}

/** Follows the cursors of a listing. Ends it with an error if it would never end. */
export class PagingGuard {
  place: Place;
  readonly #name: string;
  readonly #memory: ListingMemory;
  readonly #limit: number | undefined;
  #knownPages = 0;
  #knownRows = 0;
  /** Id of the last row of the page before. */
  #lastId: string | undefined;

  /**
   * @param name name of the list, for the error
   * @param limit number of rows requested per page; undefined if none was
   */
  constructor(name: string, memory: ListingMemory, from: Place, limit?: number) {
    this.#name = name;
    this.#memory = memory;
    this.#limit = limit;
    this.place = from;
    if (from.cursor === null) {
      memory.cursors.clear();
      memory.pages.clear();
      memory.ids.clear();
      Object.assign(memory.counts, { rows: 0, repeated: 0 });
    } else {
      memory.cursors.add(digestOf(from.cursor));
    }
  }

  /**
   * Returns the place of the next page; undefined after the last page.
   * @throws PagingError if the listing cannot be followed, or does not end
   */
  advance(page: ListedPage): Place | undefined {
    const { rows, ids = [], pagination, goesOn = false, askedAt } = page;
    const isKnown = this.#countRows(ids);
    if (!pagination) return this.#endUnsaid(rows.length, goesOn);
    const { nextCursor, hasMore } = pagination;
    if (hasMore === false || (hasMore === null && nextCursor === null)) return undefined;
    if (nextCursor === null) throw this.#error('says that there are more pages, but gives no cursor');
    if (this.#isKnown(this.#memory.cursors, digestOf(nextCursor)))
      throw this.#error('gave a cursor that it had given before');
    if (this.#repeats(page, isKnown)) throw this.#error('gives the same pages again and again under new cursors');
    if (this.place.pages + 1 >= maxPages) throw this.#error(`has more than ${maxPages} pages`);
    const emptySince = rows.length > 0 ? undefined : (this.place.emptySince ?? askedAt.toISOString());
    if (emptySince !== undefined && askedAt.getTime() - Date.parse(emptySince) >= maxEmptyMinutes * minute)
      throw this.#error(`gave only empty pages for ${maxEmptyMinutes} minutes, and promises more`);
    this.place = { cursor: nextCursor, pages: this.place.pages + 1, emptySince };
    return this.place;
  }

  /** Handles an answer without "pagination". If more rows may follow, as after a full page, this is an error. */
  #endUnsaid(rows: number, goesOn: boolean): undefined {
    if (this.place.pages > 0 || rows === this.#limit || goesOn)
      throw this.#error('came without "pagination", so more pages may follow');
    this.#memory.notes.add('The list came without "pagination": its only page was taken as the whole list.');
    return undefined;
  }

  #repeats({ rows, held }: ListedPage, isKnown: boolean): boolean {
    if (held) return held.pages > maxHeldPages || held.length > maxHeldLength;
    // An empty page does not show whether the list repeats itself. Empty pages are limited by `maxEmptyMinutes`.
    if (rows.length > 0)
      this.#knownPages = this.#isKnown(this.#memory.pages, digestOfRows(rows)) ? this.#knownPages + 1 : 0;
    return this.#knownPages >= maxKnownPages || this.#goesRound(rows.length, isKnown);
  }

  /** @returns true if the listing has given all rows of the page before. A row without an id may be a new one. */
  #countRows(page: readonly (string | undefined)[]): boolean {
    const { ids, counts } = this.#memory;
    if (ids.size >= maxRememberedIds) return false;
    let isKnown = page.length > 0;
    for (const [at, id] of page.entries()) {
      const before = ids.size;
      if (id !== undefined) ids.add(digestOf(id));
      const isNew = id === undefined || ids.size > before;
      isKnown &&= !isNew;
      if (id !== undefined) counts.rows += 1;
      // A page may begin with the row at which the page before ended: its cursor names that row. The order is the same.
      const isOverlap = at === 0 && id === this.#lastId;
      if (!isNew && !isOverlap) counts.repeated += 1;
    }
    this.#lastId = page.at(-1);
    return isKnown;
  }

  /** True if the listing has started over several times. Its pages may differ, so they are recognized by row ids. */
  #goesRound(rows: number, isKnown: boolean): boolean {
    this.#knownRows = isKnown ? this.#knownRows + rows : 0;
    return this.#knownRows > maxRounds * this.#memory.ids.size;
  }

  #isKnown(known: Set<string>, digest: string): boolean {
    if (known.has(digest)) return true;
    known.add(digest);
    return false;
  }

  #error(what: string): PagingError {
    return new PagingError(
      `The list of ${this.#name} ${what} (page ${this.place.pages + 1}). The rows before it are kept, and the next run reads the list again. If this lasts, report it to the vendor.`,
      { stream: this.#name },
    );
  }
}

function digestOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

function digestOfRows(rows: readonly string[]): string {
  const digest = createHash('sha256');
  for (const row of rows) digest.update(row).update('\n');
  return digest.digest('base64url');
}
