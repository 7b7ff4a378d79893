import { expect, it } from 'vitest';
import { causesOf, causeText, tablesText } from '../../../lambdas/core/runs/causes.ts';
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
  expect(causesOf({ status: 'partial', tables }, streams)).toEqual([
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
  const [cause, ...others] = causesOf({ status: 'failed', tables }, streams);
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
  const causes = causesOf({ status: 'partial', tables }, streams);
  expect(causes.map(({ problem }) => problem)).toEqual(['ScopeMissing', 'RunPartial']);
  expect(causes[0]).toMatchObject({
    message:
      'The API answered 403. The API key may not do this. Give the key these scopes, or switch the streams off in the configuration: campaigns.read for campaigns, campaign_runs, campaign_logs; jobs.read for jobs.',
    tables: ['campaigns', 'campaign_runs', 'jobs', 'campaign_logs'],
  });
});

it('keeps the error of a table whose parent is not in the report', () => {
  const tables = { campaign_runs: failed('parent_failed', 'campaigns was not read completely') };
  expect(causesOf({ status: 'partial', tables }, streams)).toEqual([
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
  const [cause, ...others] = causesOf({ status: 'partial', tables }, streams);
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
