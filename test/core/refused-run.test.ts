import { describe, expect, it } from 'vitest';
import { ForbiddenError, UnauthorizedError } from '../../lambdas/core/errors.ts';
import { page } from '../support/fake-api.ts';
import { lead, pipelineOf } from '../support/fake-pipeline.ts';

describe('a run whose key is refused, or lacks a scope,', () => {
  it('fails at once if the key is refused, with a report that says so', async () => {
    const { pipeline, requests } = pipelineOf(['leads', 'campaigns'], {
      '/me': () => {
        throw new UnauthorizedError('The key was refused.', { requestId: 'req_9' });
      },
    });
    const report = await pipeline.run();
    expect(report?.status).toBe('failed');
    expect(report?.tables['campaigns']?.error).toEqual({
      code: 'unauthorized',
      message: 'The key was refused.',
      requestId: 'req_9',
    });
    expect(requests()).toHaveLength(1);
  });

  it('aborts if the key is refused in the middle, and no other task sends a request', async () => {
    const { pipeline, requests } = pipelineOf(['lead_messages'], {
      '/leads': () => page([lead('a')]),
      '/leads/{lead_id}/messages': () => {
        throw new UnauthorizedError('The key was refused.');
      },
    });
    const report = await pipeline.run();
    expect(report?.status).toBe('failed');
    expect(requests().filter(({ path }) => path === '/leads/{lead_id}/messages')).toHaveLength(1);
  });

  it('continues without a stream that lacks its scope, and ends partial', async () => {
    const { pipeline } = pipelineOf(['leads', 'campaign_logs'], {
      '/leads': () => page([lead('a')]),
      '/campaigns': () => {
        throw new ForbiddenError('campaigns.read is missing.');
      },
    });
    const report = await pipeline.run();
    expect(report?.status).toBe('partial');
    expect(report?.tables['leads']?.status).toBe('complete');
    expect(report?.tables['campaigns']).toMatchObject({ status: 'failed', requests: 1, error: { code: 'forbidden' } });
    expect(report?.tables['campaign_logs']).toMatchObject({ status: 'failed', error: { code: 'parent_failed' } });
  });

  it('says that a table lacks its scope although nothing of it was due, unless the API lists no scope that it knows', async () => {
    const nightWith = async (scopes: readonly string[] | undefined) => {
      const { pipeline } = pipelineOf(['lead_messages'], {
        '/me': () => ({ data: { id: 'key', ...(scopes ? { scopes } : {}) } }),
        '/leads': () => page([]),
      });
      return pipeline.run();
    };
    const report = await nightWith(['me.read', 'leads.read']);
    expect(report).toMatchObject({
      status: 'partial',
      tables: {
        leads: { status: 'complete' },
        lead_messages: { status: 'failed', requests: 0, error: { code: 'forbidden' } },
      },
    });
    expect(report?.tables['lead_messages']?.error?.message).toContain('the scope messages.read');
    expect((await nightWith(['me.read', 'leads.read', 'messages.read']))?.status).toBe('complete');
    expect((await nightWith(undefined))?.status).toBe('complete');
    expect((await nightWith(['read:everything']))?.status).toBe('complete');
  });

  it('believes an answer more than the list of the scopes', async () => {
    const { pipeline } = pipelineOf(['lead_messages'], {
      '/me': () => ({ data: { id: 'key', scopes: ['me.read'] } }),
      '/leads': () => page([lead('a')]),
      '/leads/{lead_id}/messages': () => page([]),
    });
    expect((await pipeline.run())?.status).toBe('complete');
  });

  it('learns that a table of children lacks its scope from the first task: the others do not ask', async () => {
    const { pipeline, requests } = pipelineOf(['lead_messages'], {
      '/leads': () => page(Array.from({ length: 1_600 }, (_, index) => lead(`l${index}`))),
      '/leads/{lead_id}/messages': () => {
        throw new ForbiddenError('messages.read is missing.');
      },
    });
    const report = await pipeline.run();
    expect(report?.tables['lead_messages']).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
    const asked = requests().flatMap(({ pathParameters }) => pathParameters['lead_id'] ?? []);
    // Only the first of the four tasks sends requests: for its first three parents, and for its last one.
    expect(asked).toHaveLength(4);
  });

  it('is failed, not partial, if every answer is 403', async () => {
    const { pipeline } = pipelineOf(['campaigns'], {
      '/campaigns': () => {
        throw new ForbiddenError('campaigns.read is missing.');
      },
    });
    expect((await pipeline.run())?.status).toBe('failed');
  });
});
