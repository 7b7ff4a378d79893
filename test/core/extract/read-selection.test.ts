import { describe, expect, it } from 'vitest';
import type { Selection } from '../../../lambdas/contract/run.ts';
import {
  ForbiddenError,
  NotFoundError,
  PagingError,
  RequestRefusedError,
  UnavailableError,
} from '../../../lambdas/core/errors.ts';
import { rememberListing } from '../../../lambdas/core/api/paging-guard.ts';
import { readSelection, start } from '../../../lambdas/core/extract/read-selection.ts';
import { parseOutcome, parseRawLine } from '../../../lambdas/core/rows/raw-line.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { leadMessages } from '../../../lambdas/streams/messages.ts';
import { FakeApi, type FakeRoute, page } from '../../support/fake-api.ts';
import { ample, FixedClock } from '../../support/fixed-clock.ts';

const clock = new FixedClock('2026-11-24T02:00:00.000Z');
const children: Selection = { kind: 'children', parents: ['a', 'b', 'c', 'd'] };

/** Reads a selection. Returns the error and, for each line, the id of its row or the outcome of its item. */
async function read(route: FakeRoute, options: { selection?: Selection; inFlight?: number } = {}) {
  const { selection = children, inFlight = 1 } = options;
  const stream = selection.kind === 'children' ? leadMessages : leads;
  const path = selection.kind === 'ids' ? leads.byId : stream.path;
  const api = new FakeApi({ [path]: route }, clock);
  const reading = { stream, selection, api, deadline: ample, pageSize: 100, memory: rememberListing(), inFlight };
  const given: string[] = [];
  let reached = start;
  const error = await (async () => {
    for await (const { lines, next } of readSelection(reading, start)) {
      given.push(...lines.map(shown));
      reached = next;
    }
  })().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { given, error, reached, requests: api.requests };
}

function shown(line: string): string {
  const outcome = parseOutcome(line);
  if (outcome && 'pages' in outcome) return `${outcome.item}: ${outcome.pages} pages`;
  if (outcome && 'failure' in outcome) return `${outcome.item}: ${outcome.failure?.code ?? 'missing'}`;
  return String(JSON.parse(parseRawLine(line).row).id);
}

/** One message of each parent, except for parents with a given answer. */
function messages(answers: Record<string, () => unknown>): FakeRoute {
  return ({ pathParameters }) => {
    const id = pathParameters['lead_id'] ?? '';
    return (answers[id] ?? (() => page([{ id: `m_${id}` }])))();
  };
}

const failing = (error: Error) => () => {
  throw error;
};

