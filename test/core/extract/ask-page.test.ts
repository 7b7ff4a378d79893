import { describe, expect, it } from 'vitest';
import { rememberListing } from '../../../lambdas/core/api/paging-guard.ts';
import { RequestRefusedError } from '../../../lambdas/core/errors.ts';
import { readSelection, start } from '../../../lambdas/core/extract/read-selection.ts';
import { isRow } from '../../../lambdas/core/rows/raw-line.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { FakeApi, type FakeRequest, page } from '../../support/fake-api.ts';
import { ample, FixedClock } from '../../support/fixed-clock.ts';

const clock = new FixedClock('2026-11-24T02:00:00.000Z');
const after = '2026-11-23T02:00:00.000Z';

/** Reads a list of three pages from an API that answers a request with 422 if it is refused. */
async function read(isRefused: (query: FakeRequest['query']) => boolean, from = start) {
  const pages = new Map([
    [undefined, page([{ id: 'a' }], 'two')],
    ['two', page([{ id: 'b' }], 'three')],
    ['three', page([{ id: 'c' }])],
  ] as const);
  const route = ({ query }: FakeRequest) => {
    if (isRefused(query)) throw new RequestRefusedError('Refused.', { status: 422 });
    return pages.get(query['cursor'] as 'two' | undefined);
  };
  const api = new FakeApi({ [leads.path]: route }, clock);
  const memory = rememberListing();
  const selection = { kind: 'list' as const, window: { after } };
  const reading = { stream: leads, selection, api, deadline: ample, pageSize: 100, inFlight: 1, memory };
  let rows = 0;
  for await (const { lines } of readSelection(reading, from)) rows += lines.filter(isRow).length;
  return { rows, queries: api.requests.map(({ query }) => query), notes: [...memory.notes] };
}

describe('a list', () => {
  it.each([
    ['limit', (query: FakeRequest['query']) => 'limit' in query, 4],
    ['updated_after', (query: FakeRequest['query']) => 'updated_after' in query, 5],
    ['limit and updated_after', (query: FakeRequest['query']) => 'limit' in query || 'updated_after' in query, 6],
  ])('is read without the parameters that the API refuses: %s', async (names, isRefused, requests) => {
    const { rows, queries, notes } = await read(isRefused);
    expect(rows).toBe(3);
    expect(queries).toHaveLength(requests);
    expect(notes).toEqual([expect.stringContaining(`The API refused ${names} in requests for leads`)]);
  });

  it('goes on without them in a later message', async () => {
    const { rows } = await read((query) => 'limit' in query, { item: 0, cursor: 'two', pages: 1 });
    expect(rows).toBe(2);
  });

  it('keeps the parameters that the API accepts', async () => {
    const { queries } = await read((query) => 'limit' in query);
    expect(queries.at(-1)).toEqual({ updated_after: after, cursor: 'three' });
  });

  it('that was accepted once keeps its parameters: a later refusal concerns the cursor', async () => {
    let isExpired = false;
    const { rows, queries, notes } = await read(({ cursor }) => {
      const isRefused = cursor === 'three' && !isExpired;
      isExpired ||= cursor === 'three';
      return isRefused;
    });
    expect(rows).toBe(5);
    expect(queries.every((query) => 'limit' in query && 'updated_after' in query)).toBe(true);
    expect(notes).toEqual([]);
  });

  it('fails if the API refuses it in any form', async () => {
    await expect(read(() => true)).rejects.toThrow('Refused.');
  });
});
