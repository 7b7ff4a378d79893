import { describe, expect, it } from 'vitest';
import { rememberListing } from '../../../lambdas/core/api/paging-guard.ts';
import { AnswerTooLargeError, RequestRefusedError } from '../../../lambdas/core/errors.ts';
import { readSelection, start } from '../../../lambdas/core/extract/read-selection.ts';
import type { Api } from '../../../lambdas/core/ports.ts';
import type { Position } from '../../../lambdas/core/rows/chunk-log.ts';
import { isRow, parseRawLine } from '../../../lambdas/core/rows/raw-line.ts';
import { importErrors } from '../../../lambdas/streams/imports.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { leadMessages } from '../../../lambdas/streams/messages.ts';
import { FakeApi, type FakeRoute, page } from '../../support/fake-api.ts';
import { ample, FixedClock } from '../../support/fixed-clock.ts';

const clock = new FixedClock('2026-11-24T02:00:00.000Z');
const common = { deadline: ample, pageSize: 2, inFlight: 1 };

describe('the errors of an import', () => {
  const selection = { kind: 'children' as const, parents: ['i1', 'i2'] };
  const error = (row: number) => ({ row, message: 'no' });
  /** Three errors of row 7, on two pages. */
  const pages: FakeRoute = ({ query }) =>
    query['cursor'] ? page([error(7), error(8)]) : page([error(7), error(9), error(7)], 'two');
  const reading = (route: FakeRoute, landed: string[] = []) => ({
    ...common,
    stream: importErrors,
    selection,
    api: new FakeApi({ [importErrors.path]: route }, clock),
    memory: rememberListing(),
    landedLines: async () => landed,
  });
  const numbered = (lines: readonly string[]) =>
    lines.filter(isRow).map((line) => {
      const { row, meta } = parseRawLine(line);
      return `${meta.parent} ${JSON.parse(row).row}.${meta.position}`;
    });

  it('are numbered within their row, also across pages, and from 0 in each import', async () => {
    const given: string[] = [];
    for await (const { lines } of readSelection(reading(pages), start)) given.push(...numbered(lines));
    expect(given.join()).toBe('i1 7.0,i1 9.0,i1 7.1,i1 7.2,i1 8.0,i2 7.0,i2 9.0,i2 7.1,i2 7.2,i2 8.0');
  });

  it('continue where an earlier message had to stop', async () => {
    const landed: string[] = [];
    let position: Position = start;
    for await (const { lines, next } of readSelection(reading(pages), start)) {
      landed.push(...lines);
      position = next;
      if (next.item === 1 && next.cursor !== null) break;
    }
    const rest: string[] = [];
    for await (const { lines } of readSelection(reading(pages, landed), position)) rest.push(...numbered(lines));
    expect(rest).toEqual(['i2 7.2', 'i2 8.0']);
  });

  /** Reads the import's list over several messages of at most `pages` pages each. */
  async function readInMessages(route: FakeRoute, pages: number): Promise<{ landed: string[]; asked: number }> {
    const api = new FakeApi({ [importErrors.path]: route }, clock);
    const landed: string[] = [];
    for (let position: Position = start; position.item === 0; ) {
      const one = { ...reading(route, [...landed]), api, selection: { kind: 'children' as const, parents: ['i1'] } };
      let left = pages;
      for await (const { lines, next } of readSelection(one, position)) {
        landed.push(...lines);
        position = next;
        if ((left -= 1) === 0) break;
      }
    }
    return { landed, asked: api.requests.length };
  }

  it.each([
    ['', 1_000],
    [', also across messages', 7],
  ])('are not counted again if the list repeats a page for ever%s', async (_, pages) => {
    let cursor = 0;
    const forever: FakeRoute = () => page([error(7), error(8)], `cursor ${(cursor += 1)}`);
    const { landed, asked } = await readInMessages(forever, pages);
    expect(numbered(landed)).toEqual(['i1 7.0', 'i1 8.0']);
    expect(landed.filter((line) => !isRow(line)).join()).toContain('same pages again and again');
    expect(asked).toBeLessThan(110);
  });

  it.each([
    ['', 1_000],
    [', also across messages', 7],
  ])('are all counted if many are equal%s', async (_, size) => {
    const messages = [...Array<string>(30).fill('a'), ...Array<string>(20).fill('b'), ...Array<string>(40).fill('a')];
    const route: FakeRoute = ({ query }) => {
      const at = Number(query['cursor'] ?? 0);
      return page([{ row: 7, message: messages[at] }], at + 1 < messages.length ? String(at + 1) : null);
    };
    const { landed, asked } = await readInMessages(route, size);
    const rows = landed.filter(isRow).map((line) => parseRawLine(line));
    expect(rows.map(({ row }) => JSON.parse(row).message)).toEqual(messages);
    expect(rows.map(({ meta }) => meta.position)).toEqual(messages.map((_, position) => position));
    expect(asked).toBe(messages.length);
  });

  it('that are equal are held up to 4 MiB, and then taken for a list that repeats itself', async () => {
    const large = { row: 7, message: 'x'.repeat(1024 * 1024) };
    let cursor = 0;
    const { landed, asked } = await readInMessages(() => page([large], `cursor ${(cursor += 1)}`), 1_000);
    expect([numbered(landed), asked]).toEqual([['i1 7.0'], 5]);
  });

  it('are numbered from 0 again if the list restarts', async () => {
    let refused = false;
    const expiring: FakeRoute = (request) => {
      if (!request.query['cursor'] || refused) return pages(request);
      refused = true;
      throw new RequestRefusedError('The cursor has expired.', { status: 400 });
    };
    const given: string[] = [];
    for await (const { lines } of readSelection(reading(expiring), start)) given.push(...numbered(lines));
    expect(given.slice(0, 8).join()).toBe('i1 7.0,i1 9.0,i1 7.1,i1 7.0,i1 9.0,i1 7.1,i1 7.2,i1 8.0');
  });

  it('are numbered from 0 again if the list restarts, also in the next message', async () => {
    let isRefused = false;
    const listed = [7, 9, 7, 8, 7, 9].map(error);
    const expiring: FakeRoute = ({ query }) => {
      const at = Number(query['cursor'] ?? 0);
      if (at === 5 && !isRefused) {
        isRefused = true;
        throw new RequestRefusedError('The cursor has expired.', { status: 400 });
      }
      return page(listed.slice(at, at + 1), at < 5 ? String(at + 1) : null);
    };
    const { landed } = await readInMessages(expiring, 7);
    expect(numbered(landed).slice(-6).join()).toBe('i1 7.0,i1 9.0,i1 7.1,i1 8.0,i1 7.2,i1 9.1');
  });
});

