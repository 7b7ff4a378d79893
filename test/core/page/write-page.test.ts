import { describe, expect, it } from 'vitest';
import { reportKey } from '../../../lambdas/contract/object-keys.ts';
import { renewPage, writePage } from '../../../lambdas/core/page/write-page.ts';
import { ample } from '../../support/fixed-clock.ts';
import { lead, pipelineOf } from '../../support/fake-pipeline.ts';
import { dataIn, nightAfter, pageSettings } from '../../support/page-nights.ts';

const at = new Date('2026-12-31T03:00:00.000Z');
const leadRows = ['l1', 'l2', 'l3', 'l4', 'l5'].map((id, place) => lead(id, undefined, { is_qualified: place < 2 }));
const messages: Readonly<Record<string, readonly [direction: string, channel: string, day: string][]>> = {
  l1: [
    ['outbound', 'email', '2026-11-02'],
    ['inbound', 'email', '2026-11-10'],
  ],
  l2: [['outbound', 'sms', '2026-11-23']],
  l3: [['Inbound', 'email', '2026-11-24']],
  l5: [['outbound', 'email', '2020-01-01']],
};

function pipeline(streams = ['lead_messages']) {
  return pipelineOf(
    streams,
    {
      '/leads': () => ({ data: leadRows }),
      '/leads/{lead_id}/messages': ({ pathParameters }) => ({
        data: (messages[pathParameters['lead_id'] ?? ''] ?? []).map(([direction, channel, day], place) => ({
          id: `m${place}`,
          direction,
          channel,
          created_at: `${day}T10:00:00.000Z`,
          subject: '</script><b>Dear A. Person',
        })),
      }),
    },
    { settings: { page: pageSettings } },
  );
}

async function pageOf({ store }: ReturnType<typeof pipeline>['pipeline']): Promise<string> {
  return new TextDecoder().decode((await store.get(pageSettings.pageKey))?.body);
}

describe('the page that a run writes', () => {
  it('counts what the tables hold', async () => {
    const { pipeline: run } = pipeline();
    await run.run();
    expect(await run.rows('leads')).toHaveLength(5);
    const page = await pageOf(run);
    expect(dataIn(page)).toMatchObject({
      funnel: [{ leads: 5 }, { leads: 3 }, { leads: 1 }, { leads: 2 }],
      messages: [
        { week: '2026-11-02', category: 'email', rows: 1 },
        { week: '2026-11-09', category: 'email', rows: 1 },
        { week: '2026-11-23', category: 'email', rows: 1 },
        { week: '2026-11-23', category: 'sms', rows: 1 },
      ],
      tables: { leads: { rows: [5], status: 'c' }, lead_messages: { rows: [5], status: 'c' } },
    });
    expect(page).toMatch(/<\/svg>\d+ tables are up to date as of [^;]+; \d+ others are switched off<\/h1>/);
  });

  it('does not say that no lead was written to if the messages are not read', async () => {
    const { pipeline: run } = pipeline(['leads']);
    await run.run();
    expect(dataIn(await pageOf(run))).toMatchObject({
      funnel: [
        { stage: 'Known', leads: 5 },
        { stage: 'Qualified, answered or not', leads: 2 },
      ],
    });
  });

  it('reads no data file twice', async () => {
    const { pipeline: run, clock } = pipeline();
    await run.run();
    const read: string[] = [];
    const { get } = run.store;
    run.store.get = (key) => {
      read.push(key);
      return get.call(run.store, key);
    };
    clock.advance(24 * 3_600_000);
    leadRows[3] = lead('l4', '2026-11-24T12:00:00.000Z', { is_qualified: true });
    await run.run();
    expect(dataIn(await pageOf(run))).toMatchObject({
      funnel: [{ leads: 5 }, { leads: 3 }, { leads: 1 }, { leads: 3 }],
    });
    const counted = read.slice(read.indexOf('state/page.json.gz')).filter((key) => key.endsWith('.parquet'));
    expect(counted.map((key) => key.split('/')[1])).toEqual(['leads']);
  });

  it('has no personal data', async () => {
    const { pipeline: run } = pipeline();
    await run.run();
    const page = await pageOf(run);
    expect(page.includes('A. Person')).toBe(false);
  });

  it('does not fail the run if it cannot be written', async () => {
    const { pipeline: run } = pipelineOf(
      ['leads'],
      { '/leads': () => ({ data: leadRows }) },
      { settings: { page: { ...pageSettings, template: () => Promise.reject(new Error('There is no template.')) } } },
    );
    const report = await run.run();
    expect(report?.status).toBe('complete');
    expect(run.store.json(reportKey(report?.runId ?? ''))).toMatchObject({ status: 'complete' });
    expect(run.log.lines).toContainEqual(
      expect.objectContaining({
        message: 'The page of the run could not be written.',
        fields: expect.objectContaining({ reason: 'There is no template.' }),
      }),
    );
    expect(await run.store.get(pageSettings.pageKey)).toBeUndefined();
  });

  it('begins anew if its state is damaged', async () => {
    const { pipeline: run } = pipeline();
    await run.store.put('state/page.json.gz', 'no gzip');
    await run.run();
    expect(dataIn(await pageOf(run))).toMatchObject({ funnel: [{ leads: 5 }, {}, {}, {}] });
  });

  it('says that work was given up, from the dead-letter queues', async () => {
    const { pipeline: run } = pipeline();
    const deadLetters = { extract: { waiting: async () => 3 }, convert: { waiting: async () => 0 } };
    await run.run();
    const [report] = run.reports;
    if (!report) throw new Error('The run has no report.');
    const ended = { ...nightAfter(0), report };
    const { store, log, warehouse } = run;
    const ports = { store, log, warehouse, clock: { now: () => at }, deadline: ample, deadLetters };
    await writePage(ended, pageSettings, ports);
    const page = await pageOf(run);
    expect(page).toContain('Messages in the dead-letter queues: extract 3.');
    expect(page).toContain('1 problem needs you');
    // Afterwards a person deletes them, and forgets somebody whom the page named: no run begins.
    await store.delete(pageSettings.pageKey);
    await renewPage(pageSettings, { ...ports, deadLetters: {} });
    expect(await pageOf(run)).toContain('Nothing needs you.');
  });

  it('is not made by a command before the first run', async () => {
    const { pipeline: run } = pipeline();
    await renewPage(pageSettings, { store: run.store, clock: { now: () => at }, deadLetters: {} });
    expect(await run.store.get(pageSettings.pageKey)).toBeUndefined();
  });
});
