import { beforeAll, describe, expect, it } from 'vitest';
import type { DuckDBConnection } from '@duckdb/node-api';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import { currentTableOf, historyName, tableOf } from '../../lambdas/contract/stream.ts';
import { namedQueries } from '../../lambdas/streams/named-queries.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { type Cell, createTable, emptyDuckdb, fillTable, type TestRow } from '../support/lake-tables.ts';

const run = { _run_id: 'nightly-20261124T000000000Z', _extracted_at: '2026-11-24T00:10:00Z', dt: '2026-11-24' };
let lake: DuckDBConnection;

beforeAll(async () => {
  lake = await emptyDuckdb();
  await createTable(lake, pipelineRuns.name, pipelineRuns);
  for (const stream of streams) {
    await createTable(lake, historyName(stream), tableOf(stream));
    await createTable(lake, stream.name, currentTableOf(stream));
  }
});

const fill = (table: string, rows: readonly TestRow[]) =>
  fillTable(
    lake,
    table,
    rows.map((row) => ({ ...run, ...row })),
  );

async function answer(name: string): Promise<unknown[][]> {
  const sql = namedQueries.find((query) => query.name === name)?.sql;
  expect(sql).toBeDefined();
  const reader = await lake.runAndReadAll(sql ?? '');
  return reader.getRowsJson().map((row) => row.map((cell) => (/^\d+$/.test(String(cell)) ? Number(cell) : cell)));
}

describe('lead_funnel', () => {
  it('counts in each stage the leads that passed the previous stage, without deleted leads', async () => {
    const qualified: Record<string, boolean | null> = { a: true, b: true, c: false, d: null, e: true };
    await fill(
      'leads',
      Object.entries(qualified).map(([id, is_qualified]) => ({ id, is_qualified })),
    );
    const message = (lead_id: string, id: number, direction: string) => ({ lead_id, id, direction });
    await fill('lead_messages', [
      message('a', 1, 'outbound'),
      message('a', 2, 'inbound'),
      message('a', 3, 'Inbound'),
      message('b', 4, 'outbound'),
      message('c', 5, 'OUTBOUND'),
      message('c', 6, 'inbound'),
      // This lead wrote to us first.
      message('e', 7, 'inbound'),
      // This message belongs to a deleted lead whose children are not deleted yet.
      message('deleted', 8, 'outbound'),
    ]);
    expect(await answer('lead_funnel')).toEqual([
      [1, 'known', 5, 100],
      [2, 'contacted', 3, 60],
      [3, 'answered', 2, 40],
      [4, 'qualified', 1, 20],
    ]);
  });

  it('has four empty stages if there are no leads', async () => {
    await fill('leads', []);
    expect((await answer('lead_funnel')).map(([, name, leads, percent]) => [name, leads, percent])).toEqual(
      ['known', 'contacted', 'answered', 'qualified'].map((name) => [name, 0, null]),
    );
  });
});

describe('campaign_performance_by_run', () => {
  it('counts the events of each run by type, newest run first, and shows a run without events', async () => {
    await fill('campaigns', [{ id: 'c1', status: 'active' }]);
    await fill('campaign_runs', [
      { campaign_id: 'c1', id: 'r1', status: 'completed', created_at: '2026-11-01T00:00:00Z' },
      { campaign_id: 'c1', id: 'r2', status: 'running', created_at: '2026-11-02T00:00:00Z' },
    ]);
    const event = (id: string, type: string, hour: number) => ({
      run_id: 'r1',
      id,
      type,
      created_at: `2026-11-01T0${hour}:00:00Z`,
    });
    await fill('campaign_run_events', [event('1', 'sent', 1), event('2', 'sent', 3), event('3', 'reply', 2)]);
    const rows = await answer('campaign_performance_by_run');
    expect(rows.map(([campaign, , id, status, , type, events]) => [campaign, id, status, type, events])).toEqual([
      ['c1', 'r2', 'running', null, 0],
      ['c1', 'r1', 'completed', 'sent', 2],
      ['c1', 'r1', 'completed', 'reply', 1],
    ]);
    expect(rows[1]?.slice(7)).toEqual(['2026-11-01 01:00:00+00', '2026-11-01 03:00:00+00']);
  });
});