it('a list without pagination is a single page, and a note says so', async () => {
  const memory = rememberListing();
  const api = new FakeApi({ '/leads': () => ({ data: [{ id: 'a' }] }) }, clock);
  const reading = { ...common, stream: leads, selection: { kind: 'list' as const }, api, memory };
  const lines: string[] = [];
  for await (const one of readSelection(reading, start)) lines.push(...one.lines);
  expect([lines.length, memory.notes.size]).toEqual([1, 1]);
});

it('an answer without a list is an error that names the path and the request, and says what to do', async () => {
  const api = new FakeApi({ '/leads': () => ({ data: {}, request_id: 'req_7' }) }, clock);
  const reading = { ...common, stream: leads, selection: { kind: 'list' as const }, api, memory: rememberListing() };
  await expect(readSelection(reading, start).next()).rejects.toMatchObject({
    code: 'malformed_answer',
    message: expect.stringMatching(/no list under "data"\. It was asked for \/leads\. Report it to the vendor/),
    requestId: expect.any(String),
  });
});

it('a large answer is refused before its turn, and requested again alone', async () => {
  const bounds: (number | undefined)[] = [];
  const fake = new FakeApi({ [leadMessages.path]: () => page([{ id: 'm' }]) }, clock);
  const api: Api = {
    counts: fake.counts,
    async get(path, parameters, { maxBytes }) {
      bounds.push(maxBytes);
      if (maxBytes !== undefined && parameters.path?.['lead_id'] === 'b') throw new AnswerTooLargeError('Too large.');
      return fake.get(path, parameters);
    },
  };
  const selection = { kind: 'children' as const, parents: ['a', 'b', 'c'] };
  const reading = { ...common, inFlight: 3, stream: leadMessages, selection, api, memory: rememberListing() };
  const parents: unknown[] = [];
  for await (const { lines } of readSelection(reading, start))
    parents.push(...lines.map((line) => parseRawLine(line).meta.parent));
  expect(parents).toEqual(['a', 'b', 'c']);
  expect(bounds.map((bound) => bound !== undefined)).toEqual([true, true, true, false]);
});
