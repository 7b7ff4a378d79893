import { describe, expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { reportKey } from '../../../lambdas/contract/object-keys.ts';
import { emptyPageState, withRun } from '../../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../../lambdas/core/page/render-page.ts';
import { writePage } from '../../../lambdas/core/page/write-page.ts';
import { ample } from '../../support/fixed-clock.ts';
import { lead, pipelineOf } from '../../support/fake-pipeline.ts';
import { dataIn, nightAfter, pageSettings, pageTemplate } from '../../support/page-nights.ts';

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

function pipeline() {
  return pipelineOf(
    ['lead_messages'],
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

const pageAfter = (
  run: ReturnType<typeof nightAfter>,
  more: Partial<typeof emptyPageState> = {},
  settings = pageSettings,
) => renderPage({ ...withRun(emptyPageState, run), ...more }, settings, '%content%', at);

describe('the page after a night', () => {
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
  });

  it('names fields that the API changed, and how to give them a column until they have one', () => {
    const change = {
      table: 'leads',
      field: 'budget',
      what: 'new' as const,
      from: [],
      to: ['number' as const],
      share: 0.5,
      shape: null,
      suggestion: "customColumns: { leads: { budget: { type: 'integer' } } }",
    };
    const night = nightAfter(0);
    const changed = { ...night, report: { ...night.report, schemaChanges: [change] } };
    expect(pageAfter(changed)).toMatch(/leads\.budget is new: .* in prospect-lake\.config\.ts: customColumns/);
    const streams = pageSettings.streams.map((one) =>
      withCustomColumns(one, { leads: { budget: { type: 'integer' } } }),
    );
    const later = pageAfter(changed, {}, { ...pageSettings, streams });
    expect(later).toContain('leads.budget is new');
    expect(later).not.toContain('To give it a column');
  });

  it('says so in place of a plot that has nothing to draw', () => {
    const counts = { rows: 2, isTrue: 0, weeks: {}, contacted: 0, answered: 0, edges: [] };
    const counted = { at: at.toISOString(), isWhole: true, isStale: false, files: { f: counts } };
    const page = pageAfter(nightAfter(0), { counted: { campaign_runs: counted } });
    expect(page).toContain('There were no campaign runs in these weeks.');
    expect(page).not.toContain('data-chart="campaign-runs"');
  });

  it('spells out the errors that a problem only names by their codes, with the tables below', () => {
    const unavailable = { code: 'unavailable', message: 'jobs: the API answered 500.', requestId: null };
    const below = { code: 'parent_failed', message: 'job_events is read for each row of jobs', requestId: null };
    const problem = {
      problem: 'RunPartial' as const,
      message: 'It is partial: unavailable in jobs.',
      tables: ['jobs'],
    };
    const tables = {
      jobs: { status: 'failed' as const, error: unavailable },
      job_events: { status: 'failed' as const, error: below },
    };
    const page = pageAfter(nightAfter(0, { tables, problems: [problem] }));
    expect(page).toContain('<li>jobs, job_events: The API answered 500.</li>');
    expect(page).toContain('the same as jobs');
  });

  it('says of several tables once why they were not read', () => {
    const error = { code: 'forbidden', message: 'The key lacks a scope.', requestId: null };
    const page = pageAfter(
      nightAfter(0, { tables: { jobs: { status: 'failed', error }, imports: { status: 'failed', error } } }),
    );
    expect(page.split(error.message)).toHaveLength(2);
    expect(page).toContain('the same as ');
  });
});

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
    expect(page.includes('Every table is up to date')).toBe(true);
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
});

describe('the page after a year', () => {
  const after = (nights: number) => {
    let state = emptyPageState;
    for (let each = 0; each < nights; each += 1) {
      const isBad = each % 5 === 0;
      const error = {
        code: 'forbidden',
        message: 'The key lacks the scope campaigns.read. '.repeat(4),
        requestId: null,
      };
      state = withRun(state, nightAfter(each, isBad ? { tables: { campaigns: { status: 'partial', error } } } : {}));
      for (const kind of ['refresh', 'confirm'] as const) state = withRun(state, nightAfter(each + 0.5, { kind }));
    }
    return state;
  };

  it('is smaller than 500,000 bytes, and grows no more after that', () => {
    const [year, two] = [after(365), after(730)].map((state) => renderPage(state, pageSettings, pageTemplate, at));
    expect(Buffer.byteLength(year ?? '')).toBeLessThan(470_000);
    expect(Buffer.byteLength(two ?? '')).toBeLessThan(Buffer.byteLength(year ?? '') * 1.02);
  });
});

describe('text of the API on the page', () => {
  const hostile = '</script><script>alert(1)</script>"\'&\u202e';
  const error = { code: 'forbidden', message: hostile, requestId: null };
  const state = withRun(
    emptyPageState,
    nightAfter(1, {
      tables: { leads: { status: 'failed', error, notes: [hostile] } },
      problems: [{ problem: 'RunPartial', message: hostile, tables: ['leads'] }],
    }),
  );
  const page = renderPage({ ...state, counted: { lead_messages: weeksOf(hostile) } }, pageSettings, pageTemplate, at);

  it('is escaped, in the HTML and in the data', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.includes('<script>alert')).toBe(false);
    expect(page.includes('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp; ')).toBe(true);
    expect(dataIn(page)).toMatchObject({ messages: [{ category: hostile }] });
  });

  it('names no address from which anything is loaded, and its policy allows none', () => {
    const markup = page.replaceAll(/<!--.*?-->|<script.*?<\/script>/gs, '');
    expect(markup.match(/(src|href|action)="(?!#|data:)[^"]*|url\([^)]*|@import.*/g)).toBeNull();
    expect(/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'unsafe-inline'; img-src data:;/,
    );
  });
});

function weeksOf(category: string) {
  const counts = {
    rows: 1,
    isTrue: 0,
    weeks: { '2026-12-28': { [category]: 1 } },
    contacted: 0,
    answered: 0,
    edges: [],
  };
  return { at: at.toISOString(), isWhole: true, isStale: false, files: { f: counts } };
}