describe('message_volume', () => {
  it('counts messages and their leads by month, channel and direction', async () => {
    const message = (id: number, lead_id: string, channel: string, day: string) => ({
      id,
      lead_id,
      channel,
      direction: 'outbound',
      created_at: `${day}T10:00:00Z`,
    });
    await fill('lead_messages', [
      message(1, 'a', 'email', '2026-10-31'),
      message(2, 'a', 'email', '2026-11-01'),
      message(3, 'a', 'email', '2026-11-30'),
      message(4, 'b', 'email', '2026-11-02'),
      message(5, 'b', 'sms', '2026-11-02'),
    ]);
    expect((await answer('message_volume')).map(([month, ...rest]) => [String(month).slice(0, 7), ...rest])).toEqual([
      ['2026-11', 'email', 'outbound', 3, 2],
      ['2026-11', 'sms', 'outbound', 1, 1],
      ['2026-10', 'email', 'outbound', 1, 1],
    ]);
  });
});

describe('email_usage_against_plan', () => {
  it('compares the last counters of each day with the plan, and shows nothing if they have other names', async () => {
    const seen = (dt: string, hour: number, usage: Cell) => ({
      id: 'u',
      dt,
      _extracted_at: `${dt}T0${hour}:00:00Z`,
      usage,
    });
    await fill('billing_subscription', [{ id: 's', plan: 'growth', status: 'active' }]);
    await fill('billing_usage_history', [
      seen('2026-11-22', 1, '{"emails":"many"}'),
      seen('2026-11-23', 1, '{"emails_sent":100,"emails_included":1000}'),
      seen('2026-11-23', 5, '{"emails_sent":250,"emails_included":1000}'),
      seen('2026-11-24', 1, '{"emails_sent":1,"emails_included":0}'),
    ]);
    const rows = await answer('email_usage_against_plan');
    expect(rows.map(([day, plan, , , sent, included, percent]) => [day, plan, sent, included, percent])).toEqual([
      ['2026-11-24', 'growth', 1, 0, null],
      ['2026-11-23', 'growth', 250, 1000, 25],
      ['2026-11-22', 'growth', null, null, null],
    ]);
  });
});

describe('import_error_causes', () => {
  it('treats messages that differ only in numbers as one cause', async () => {
    const messages = [
      'Duplicate of row 4',
      'Duplicate of row 12',
      'Duplicate of row 12345678901',
      'E-mail is not valid',
    ];
    await fill(
      'import_errors',
      messages.map((message, row) => ({ import_id: `i${row % 2}`, row, message })),
    );
    expect(await answer('import_error_causes')).toEqual([
      ['Duplicate of row #', 3, 2, 75],
      ['E-mail is not valid', 1, 1, 25],
    ]);
  });
});

describe('speed_of_reply', () => {
  it('measures from a message to the next of the same lead and channel that goes the other way', async () => {
    const message = (lead_id: string, id: string, channel: string, direction: string, created_at: string) => ({
      lead_id,
      id,
      channel,
      direction,
      created_at: `2026-10-${created_at}:00Z`,
    });
    await fill('lead_messages', [
      message('speed', 's1', 'speed', 'outbound', '01T08:00'),
      // A reminder: only the last message before the answer counts.
      message('speed', 's2', 'speed', 'outbound', '02T08:00'),
      message('speed', 's3', 'speed', 'Inbound', '02T08:30'),
      message('speed', 's4', 'speed', 'outbound', '04T08:30'),
      message('other', 's5', 'speed', 'outbound', '05T08:00'),
      message('other', 's6', 'speed', 'inbound', '05T11:00'),
      message('other', 's7', 'elsewhere', 'inbound', '05T08:01'),
    ]);
    const rows = await answer('speed_of_reply');
    expect(rows.filter(([, channel]) => channel === 'speed').map(([, ...rest]) => rest)).toEqual([
      ['speed', 'lead', 2, 0.5, 50, 100],
      ['speed', 'us', 1, 48, 0, 0],
    ]);
  });
});

