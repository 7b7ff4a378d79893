/** Rejected rows stand until every row of their table was read again and none was rejected. */

import { describe, expect, it } from 'vitest';
import { pipelineStateKey } from '../../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { readJson } from '../../../lambdas/core/store/stored-json.ts';
import { page } from '../../support/fake-api.ts';
import { lead, pipelineOf } from '../../support/fake-pipeline.ts';

const day = 86_400_000;

/** A workspace after the two nights that read everything, for nights of which the API gives other rows. */
async function workspace() {
  const given = { leads: [lead('a')] as object[], messages: [] as object[] };
  const { pipeline, clock } = pipelineOf(['leads', 'lead_messages'], {
    '/leads': () => page(given.leads),
    '/leads/{lead_id}/messages': () => page(given.messages),
  });
  const night = async (request: object = {}) => {
    clock.advance(day);
    const report = await pipeline.run(request);
    const state = await readJson(pipeline.store, pipelineStateKey, pipelineState);
    return { report, rejected: state?.value.rejected ?? {} };
  };
  await night();
  await night();
  return { given, night };
}

const withoutId = { ...lead('b'), id: null };

describe('rejected rows', () => {
  it('stand after a night that read only what changed, and end with one that reads the whole table', async () => {
    const { given, night } = await workspace();
    given.leads = [lead('a'), withoutId];
    const { report, rejected } = await night();
    expect(rejected['leads']).toMatchObject({ runId: report?.runId, since: report?.startedAt, rows: 1, of: 2 });
    given.leads = [lead('a', '2026-11-25T12:00:00.000Z')];
    const calm = await night();
    expect(calm.report).toMatchObject({ status: 'complete', tables: { leads: { rowsRejected: 0 } } });
    expect(calm.rejected['leads']).toEqual(rejected['leads']);
    given.leads = [lead('a'), lead('b')];
    const whole = await night({ fullRefresh: true });
    expect(whole.rejected['leads']).toMatchObject({
      solvedAt: whole.report?.finishedAt,
      solvedBy: whole.report?.runId,
    });
  });

  it('stand since the first of several runs that met them, and anew after they were solved', async () => {
    const { given, night } = await workspace();
    given.leads = [lead('a'), withoutId];
    const first = await night();
    given.leads = [withoutId, ...Array.from({ length: 9 }, (_, at) => lead(`c${at}`))];
    const second = await night();
    expect(second.rejected['leads']).toMatchObject({
      runId: second.report?.runId,
      since: first.report?.startedAt,
      // The larger share stands.
      rows: 1,
      of: 2,
    });
    given.leads = [lead('a')];
    await night({ fullRefresh: true });
    given.leads = [lead('a'), withoutId];
    const last = await night();
    expect(last.rejected['leads']).toMatchObject({ since: last.report?.startedAt });
    expect(last.rejected['leads']).not.toHaveProperty('solvedAt');
  });

  it('of a night that rejected every row end with the next night, which reads them again', async () => {
    const { given, night } = await workspace();
    given.leads = [withoutId];
    const { report, rejected } = await night();
    expect(report?.tables['leads']).toMatchObject({ error: { code: 'all_rejected' } });
    expect(rejected['leads']).toMatchObject({ isRepeated: true });
    given.leads = [lead('b')];
    expect((await night()).rejected['leads']).toHaveProperty('solvedAt');
  });

  it('of a child table end with a night that reads the children of every parent', async () => {
    const { given, night } = await workspace();
    const message = { id: 'm', object: 'lead_message', created_at: '2026-11-01T00:00:00.000Z' };
    given.messages = [message, { ...message, id: null }];
    await night();
    given.messages = [message];
    expect((await night()).rejected['lead_messages']).not.toHaveProperty('solvedAt');
    expect((await night({ fullRefresh: true })).rejected['lead_messages']).toHaveProperty('solvedAt');
  });
});