describe('the lists of several parents', () => {
  it('name a parent that is not found, and continue', async () => {
    const { given } = await read(messages({ b: failing(new NotFoundError('no')) }));
    expect(given).toEqual(['m_a', 'b: missing', 'm_c', 'm_d']);
  });

  it.each([
    ['is refused', new RequestRefusedError('no'), 'request_refused'],
    ['is forbidden', new ForbiddenError('no'), 'forbidden'],
    ['does not answer', new UnavailableError('no'), 'unavailable'],
  ])('name one that %s, and continue', async (_, error, code) => {
    const { given, error: thrown } = await read(messages({ b: failing(error) }));
    expect(given).toEqual(['m_a', `b: ${code}`, 'm_c', 'm_d']);
    expect(thrown).toBeUndefined();
  });

  it('name the last parent if it is not found', async () => {
    const { given } = await read(messages({ d: failing(new RequestRefusedError('no')) }));
    expect(given).toEqual(['m_a', 'm_b', 'm_c', 'd: request_refused']);
  });

  it('fail if the first three and the last are forbidden, without requesting the others', async () => {
    const { given, error, requests } = await read(failing(new ForbiddenError('messages.read is missing')), {
      selection: { kind: 'children', parents: ['a', 'b', 'c', 'd', 'e', 'f'] },
    });
    expect(given).toEqual([]);
    expect(requests.map(({ pathParameters }) => pathParameters['lead_id'])).toEqual(['a', 'b', 'c', 'f']);
    expect(error).toBeInstanceOf(ForbiddenError);
  });

  it.each([
    ['are forbidden', new ForbiddenError('no'), 'forbidden'],
    ['do not answer', new UnavailableError('no'), 'unavailable'],
  ])('name the first three if only they %s', async (_, error, code) => {
    const none = failing(error);
    const { given, error: thrown } = await read(messages({ a: none, b: none, c: none }));
    expect(given).toEqual([`a: ${code}`, `b: ${code}`, `c: ${code}`, 'm_d']);
    expect(thrown).toBeUndefined();
  });

  it('stop before three in a row that do not answer, so that these are retried', async () => {
    const none = failing(new UnavailableError('no'));
    const { given, error, reached } = await read(messages({ b: none, c: none, d: none }));
    expect(given).toEqual(['m_a']);
    expect(reached.item).toBe(1);
    expect(error).toBeInstanceOf(UnavailableError);
  });

  it('come in their order, however many requests are in flight', async () => {
    const { given, requests } = await read(messages({ c: failing(new NotFoundError('no')) }), { inFlight: 3 });
    expect(given).toEqual(['m_a', 'm_b', 'c: missing', 'm_d']);
    expect(requests).toHaveLength(4);
  });

  it('do not mistake a later page that is not found for a missing parent', async () => {
    const { given } = await read(({ query, pathParameters }) => {
      const id = pathParameters['lead_id'];
      if (query['cursor']) throw new NotFoundError('cursor expired');
      return id === 'b' ? page([{ id: 'first of b' }], 'more') : page([{ id: `m_${id}` }]);
    });
    expect(given).toEqual(['m_a', 'first of b', 'first of b', 'b: expired_cursor', 'm_c', 'm_d']);
  });
});

describe('a list', () => {
  const list: Selection = { kind: 'list' };

  it('is read again from its beginning, once, if a cursor has expired', async () => {
    let expired = false;
    const { given, error } = await read(
      ({ query }) => {
        if (query['cursor'] !== 'two') return page([{ id: 'one' }], 'two');
        if (expired) return page([{ id: 'two' }]);
        expired = true;
        throw new NotFoundError('cursor expired');
      },
      { selection: list },
    );
    expect([given, error]).toEqual([['one', 'one', 'two'], undefined]);
  });

  it('fails if it is not found at all', async () => {
    const { error } = await read(failing(new NotFoundError('no')), { selection: list });
    expect(error).toBeInstanceOf(NotFoundError);
  });

  it('continues where an earlier run had to stop', async () => {
    const selection: Selection = { kind: 'list', resume: { cursor: 'nine', pages: 9 } };
    const { requests } = await read(() => page([{ id: 'x' }]), { selection });
    expect(requests.map(({ query }) => query['cursor'])).toEqual(['nine']);
  });

  it('that restarts after its end with ever new cursors is stopped', async () => {
    let request = 0;
    const route = () => {
      request += 1;
      return page([{ id: `lead_${request % 50}` }], `cursor_${request}`);
    };
    const { error } = await read(route, { selection: list });
    expect(error).toBeInstanceOf(PagingError);
    expect(request).toBe(53);
  });
});

describe('rows that are requested by id', () => {
  it('are reported if they are not found', async () => {
    const route: FakeRoute = ({ pathParameters }) => {
      if (pathParameters['lead_id'] === 'b') throw new NotFoundError('no');
      return { data: { id: pathParameters['lead_id'] } };
    };
    const { given } = await read(route, { selection: { kind: 'ids', ids: ['a', 'b'] } });
    expect(given).toEqual(['a', 'b: missing']);
  });

  it('are missing if they were merged into another row, and fail alone if they only moved for a time', async () => {
    const answer: Record<string, number> = { b: 301, c: 302, d: 308 };
    const route: FakeRoute = ({ pathParameters }) => {
      const status = answer[pathParameters['lead_id'] ?? ''];
      if (status !== undefined) throw new RequestRefusedError('elsewhere', { status });
      return { data: { id: pathParameters['lead_id'] } };
    };
    const { given } = await read(route, { selection: { kind: 'ids', ids: ['a', 'b', 'c', 'd', 'e'] } });
    expect(given).toEqual(['a', 'b: missing', 'c: request_refused', 'd: missing', 'e']);
  });
});