describe('prospector_yield', () => {
  it('counts a lead once for each workflow that found it', async () => {
    await fill('prospector_workflows', [
      { id: 'w1', name: 'One' },
      { id: 'w2', name: 'None' },
    ]);
    await fill('prospector_runs', [
      { workflow_id: 'w1', id: 'r1' },
      { workflow_id: 'w1', id: 'r2' },
    ]);
    await fill('leads', [
      { id: 'found', is_qualified: true },
      { id: 'silent', is_qualified: null },
    ]);
    await fill('lead_messages', [
      { lead_id: 'found', id: 'f1', direction: 'outbound' },
      { lead_id: 'found', id: 'f2', direction: 'inbound' },
    ]);
    await fill('prospector_results', [
      { run_id: 'r1', id: 'p1', lead_id: 'found' },
      { run_id: 'r2', id: 'p2', lead_id: 'found' },
      { run_id: 'r2', id: 'p3', lead_id: 'silent' },
      { run_id: 'r2', id: 'p4', lead_id: null },
    ]);
    expect(await answer('prospector_yield')).toEqual([
      ['w1', 'One', null, 2, 4, 2, 1, 1, 1],
      ['w2', 'None', null, 0, 0, 0, 0, 0, 0],
    ]);
  });
});

describe('import_quality', () => {
  it('counts the refused rows of each import, each once', async () => {
    await fill('imports', [
      {
        id: 'quality',
        name: 'File',
        status: 'done',
        created_at: '2027-01-01T00:00:00Z',
        total_rows: 8,
        imported_rows: 6,
        error_count: 2,
      },
    ]);
    const error = (row: number, position: number) => ({ import_id: 'quality', row, position, message: 'No.' });
    await fill('import_errors', [error(3, 0), error(3, 1), error(5, 0)]);
    const rows = await answer('import_quality');
    expect(rows.filter(([id]) => id === 'quality').map(([id, , , , ...rest]) => [id, ...rest])).toEqual([
      ['quality', 8, 6, 2, 3, 2, 75],
    ]);
  });
});

describe('freshness_by_table', () => {
  it('shows the time since a table’s last complete night, and how its newest run ended', async () => {
    const now = Date.now();
    const night = (
      table_name: string,
      hoursAgo: number,
      status: string,
      rows_written: number,
      error_code: Cell = null,
    ) => ({
      run_id: `nightly-${100 - hoursAgo}`,
      table_name,
      kind: 'nightly',
      status,
      rows_written,
      error_code,
      started_at: new Date(now - hoursAgo * 3_600_000).toISOString(),
    });
    await fillTable(lake, pipelineRuns.name, [
      night('fresh', 26, 'failed', 0, 'forbidden'),
      night('fresh', 2, 'complete', 10),
      night('stale', 26, 'complete', 7),
      night('stale', 2, 'partial', 3, 'rate_limited'),
      night('never', 2, 'failed', 0, 'forbidden'),
      { ...night('stale', 1, 'complete', 1), kind: 'refresh', run_id: 'refresh-1' },
    ]);
    const rows = await answer('freshness_by_table');
    expect(rows.map(([table, , hours, ...rest]) => [table, hours === null ? null : Number(hours), ...rest])).toEqual([
      ['never', null, 'failed', 0, 'forbidden'],
      ['stale', 26, 'partial', 3, 'rate_limited'],
      ['fresh', 2, 'complete', 10, null],
    ]);
  });
});
