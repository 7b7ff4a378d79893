/** A run counts every request that it sent, whether or not it was of use. */

import { describe, expect, it } from 'vitest';
import { UnauthorizedError, UnavailableError } from '../../lambdas/core/errors.ts';
import { limitedText } from '../../lambdas/core/runs/limited-text.ts';
import { totalsOf } from '../../lambdas/core/runs/run-totals.ts';
import { page } from '../support/fake-api.ts';
import { pipelineOf } from '../support/fake-pipeline.ts';

const refuseKey = () => {
  throw new UnauthorizedError('The key was refused.');
};

describe('the requests of a run', () => {
  it('count for a table that is given up: those of every attempt', async () => {
    const { pipeline, requests } = pipelineOf(['campaigns'], {
      '/campaigns': () => {
        throw new UnavailableError('The API is down.');
      },
    });
    const report = await pipeline.run();
    expect(report?.tables['campaigns']).toMatchObject({ status: 'failed', requests: 5, retries: 4 });
    expect(report && totalsOf(report).requests).toBe(requests().length);
  });

  it('count for a table that was read after attempts that failed, and do not look like further pages', async () => {
    let failures = 2;
    const { pipeline, requests } = pipelineOf(['campaigns'], {
      '/campaigns': () => {
        if (failures-- > 0) throw new UnavailableError('The API is down.');
        return page([]);
      },
    });
    const report = await pipeline.run();
    expect(report?.tables['campaigns']).toMatchObject({ status: 'complete', requests: 3, retries: 2 });
    expect(report && totalsOf(report).requests).toBe(requests().length);
  });

  it('were held by rate limits for as long as those of all attempts and tables say', async () => {
    let failures = 2;
    const { pipeline, apis } = pipelineOf(['campaigns', 'jobs'], {
      '/campaigns': () => {
        for (const { counts } of apis.slice(-1)) counts.limited = { answers: 3, milliseconds: 40_000 };
        if (failures-- > 0) throw new UnavailableError('The API is down.');
        return page([]);
      },
      '/jobs': () => {
        for (const { counts } of apis.slice(-1)) counts.limited = { answers: 1, milliseconds: 5_000 };
        return page([]);
      },
    });
    const report = await pipeline.run();
    expect(report?.limited).toMatchObject({ answers: 10, milliseconds: 125_000 });
    expect(report && limitedText(report)).toMatch(
      /^The API slowed this run down: 10 of \d requests were answered 429, and the run waited 2 min 5 s for that\. /,
    );
  });

  it('count if the first one shows that the key is refused', async () => {
    const { pipeline, requests } = pipelineOf(['campaigns'], { '/me': refuseKey });
    const report = await pipeline.run();
    expect(requests()).toHaveLength(1);
    expect(report && totalsOf(report)).toMatchObject({ requests: 1, retries: 0 });
  });

  it('count if the key is refused while a list is being read, and every table says that it was', async () => {
    let pages = 0;
    const { pipeline, requests, clock } = pipelineOf(
      ['campaigns', 'jobs'],
      {
        '/campaigns': () => {
          clock.advance(280_000);
          return page([{ id: `c${(pages += 1)}` }], `page${pages}`);
        },
        '/jobs': refuseKey,
      },
      { timeoutSeconds: 300 },
    );
    await pipeline.run();
    // The message that would read the next page of campaigns comes after the end of the run.
    await pipeline.settle();
    const report = pipeline.reports.at(-1);
    expect(report?.tables).toMatchObject({
      campaigns: { requests: 2, error: { code: 'unauthorized' } },
      jobs: { requests: 1, error: { code: 'unauthorized' } },
    });
    expect(report && totalsOf(report).requests).toBe(requests().length);
  });
});
