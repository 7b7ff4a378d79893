import { expect, it } from 'vitest';
import { causesOf, causeText, tablesText } from '../../../lambdas/core/runs/causes.ts';
import { heldMessage } from '../../../lambdas/core/runs/held-deletions.ts';
import { streams } from '../../../lambdas/streams/registry.ts';
import { tableReport } from '../../support/table-report.ts';

const failed = (code: string, message: string, requestId: string | null = null) =>
  tableReport({ status: 'failed', error: { code, message, requestId } });

it('names each cause once, with the tables below the one that met it', () => {
  const refused = 'The API answered 403. The scope is campaigns.read.';
  const tables = {
    leads: tableReport({}),
    campaigns: failed('forbidden', 'campaigns: the API answered 403. The scope is campaigns.read.'),
    campaign_runs: failed('parent_failed', `campaign_runs is read for each row of campaigns: ${refused}`),
    campaign_run_events: failed('parent_failed', 'campaign_run_events is read for each row of campaign_runs'),
    jobs: failed('forbidden', 'jobs: the API answered 403. The scope is campaigns.read.'),
    imports: failed('unavailable', 'The API cannot be reached.'),
  };
  expect(causesOf({ runId: 'nightly-1', status: 'partial', tables }, streams)).toEqual([
    {
      problem: 'ScopeMissing',
      message: refused,
      tables: ['campaigns', 'campaign_runs', 'campaign_run_events', 'jobs'],
      requestId: null,
    },
    { problem: 'RunPartial', message: 'The API cannot be reached.', tables: ['imports'], requestId: null },
  ]);
});

it('a key that is refused while a run is under way is one cause, whichever table met it', () => {
  const refused = 'The API answered 401. Put a valid key into the secret.';
  const tables = {
    leads: failed('unauthorized', 'campaign_logs: the API answered 401. Put a valid key into the secret.'),
    jobs: failed('unauthorized', 'jobs: the API answered 401. Put a valid key into the secret.'),
    campaign_logs: failed('unauthorized', 'campaign_logs: the API answered 401. Put a valid key into the secret.'),
  };
  const [cause, ...others] = causesOf({ runId: 'nightly-1', status: 'failed', tables }, streams);
  expect(others).toEqual([]);
  expect(cause).toMatchObject({ problem: 'KeyRefused', message: refused, tables: Object.keys(tables) });
  expect(tablesText({ tables }, Object.keys(tables))).toBe('all tables');
  expect(tablesText({ tables }, ['leads', 'jobs'])).toBe('leads, jobs');
});

it('tells all scopes that the key lacks as one cause, each with its tables', () => {
  const tables = {
    imports: failed('unavailable', 'The API cannot be reached.'),
    campaigns: failed('forbidden', 'campaigns: the API answered 403. Give the key the scope campaigns.read.'),
    campaign_runs: failed('parent_failed', 'campaign_runs is read for each row of campaigns'),
    jobs: failed('forbidden', 'jobs: the API answered 403. Give the key the scope jobs.read.', 'req_1'),
    campaign_logs: failed('forbidden', 'The API answered 403 for /campaigns/{campaign_id}/logs.'),
  };
  const causes = causesOf({ runId: 'nightly-1', status: 'partial', tables }, streams);
  expect(causes.map(({ problem }) => problem)).toEqual(['ScopeMissing', 'RunPartial']);
  expect(causes[0]).toMatchObject({
    message:
      'The API answered 403. The API key may not do this. Give the key these scopes, or switch the streams off in the configuration (npx prospect-lake doctor prints the line for streams): campaigns.read for campaigns, campaign_runs, campaign_logs; jobs.read for jobs.',
    tables: ['campaigns', 'campaign_runs', 'jobs', 'campaign_logs'],
  });
});

it('keeps the error of a table whose parent is not in the report', () => {
  const tables = { campaign_runs: failed('parent_failed', 'campaigns was not read completely') };
  expect(causesOf({ runId: 'nightly-1', status: 'partial', tables }, streams)).toEqual([
    { problem: 'RunPartial', message: 'campaigns was not read completely', tables: ['campaign_runs'], requestId: null },
  ]);
});

