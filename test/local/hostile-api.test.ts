/** The deployed functions against an API that misbehaves in each way that they must handle. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { retryMessages } from '../../lambdas/contract/retry-log.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { ApiTraffic } from '../../local/cloud/lambda/api-traffic.ts';
import { errorAnswer, htmlPage, tooManyRequests } from '../../local/faults/faults.ts';
import { keysInLake, keysInSimulator } from '../support/lake-rows.ts';
import { type HostileWorld, hostileWorld } from '../support/local-run.ts';

const minutes = { timeout: 600_000 };
const tables = streams.map(({ name }) => name);

describe('an API that fails for a while', () => {
  let world: HostileWorld;
  let report: RunReport;

  beforeAll(async () => {
    world = await hostileWorld();
    world.proxy.plant([
      { path: /^\/leads(\?|$)/, fault: tooManyRequests('1'), times: 1 },
      { path: /^\/leads\?.*cursor=/, fault: { kind: 'cut-off' }, times: 1 },
      { path: /^\/campaigns(\?|$)/, fault: tooManyRequests(), times: 2 },
      // Longer than a function waits, so the task continues in a delayed message.
      { path: /^\/inbox\/threads(\?|$)/, fault: tooManyRequests('30'), times: 1 },
      { path: /^\/jobs(\?|$)/, fault: errorAnswer(500, 'internal'), times: 2 },
      // More failures than are retried within one receive of the message.
      { path: /^\/imports(\?|$)/, fault: errorAnswer(503, 'unavailable'), times: 7 },
      { path: /^\/leads\/[^/]+\/activities/, fault: { kind: 'reset' }, probability: 0.15 },
      { path: /^\/leads\/[^/]+\/messages/, fault: { kind: 'cut-off' }, probability: 0.1 },
      { path: /^\/leads\/[^/]+\/messages/, fault: { kind: 'half' }, probability: 0.1 },
      { path: /^\/prospector\/workflows(\?|$)/, fault: { kind: 'half' }, times: 2 },
      { path: /^\/settings\/email/, fault: htmlPage, times: 2 },
      { path: /^\/referrals(\?|$)/, fault: { kind: 'content-type', contentType: 'text/plain' } },
      { path: /^\/support\/tickets(\?|$)/, fault: { kind: 'empty-page' }, times: 3 },
      { path: /^\/webhooks(\?|$)/, fault: { kind: 'slow', pieces: 5, waitMilliseconds: 50 } },
    ]);
    report = await world.run();
  }, 600_000);
  afterAll(async () => world.end());

  it('the run ends complete', () => {
    const errors = Object.entries(report.tables).flatMap(([name, { error }]) => (error ? [[name, error]] : []));
    expect(errors).toEqual([]);
    expect(report.status).toBe('complete');
    expect(Object.keys(report.tables).toSorted()).toEqual(tables.toSorted());
  });

  it('no row is lost or duplicated', async () => {
    expect(await keysInLake(world.out)).toEqual(keysInSimulator(world.simulator));
    const rowsWritten = Object.fromEntries(
      Object.entries(report.tables).map(([name, table]) => [name, table.rowsWritten]),
    );
    expect(rowsWritten).toEqual(world.simulator.counts());
  });

  it.each([
    ['a request', retryMessages.request],
    ['a message', retryMessages.message],
  ])('the progress of a run takes from the log what is tried again: %s', async (_, message) => {
    const log = await readFile(join(world.out, '.cloud', 'logs', 'extract.log'), 'utf8');
    const line = log.split('\n').find((text) => text.includes(message) && text.includes('imports')) ?? '';
    const traffic = new ApiTraffic();
    const at = new Date();
    traffic.addLine(line, at);
    expect(traffic.lastRetry?.reason).toMatch(/^imports: the API answered 503\. /);
    expect(traffic.lastRetry?.until.getTime()).toBeGreaterThan(at.getTime());
  });

  it.each([
    ['leads', 2],
    ['campaigns', 2],
    ['jobs', 2],
    ['imports', 1],
    ['lead_activities', 1],
    ['lead_messages', 1],
    ['prospector_workflows', 2],
    ['settings_email', 2],
  ])('the report counts the retries of %s (at least %i)', (table, retries) => {
    expect(report.tables[table]?.retries).toBeGreaterThanOrEqual(retries);
  });

  it.each([
    ['referrals', 0],
    ['support_tickets', 0],
    ['webhook_endpoints', 0],
  ])('%s arrives at once: odd, but not wrong', (table, retries) => {
    expect(report.tables[table]?.retries).toBe(retries);
  });

  it('a request with a 429 is not repeated before its Retry-After is over', () => {
    const asked = world.proxy.requests.filter(({ path }) => path === '/leads');
    const limited = asked.findIndex(({ fault }) => fault === 'answer');
    expect((asked[limited + 1]?.at ?? 0) - (asked[limited]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('a long Retry-After becomes a delayed message, and the list is requested once more', () => {
    const asked = world.proxy.requests.filter(({ path }) => path === '/inbox/threads');
    expect(asked.map(({ fault }) => fault)).toEqual(['answer', ...asked.slice(1).map(() => undefined)]);
    // In this cloud, delayed messages wait a twentieth of their time.
    expect((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0)).toBeGreaterThanOrEqual(1_500);
  });
});

describe('an API that refuses some requests', () => {
  let world: HostileWorld;
  let report: RunReport;
  const failures: [table: string, status: string, code: string, message: RegExp][] = [
    ['campaigns', 'failed', 'forbidden', /campaigns\.read/],
    ['campaign_logs', 'failed', 'parent_failed', /campaigns, which was not read completely/],
    ['campaign_runs', 'failed', 'parent_failed', /campaigns, which was not read completely/],
    ['campaign_run_events', 'failed', 'parent_failed', /campaign_runs, which was not read completely/],
    ['referrals', 'failed', 'not_found', /404/],
    ['lead_fields', 'failed', 'request_refused', /400/],
    ['jobs', 'partial', 'paging', /list of jobs gave a cursor that it had given before/],
    ['job_events', 'partial', 'parent_failed', /jobs, which was not read completely/],
    [
      'support_tickets',
      'failed',
      'paging',
      /list of support_tickets says that there are more pages, but gives no cursor/,
    ],
    ['settings_sms', 'failed', 'unavailable', /500/],
    ['settings_profile', 'failed', 'not_found', /404/],
    ['settings_voice', 'failed', 'malformed_answer', /The answer is HTML, not JSON/],
  ];
  const failed = failures.map(([table]) => table);

  beforeAll(async () => {
    world = await hostileWorld();
    world.proxy.plant([
      { path: /^\/campaigns(\?|$)/, fault: errorAnswer(403, 'missing_scope') },
      { path: /^\/referrals(\?|$)/, fault: errorAnswer(404, 'not_found') },
      { path: /^\/lead-fields(\?|$)/, fault: errorAnswer(400, 'invalid_request') },
      { path: /^\/leads\/[^/]+\/messages/, fault: errorAnswer(404, 'not_found'), times: 1 },
      { path: /^\/settings\/profile/, fault: errorAnswer(404, 'not_found') },
      { path: /^\/jobs(\?|$)/, fault: { kind: 'repeated-cursor' } },
      { path: /^\/imports(\?|$)/, fault: { kind: 'empty-page' }, times: 40 },
      {
        path: /^\/support\/tickets(\?|$)/,
        fault: { kind: 'rewrite', rewrite: (body) => body.replace('"has_more":false', '"has_more":true') },
      },
      { path: /^\/settings\/sms/, fault: errorAnswer(500, 'internal') },
      { path: /^\/settings\/voice/, fault: htmlPage },
    ]);
    report = await world.run();
  }, 600_000);
  afterAll(async () => world.end());

  it('the run is partial, and the tables that failed are these', () => {
    expect(report.status).toBe('partial');
    const incomplete = Object.entries(report.tables).filter(([, { status }]) => status !== 'complete');
    expect(incomplete.map(([name]) => name).toSorted()).toEqual(failed.toSorted());
  });

  it.each(failures)('%s is %s: %s', (table, status, code, message) => {
    expect(report.tables[table]).toMatchObject({ status, error: { code, message: expect.stringMatching(message) } });
  });

  it('an error names the vendor’s request id', () => {
    expect(report.tables['campaigns']?.error?.requestId).toBe('req_planted');
    expect(report.tables['jobs']?.error?.requestId).toBeNull();
  });

  it('an endless list is stopped soon', () => {
    const asked = (list: string) => world.proxy.requests.filter(({ path }) => path === list).length;
    expect(asked('/jobs')).toBeLessThanOrEqual(3);
    expect(asked('/support/tickets')).toBeLessThanOrEqual(2);
  });

  it('dozens of empty pages are followed, since a filter may skip many rows', () => {
    expect(report.tables['imports']).toMatchObject({
      status: 'complete',
      rowsExtracted: world.simulator.counts()['imports'],
    });
  });

  it('a refused request is sent only once', () => {
    for (const list of ['/campaigns', '/referrals', '/lead-fields'])
      expect(world.proxy.requests.filter(({ path }) => path === list)).toHaveLength(1);
  });

  it('a child that is not found is counted, and is not an error', async () => {
    expect(report.tables['lead_messages']).toMatchObject({ status: 'complete', missing: 1, error: null });
    const gone = world.proxy.requests.find(({ fault, path }) => fault === 'answer' && path.endsWith('/messages'));
    const expected = keysInSimulator(world.simulator, ['lead_messages'])['lead_messages'] ?? [];
    const lost = [...world.simulator.expectedRows('lead_messages')].filter(
      ({ lead_id }) => gone?.path === `/leads/${String(lead_id)}/messages`,
    );
    const there = (await keysInLake(world.out, ['lead_messages']))['lead_messages'] ?? [];
    expect(there).toHaveLength(expected.length - lost.length);
  });

  it('the other tables are complete', async () => {
    const whole = tables.filter((name) => ![...failed, 'lead_messages', 'settings_profile'].includes(name));
    // A lead whose messages were not found is requested by its id, so its history has one more copy.
    const distinct = Object.entries(await keysInLake(world.out, whole)).map(([name, keys]) => [
      name,
      [...new Set(keys)],
    ]);
    expect(Object.fromEntries(distinct)).toEqual(keysInSimulator(world.simulator, whole));
  });

  it('once the API recovers, the next run loads what was missing', minutes, async () => {
    world.proxy.plant([]);
    const next = await world.run(withFamilies(failed));
    expect(next.status).toBe('complete');
    const distinct = Object.entries(await keysInLake(world.out, failed)).map(([name, keys]) => [
      name,
      [...new Set(keys)],
    ]);
    expect(Object.fromEntries(distinct)).toEqual(keysInSimulator(world.simulator, failed));
  });
});

/** Streams with all streams above them. */
function withFamilies(names: readonly string[]): string[] {
  const wanted = new Set(names);
  for (const { name, parent } of streams.toReversed()) if (wanted.has(name) && parent) wanted.add(parent.stream);
  return [...wanted];
}
