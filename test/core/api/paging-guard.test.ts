import { describe, expect, it } from 'vitest';
import { PagingGuard, type Place, rememberListing, repeatedRows } from '../../../lambdas/core/api/paging-guard.ts';
import { PagingError } from '../../../lambdas/core/errors.ts';
import type { Pagination } from '../../../lambdas/core/rows/pagination.ts';

const beginning: Place = { cursor: null, pages: 0 };
const at = (minutes: number) => new Date(Date.parse('2026-11-24T03:00:00.000Z') + minutes * 60_000);
const more = (nextCursor: string | null): Pagination => ({ nextCursor, hasMore: true });
const over: Pagination = { nextCursor: null, hasMore: false };
const guardOf = (memory = rememberListing(), from = beginning, limit?: number) =>
  new PagingGuard('leads', memory, from, limit);
const page = (rows: string[], pagination: Pagination | undefined, minutes = 0) => ({
  rows,
  pagination,
  askedAt: at(minutes),
});

describe('a listing', () => {
  it('continues at its cursor and ends when it says so', () => {
    const guard = guardOf();
    expect(guard.advance(page(['a'], more('two')))).toEqual({ cursor: 'two', pages: 1, emptySince: undefined });
    expect(guard.advance(page(['b'], { nextCursor: 'stale', hasMore: false }))).toBeUndefined();
  });

  it.each([
    ['promises more without a cursor', [page(['a'], more(null))], 'no cursor'],
    ['repeats a cursor', [page(['a'], more('x')), page(['b'], more('y')), page(['c'], more('x'))], 'given before'],
    [
      'returns the same pages under new cursors',
      ['1', '2', '3', '4'].map((cursor) => page(['a'], more(cursor))),
      'again and again',
    ],
    [
      'returns the same pages under new cursors, with empty ones in between',
      Array.from({ length: 8 }, (_, place) => page(place % 2 ? [] : ['a'], more(`c${place}`))),
      'again and again',
    ],
  ])('that %s is stopped by an error that names it', (_, pages, says) => {
    const guard = guardOf();
    const read = () => pages.map((one) => guard.advance(one));
    expect(read).toThrow(
      expect.objectContaining({ code: 'paging', message: expect.stringContaining(says) as unknown }),
    );
    expect(read).toThrow('The list of leads');
  });

  describe('that begins anew for ever, with rows that differ each time', () => {
    const round = (count: number) => {
      const guard = guardOf();
      for (let read = 0; read < 10 * count; read += 10) {
        const ids = Array.from({ length: 10 }, (_, row) => `id_${(read + row) % count}`);
        const rows = ids.map((id) => JSON.stringify({ id, seen: read }));
        guard.advance({ ...page(rows, more(`c${read}`)), ids });
      }
    };

    it('is stopped after it gave only known rows for more than twice its length', () => {
      expect(() => round(25)).toThrow('again and again');
      expect(() => round(1_000)).toThrow('again and again');
    });

    it('is not stopped if all rows change while they are listed, and move to the end', () => {
      const guard = guardOf();
      for (let read = 0; read < 300; read += 10) {
        const ids = Array.from({ length: 10 }, (_, row) => `id_${(read + row) % 100}`);
        expect(
          guard.advance({
            ...page(
              ids.map((id) => `${id} ${read}`),
              more(`c${read}`),
            ),
            ids,
          }),
        ).toBeDefined();
      }
    });

    it('is not stopped if its rows have no ids: they may be new', () => {
      const guard = guardOf();
      for (let read = 0; read < 100; read += 1)
        expect(guard.advance({ ...page([`${read}`], more(`c${read}`)), ids: [undefined] })).toBeDefined();
    });
  });

  it('is stopped after a hundred thousand pages', () => {
    const guard = guardOf(rememberListing(), { cursor: 'old', pages: 99_999 });
    expect(() => guard.advance(page(['a'], more('new')))).toThrow('has more than 100000 pages');
  });

  it('remembers the cursors of earlier messages, however long they are', () => {
    const long = 'Q'.repeat(5_000);
    const memory = rememberListing([`1${long}`]);
    const guard = guardOf(memory, { cursor: `2${long}`, pages: 2 });
    expect(() => guard.advance(page(['a'], more(`1${long}`)))).toThrow('given before');
    expect(Math.max(...[...memory.cursors].map((digest) => digest.length))).toBeLessThan(64);
  });
});

