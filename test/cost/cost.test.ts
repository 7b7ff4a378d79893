import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cost, estimateOf } from '../../cost/main.ts';
import { priceIds, readPrices } from '../../cost/prices.ts';
import { usualWorkload, type Workload } from '../../cost/model.ts';
import { countsFor, readReference, risenCalls } from '../../cost/reference.ts';
import { estimate } from '../../doctor/checks/size.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import type { WorkspaceInput } from '../../lib/config/workspace-input.ts';
import { commandStatus } from '../../local/cli/run-command.ts';
import { runHere } from '../support/start-process.ts';

const of = (config = {}, leads?: number) => estimateOf(parseWorkspace({ name: 'main', ...config }), leads);

it.each(priceIds)('the price table says what %s costs, and where AWS publishes it', (id) => {
  const { usd, official } = readPrices()[id];
  expect(usd).toBeGreaterThan(0);
  expect(new URL(official).hostname).toBe('aws.amazon.com');
});

it('the answer of the command names no webhooks of a workspace that has none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cost-'));
  await writeFile(
    join(folder, 'prospect-lake.config.mjs'),
    "export const workspaces = [{ name: 'main', webhooks: { enabled: false } }];",
  );
  const { stdout } = await runHere({ cwd: folder }, () => commandStatus(cost, []));
  await rm(folder, { recursive: true });
  expect(stdout).toContain('webhooks switched off, 20 queries a day');
  expect(stdout).not.toContain('200 webhooks');
});

describe('an estimate', () => {
  const base = of();

  it('is lower without webhooks, with one night a week, or for fewer leads', () => {
    const seldom = of({ webhooks: { enabled: false }, schedule: { cron: '0 2 ? * SUN *' } });
    expect(seldom.month).toBeLessThan(base.month);
    expect(of({}, 100).month).toBeLessThan(base.month);
  });

  it('is lower if fewer tables are read, and so are the requests', () => {
    const streams = ['leads', 'lead_messages'] as const;
    const few = of({ streams });
    expect(few.month).toBeLessThan(base.month);
    expect(few.firstLoad).toBeLessThan(0.6 * base.firstLoad);
    const requests = (config: Pick<WorkspaceInput, 'streams'>, phase: 'firstLoad' | 'night') =>
      countsFor(readReference(), phase, 20_000, parseWorkspace({ name: 'main', ...config })).apiRequests;
    // 200 pages of leads, and one page of messages for each lead.
    expect(requests({ streams }, 'firstLoad')).toBeGreaterThan(20_000);
    expect(requests({ streams }, 'firstLoad')).toBeLessThan(21_500);
    expect(requests({ streams: ['leads'] }, 'firstLoad')).toBeLessThan(600);
    expect(estimate(parseWorkspace({ name: 'main', streams }), 20_000).firstLoad.requests).toBe(
      Math.ceil(requests({ streams }, 'firstLoad')),
    );
    expect(requests({ streams }, 'night')).toBeLessThan(requests({ streams: 'all' }, 'night'));
  });

  it('has the children that a night reads again: all of them each night, or fewer the longer childRereadDays is', () => {
    const night = (childRereadDays: number) =>
      estimate(
        parseWorkspace({ name: 'main', streams: ['leads', 'lead_messages'], reading: { childRereadDays } }),
        20_000,
      ).night.requests;
    const [daily, usual, seldom] = [night(1), night(30), night(365)];
    // Nearly a page of messages for each lead: the recorded night has read somewhat less than its thirtieth.
    expect(daily).toBeGreaterThan(0.95 * 20_000);
    expect(daily).toBeLessThan(21_500);
    expect(usual - seldom).toBeCloseTo(20_000 / 30 - 20_000 / 365, -2);
    expect(of({ reading: { childRereadDays: 1 } }).nightHours).toBeGreaterThan(2 * base.nightHours);
  });

  it('has the price and the requests of the key of the workspace', () => {
    const key = of({ kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555' });
    expect(Object.fromEntries(base.services)['KMS']).toBeUndefined();
    expect(Object.fromEntries(key.services)['KMS']).toBeGreaterThan(1);
    expect(key.month - base.month).toBeLessThan(1.5);
  });

  it('has the hours of a night, and warns of a first load longer than a run and of a night longer than a day', () => {
    expect(base.warnings).toEqual([]);
    expect(base.nightHours).toBeGreaterThan(0);
    expect(of({ requestsPerMinute: 120 }).nightHours).toBeCloseTo(base.nightHours / 2);
    expect(of({ runDeadlineHours: 1 }).warnings).toEqual([
      expect.stringContaining('(runDeadlineHours, 1), so it goes on over several runs'),
    ]);
    expect(of({}, 10_000_000).warnings).toEqual([
      expect.stringContaining('(runDeadlineHours, 72)'),
      expect.stringContaining('A night takes longer than a day.'),
    ]);
  });

  it('follows the webhooks, the queries and the history that are given', () => {
    const config = parseWorkspace({ name: 'main' });
    const month = (more: Partial<Workload>) => estimateOf(config, 20_000, { ...usualWorkload, ...more }).month;
    expect(month({})).toBe(base.month);
    for (const more of [{ webhooksPerDay: 2_000 }, { queriesPerDay: 2_000 }, { monthsOfHistory: 60 }])
      expect(month(more)).toBeGreaterThan(base.month);
    expect(month({ webhooksPerDay: 0 })).toBeLessThan(base.month);
  });

  it('is the sum of its services and the sum of its causes; the free tier reduces it', () => {
    for (const parts of [base.services, base.causes])
      expect(parts.reduce((sum, [, usd]) => sum + usd, 0)).toBeCloseTo(base.month);
    expect(base.lessFreeTier).toBeGreaterThan(0);
    expect(base.lessFreeTier).toBeLessThan(base.month);
  });

  it('is at most $2.50 if nothing happens, and $5 for 100,000 leads, 200 webhooks and 20 queries a day', () => {
    expect(Object.fromEntries(base.causes)['always']).toBeLessThanOrEqual(2.5);
    expect(of({}, 100_000).month).toBeLessThanOrEqual(5);
  });
});

describe('a night that makes more calls than recorded', () => {
  const { phases } = readReference().small;
  const { calls } = phases.night;
  const often = Object.entries(calls).filter(([, count]) => count >= 30);

  it.each(often)('is noticed if it makes a tenth more of %s', (call, count) => {
    const night = { ...phases.night, calls: { ...calls, [call]: Math.ceil(count * 1.1) + 3 } };
    expect(risenCalls(phases, { ...phases, night })).toEqual([expect.stringContaining(`night: ${call} rose`)]);
    expect(risenCalls(phases, phases)).toEqual([]);
  });

  it('is noticed if it makes a new kind of call', () => {
    const night = { ...phases.night, calls: { ...calls, 'dynamodb:PutItem': 3 } };
    expect(risenCalls(phases, { ...phases, night })).toHaveLength(1);
  });
});
