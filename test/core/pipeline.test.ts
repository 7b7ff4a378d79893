import { describe, expect, it } from 'vitest';
import { MalformedAnswerError, NotFoundError, RateLimitedError, UnavailableError } from '../../lambdas/core/errors.ts';
import { type FakeRoute, page } from '../support/fake-api.ts';
import { lead, pipelineOf } from '../support/fake-pipeline.ts';
import { rowsOf } from '../support/lake-reader.ts';

describe('a run', () => {
  it('loads every page of a list and every child of its rows, and counts them', async () => {
    const { pipeline } = pipelineOf(['lead_messages'], {
      '/leads': ({ query }) =>
        query['cursor'] === undefined ? page([lead('a'), lead('b')], 'next') : page([lead('c')]),
      '/leads/{lead_id}/messages': ({ pathParameters }) => page([{ id: 'm1', body: pathParameters['lead_id'] }]),
    });
    const report = await pipeline.run();
    expect(report?.status).toBe('complete');
    expect(report?.tables['leads']).toMatchObject({
      rowsExtracted: 3,
      rowsWritten: 3,
      rowsRejected: 0,
      files: 1,
      error: null,
    });
    expect((await rowsOf(pipeline.store, 'leads')).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const messages = await rowsOf(pipeline.store, 'lead_messages');
    expect(messages.map(({ lead_id, body }) => [lead_id, body])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]);
    expect(pipeline.announced).toHaveLength(1);
  });

  it('reads only changes and their children from the third night on', async () => {
    let leads = [lead('a'), lead('b')];
    const { pipeline, clock, requests } = pipelineOf(['lead_messages'], {
      '/leads': ({ query }) =>
        page(leads.filter(({ updated_at }) => updated_at > String(query['updated_after'] ?? ''))),
      '/leads/{lead_id}/messages': ({ pathParameters }) => page([{ id: `m_${pathParameters['lead_id']}` }]),
    });
    const night = async () => {
      const before = requests().length;
      const report = await pipeline.run();
      clock.advance(86_400_000);
      return {
        report,
        asked: requests()
          .slice(before)
          .filter(({ path }) => path.startsWith('/leads'))
          .map(({ query, pathParameters }) => query['updated_after'] ?? pathParameters['lead_id'] ?? 'all'),
      };
    };
    expect((await night()).asked).toEqual(['all', 'a', 'b']);
    // The list is reread, because it may have moved while it was paged. The children of one lead a night are reread.
    expect((await night()).asked).toEqual(['all', 'a']);
    leads = [...leads, lead('c', '2026-11-26T01:00:00.000Z')];
    const third = await night();
    expect(third.asked).toEqual(['2026-11-24T02:00:00.000Z', 'c', 'b']);
    expect(third.report?.tables['leads']).toMatchObject({ rowsExtracted: 1, rowsChanged: 1, rowsUnchanged: 0 });
    expect((await night()).asked).toEqual(['2026-11-25T02:00:00.000Z', 'c', 'a']);
    expect(await pipeline.rows('lead_messages')).toHaveLength(3);
  });

  it('makes one run per tick, however often the tick comes', async () => {
    const { pipeline } = pipelineOf(['campaigns'], { '/campaigns': () => page([{ id: 'c1' }]) });
    await pipeline.plan();
    await pipeline.plan();
    await pipeline.settle();
    expect(pipeline.store.keys('lake/campaigns/')).toHaveLength(1);
    expect(pipeline.announced).toHaveLength(1);
  });

  it('does not plan a stream whose earlier run is under way', async () => {
    const { pipeline, clock } = pipelineOf(['campaigns'], { '/campaigns': () => page([]) });
    await pipeline.plan();
    clock.advance(3_600_000);
    await pipeline.plan();
    expect(pipeline.store.keys('runs/').filter((key) => key.endsWith('plan.json'))).toHaveLength(1);
  });

  it('counts a child list that answers 404, and fails a list that does', async () => {
    const { pipeline } = pipelineOf(['lead_messages', 'jobs'], {
      '/leads': () => page([lead('a'), lead('b')]),
      '/leads/{lead_id}': ({ pathParameters }) => ({ data: lead(pathParameters['lead_id'] ?? '') }),
      '/leads/{lead_id}/messages': ({ pathParameters }) => {
        if (pathParameters['lead_id'] === 'a') throw new NotFoundError('gone');
        return page([{ id: 'm1' }]);
      },
      '/jobs': () => {
        throw new NotFoundError('There is no such list.');
      },
    });
    const report = await pipeline.run();
    expect(report?.tables['lead_messages']).toMatchObject({ status: 'complete', missing: 1, rowsWritten: 1 });
    expect(report?.tables['jobs']).toMatchObject({ status: 'failed', error: { code: 'not_found' } });
  });

  it.each([
    ['repeats its cursor', () => page([lead('a')], 'same')],
    ['promises more and gives no cursor', () => page([lead('a')], null, true)],
    ['goes on with empty pages', ({ query }: { query: object }) => page([], `c${JSON.stringify(query).length}`)],
  ])('stops a list that %s with an error that names it, and keeps its rows', async (_, route) => {
    const { pipeline } = pipelineOf(['leads', 'campaigns'], {
      '/leads': route,
      '/campaigns': () => page([{ id: 'c1' }]),
    });
    const report = await pipeline.run();
    expect(report?.status).toBe('partial');
    expect(report?.tables['leads']?.error).toMatchObject({ code: 'paging', message: expect.stringContaining('leads') });
    expect(pipeline.store.json('state/pipeline.json')).not.toHaveProperty('watermarks.leads');
  });

  it('continues after an empty page with a cursor', async () => {
    const { pipeline } = pipelineOf(['leads'], {
      '/leads': ({ query }) => (query['cursor'] === undefined ? page([], 'two') : page([lead('a')])),
    });
    expect((await pipeline.run())?.tables['leads']).toMatchObject({ status: 'complete', rowsWritten: 1 });
  });

  // An error without a status comes from the rate limiter: it was thrown before the request was sent.
  it.each([
    [429, 1],
    [undefined, 0],
  ])(
    'stores its rows before it waits for a rate limit (status %s), then continues from there',
    async (status, retries) => {
      let limited = false;
      const { pipeline, requests, clock } = pipelineOf(['leads'], {
        '/leads': ({ query }) => {
          if (query['cursor'] === 'two' && !limited) {
            limited = true;
            throw new RateLimitedError('Slow down.', {
              ...(status ? { status } : {}),
              retryAfterSeconds: 42,
              now: clock.now(),
            });
          }
          return query['cursor'] === undefined ? page([lead('a')], 'two') : page([lead('b')]);
        },
      });
      const report = await pipeline.run();
      expect(report?.tables['leads']).toMatchObject({ status: 'complete', rowsWritten: 2, files: 2, retries });
      // Two pages, the refused one again, and then both pages again, because a list of several pages is read twice.
      expect(requests().filter(({ path }) => path === '/leads')).toHaveLength(5);
      const [key = ''] = pipeline.store.keys('runs/').filter((one) => one.endsWith('/waiting.json'));
      expect(pipeline.store.json(key)).toEqual({ until: expect.any(String), stream: 'leads', reason: 'Slow down.' });
    },
  );

  it('continues in another message before its time is up', async () => {
    const route: FakeRoute = ({ query }) => {
      const at = Number(query['cursor'] ?? 0);
      return page([lead(`l${at}`)], at < 4 ? String(at + 1) : null);
    };
    const { pipeline } = pipelineOf(['leads'], { '/leads': route }, { timeoutSeconds: 1 });
    const report = await pipeline.run();
    expect(report?.tables['leads']).toMatchObject({ status: 'complete', rowsWritten: 5, files: 5, requests: 10 });
  });

  it('is partial and names the task if an answer never comes, and complete once it does', async () => {
    let broken = true;
    const { pipeline } = pipelineOf(['leads', 'campaigns'], {
      '/leads': () => page([lead('a')]),
      '/campaigns': () => {
        if (broken) throw new UnavailableError('The API does not answer.');
        return page([{ id: 'c1' }]);
      },
    });
    const report = await pipeline.run();
    expect(report?.status).toBe('partial');
    expect(report?.tables['campaigns']?.error?.code).toBe('unavailable');
    broken = false;
    await pipeline.queues.queue('extract').send(pipeline.deadLetters.map((body) => ({ body })));
    expect((await pipeline.finish(report?.runId ?? ''))?.status).toBe('complete');
  });

  it('fails a list whose answer is malformed at every delivery, and leaves no dead letter; a stray one or two do no harm', async () => {
    let malformed = 0;
    const { pipeline } = pipelineOf(['leads', 'campaigns'], {
      '/leads': () => page([lead('a')]),
      '/campaigns': () => {
        malformed -= 1;
        if (malformed >= 0) throw new MalformedAnswerError('The answer of the API is no JSON object.');
        return page([{ id: 'c1' }]);
      },
    });
    malformed = 2;
    expect((await pipeline.run())?.status).toBe('complete');
    malformed = 99;
    const { status, error } = (await pipeline.run())?.tables['campaigns'] ?? {};
    expect([status, error?.code, 99 - malformed]).toEqual(['failed', 'malformed_answer', 5]);
    expect(pipeline.deadLetters).toEqual([]);
  });

  it('rejects rows without a usable key, and keeps unknown fields', async () => {
    const { pipeline } = pipelineOf(['leads'], {
      '/leads': () => page([lead('a', undefined, { score: 7, full_name: 5 }), { object: 'lead' }, 'text', lead('')]),
    });
    const report = await pipeline.run();
    expect(report?.tables['leads']).toMatchObject({
      status: 'complete',
      rowsExtracted: 4,
      rowsWritten: 1,
      rowsRejected: 3,
    });
    const [row] = await rowsOf(pipeline.store, 'leads');
    expect(row).toMatchObject({ full_name: null, _extra: '{"full_name":5,"score":7}', _request_id: 'req_1' });
    expect(await rowsOf(pipeline.store, 'rejected_rows')).toHaveLength(3);
  });

  it('skips the children of an id that cannot be in a URL, and reads those of its neighbors', async () => {
    const { pipeline, requests } = pipelineOf(['lead_messages'], {
      '/leads': () => page([lead('..'), lead('.'), lead('good')]),
      '/leads/{lead_id}/messages': () => page([{ id: 'm1' }]),
    });
    expect((await pipeline.run())?.status).toBe('complete');
    expect(requests().flatMap(({ pathParameters }) => pathParameters['lead_id'] ?? [])).toEqual(['good']);
  });

  it('moves the watermark once, to its own start', async () => {
    const { pipeline } = pipelineOf(['leads'], { '/leads': () => page([lead('a')]) });
    const report = await pipeline.run();
    expect(pipeline.store.json('state/pipeline.json')).toEqual({
      watermarks: { leads: { at: '2026-11-24T02:00:00.000Z', runId: report?.runId } },
      rereads: { leads: { at: '2026-11-24T02:00:00.000Z', runId: report?.runId, count: 1 } },
      resumes: {},
      underWay: {},
      personalData: { drop: [], hash: [] },
    });
  });
});