describe('a listing that has given rows again', () => {
  /** Lists a hundred rows. @param again rows at the start of each page that the page before had too */
  const repeatedOf = (again: number, { isFirstList = true, pageSize = 10, isReversed = false } = {}) => {
    const memory = rememberListing();
    if (!isFirstList) guardOf(memory).advance({ ...page(['x'], over), ids: Array<string>(50).fill('x') });
    const guard = guardOf(memory);
    const pages = 100 / pageSize;
    for (let at = 0; at < pages; at += 1) {
      const ids = Array.from({ length: pageSize }, (_, row) => `id_${at * (pageSize - again) + row}`);
      if (isReversed) ids.reverse();
      guard.advance({ ...page([`${at}`], at < pages - 1 ? more(`c${at}`) : over), ids });
    }
    return repeatedRows(memory);
  };

  it('is unstable if these are more than a tenth of all', () => {
    expect(repeatedOf(3)).toBe(27);
    expect(repeatedOf(1, { isReversed: true })).toBe(0);
  });

  it('is stable if each page begins with the last row of the page before, however short the pages are', () => {
    expect(repeatedOf(1, { pageSize: 2 })).toBe(0);
    expect(repeatedOf(1, { pageSize: 2, isReversed: true })).toBe(49);
  });

  it('forgets the rows of an earlier list', () => {
    expect(repeatedOf(0, { isFirstList: false })).toBe(0);
  });
});

describe('empty pages', () => {
  it('are followed by the hundred within their time limit', () => {
    const guard = guardOf();
    for (let request = 0; request < 290; request += 1)
      expect(guard.advance(page([], more(`c${request}`), request / 10))).toBeDefined();
    expect(guard.advance(page(['a'], more('found'), 29))).toMatchObject({ emptySince: undefined });
    expect(guard.advance(page([], more('next'), 59))).toMatchObject({ emptySince: at(59).toISOString() });
  });

  it('stop the listing after half an hour without a row, also across messages', () => {
    const first = guardOf().advance(page([], more('c1'), 0));
    const second = guardOf(rememberListing(), first).advance(page([], more('c2'), 20));
    expect(second?.emptySince).toBe(at(0).toISOString());
    expect(() => guardOf(rememberListing(), second).advance(page([], more('c3'), 30))).toThrow(
      'empty pages for 30 min',
    );
  });
});

describe('a list that comes without pagination', () => {
  it('is a single page, and a note says so', () => {
    const memory = rememberListing();
    expect(guardOf(memory, beginning, 100).advance(page(['a', 'b'], undefined))).toBeUndefined();
    expect([...memory.notes]).toEqual([expect.stringContaining('The list came without "pagination"')]);
  });

  it('fails if it is as long as the limit, because it may go on', () => {
    expect(() => guardOf(rememberListing(), beginning, 2).advance(page(['a', 'b'], undefined))).toThrow(PagingError);
  });

  it('fails if the answer says in another way that more pages follow', () => {
    const guard = guardOf(rememberListing(), beginning, 100);
    expect(() => guard.advance({ ...page(['a', 'b'], undefined), goesOn: true })).toThrow('without "pagination"');
  });

  it('may have any length if no limit was requested', () => {
    expect(guardOf().advance(page(Array<string>(100).fill('a'), undefined))).toBeUndefined();
  });

  it('fails if that happens on a later page, since the previous page promised more', () => {
    const guard = guardOf();
    guard.advance(page(['a'], more('two')));
    expect(() => guard.advance(page(['b'], undefined))).toThrow('without "pagination"');
  });

  it('ends if its first page is empty', () => {
    expect(guardOf(rememberListing(), beginning, 100).advance(page([], undefined))).toBeUndefined();
    expect(guardOf().advance(page([], over))).toBeUndefined();
  });
});