it('gives the vendor’s id of one request for all tables of a cause', () => {
  const down = 'The API answered 500. It failed.';
  const tables = {
    leads: failed('unavailable', down),
    jobs: failed('unavailable', down, 'req_1'),
    imports: failed('unavailable', down, 'req_2'),
  };
  const [cause, ...others] = causesOf({ runId: 'nightly-1', status: 'partial', tables }, streams);
  expect(others).toEqual([]);
  expect(cause).toMatchObject({ tables: ['leads', 'jobs', 'imports'], requestId: 'req_1' });
  expect(cause && causeText(cause)).toBe(`${down} The vendor’s request id: req_1.`);
});

it.each([
  ['none', null],
  ['text that is no id', 'see <b>Jane</b>'],
])('tells no id if the vendor sent %s', (_, requestId) => {
  expect(causeText({ message: 'It failed.', requestId })).toBe('It failed.');
});

const perTable = {
  'parents that were not read': [
    'leads: the API answered 500. It failed. Not read: l_1 and 3 more.',
    'jobs: the API answered 500. It failed. Not read: j_7.',
  ],
  'shares of parents': [
    'The rows that belong to 2 of 30 rows of leads could not be read; the next run asks for them again. The first is l 1: leads: the API answered 500. It failed.',
    'The rows that belong to 11 of 12 rows of campaigns could not be read; the next run asks for them again. The first is c_2: jobs: the API answered 500. It failed.',
  ],
  'tasks that the deadline left': [
    "The task leads-a1 was not finished when the run's deadline (2026-11-23T08:00:00.000Z) passed. Look at the dead letters.",
    "The task jobs-b2 was not finished when the run's deadline (2026-11-23T08:00:00.000Z) passed. Look at the dead letters.",
  ],
  'chunks that were not converted': [
    'Chunk leads-a1-0 was not converted: no.',
    'Chunk jobs-b2-3 was not converted: no.',
  ],
  'paths that are missing': [
    'leads: the API answered 404. There is no /leads/{lead_id}/x. Ask the vendor.',
    'jobs: the API answered 404. There is no /jobs. Ask the vendor.',
  ],
};

it.each(Object.entries(perTable))(
  'tells tables that differ only in %s as one cause',
  (_, [first = '', second = '']) => {
    const tables = {
      leads: failed('unavailable', first),
      jobs: failed('unavailable', second),
      imports: failed('unavailable', 'The API cannot be reached.'),
    };
    const [cause, ...others] = causesOf({ runId: 'nightly-1', status: 'partial', tables }, streams);
    expect(cause?.tables).toEqual(['leads', 'jobs']);
    expect(cause?.message).toMatch(/\. This is what leads met; the run’s report has the details of jobs\.$/);
    expect(others.map((other) => other.tables)).toEqual([['imports']]);
  },
);

it('does not take two statuses of the API for one cause', () => {
  const tables = {
    leads: failed('unavailable', 'The API answered 500. It failed.'),
    jobs: failed('unavailable', 'The API answered 502. It failed.'),
  };
  expect(causesOf({ runId: 'nightly-1', status: 'partial', tables }, streams)).toHaveLength(2);
});

it('tells the deletions that were held back in several tables with one command', () => {
  const held = (name: string, rows: number) =>
    failed(
      'deletions_held',
      heldMessage(`The API no longer gave ${rows} of the 20 rows of ${name}.`, [name], 'nightly-1'),
    );
  const tables = { leads: held('leads', 9), jobs: held('jobs', 12) };
  const [cause, ...others] = causesOf({ runId: 'nightly-1', status: 'partial', tables }, streams);
  expect(others).toEqual([]);
  expect(cause?.message).toMatch(/9 of the 20 rows of leads\. .*12 of the 20 rows of jobs\. .*--stream leads,jobs\./);
  expect(cause?.message.match(/approve-deletions/g)).toHaveLength(1);
});
