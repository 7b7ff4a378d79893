import { describe, expect, it } from 'vitest';
import { NotFoundError, PagingError } from '../../../lambdas/core/errors.ts';
import { sortLines } from '../../../lambdas/core/extract/select-new-rows.ts';
import { readPages, start } from '../../../lambdas/core/extract/pages.ts';
import { rememberListing } from '../../../lambdas/core/extract/paging-guard.ts';
import { parseRawLine } from '../../../lambdas/core/rows/raw-line.ts';
import { createRowParser } from '../../../lambdas/core/rows/rows.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { FakeApi, page } from '../../support/fake-api.ts';
import { ample, FixedClock } from '../../support/fixed-clock.ts';

const clock = new FixedClock('2026-11-24T02:00:00.000Z');
const selection = { kind: 'ids' as const, ids: ['here', 'gone'] };

async function linesOf(): Promise<string[]> {
  const api = new FakeApi(
    {
      '/leads/{lead_id}': ({ pathParameters }) => {
        if (pathParameters['lead_id'] === 'gone') throw new NotFoundError('gone', { requestId: 'req_404' });
        return { data: { id: 'here', object: 'lead' } };
      },
    },
    clock,
  );
  const lines: string[] = [];
  const reading = { stream: leads, selection, api, clock, deadline: ample, pageSize: 100, memory: rememberListing() };
  for await (const page of readPages(reading, start)) lines.push(...page.lines);
  return lines;
}

describe('a row that was asked for by its id and is gone', () => {
  it('becomes a tombstone that says when, and by which answer', async () => {
    const [, line = ''] = await linesOf();
    expect(createRowParser(leads, 'refresh-1').parse(parseRawLine(line))).toMatchObject({
      row: { id: 'gone', full_name: null, _deleted_at: new Date('2026-11-24T02:00:00.000Z'), _request_id: 'req_404' },
    });
  });

  it('is landed, but its children are not asked for', async () => {
    const sorted = sortLines(
      { stream: leads, selection, hasChildren: true, seen: new Map() },
      await linesOf(),
      new Map(),
    );
    expect(sorted.lines).toHaveLength(2);
    expect(sorted.parents).toEqual(['here']);
  });
});

describe('a list that never ends', () => {
  const list = { kind: 'list' as const };
  const read = async (answer: (request: number) => object, memory = rememberListing(), from = start) => {
    const api = new FakeApi({ '/leads': () => answer(api.requests.length) }, clock);
    const reading = { stream: leads, selection: list, api, clock, deadline: ample, pageSize: 100, memory };
    const reached = async () => {
      for await (const _ of readPages(reading, from));
    };
    const error = await reached().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, requests: api.requests.length };
  };
  const told = (message: RegExp) => expect.objectContaining({ message: expect.stringMatching(message) });

  it('because it begins again after its end, under cursors that never come twice, is ended in its second round', async () => {
    const { error, requests } = await read((request) => page([{ id: `lead_${request % 50}` }], `cursor_${request}`));
    expect(error).toBeInstanceOf(PagingError);
    expect(error).toEqual(told(/pages again and again/));
    expect(requests).toBe(53);
  });

  it('because a cursor leads back, is ended also where an earlier message of the task was given that cursor', async () => {
    const memory = rememberListing(['cursor_1', 'cursor_5']);
    const from = { item: 0, cursor: 'cursor_5', pages: 5 };
    const { error, requests } = await read(
      (request) => page([{ id: `lead_${request}` }], request === 2 ? 'cursor_1' : `cursor_${request + 5}`),
      memory,
      from,
    );
    expect(error).toEqual(told(/a cursor that it had given before/));
    expect(requests).toBe(2);
  });

  it('gives two pages of the same rows in a row without harm', async () => {
    const { error } = await read((request) => page([{ id: 'same' }], request < 3 ? `cursor_${request}` : null));
    expect(error).toBeUndefined();
  });
});
