import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { problemNames } from '../../../lambdas/contract/problems.ts';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { judgment, neededNames } from '../../../ops/status/judgment.ts';
import type { StatusFacts } from '../../../ops/status/status-lines.ts';
import { bad, calm, night } from '../../support/status-facts.ts';
import { tableReport } from '../../support/table-report.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

const failedWith = (code: string) =>
  tableReport({ status: 'failed', error: { code, message: `The API answered ${code}.`, requestId: null } });
const nightWith = (status: RunReport['status'], ...codes: string[]) =>
  night(24, {
    status,
    tables: Object.fromEntries(codes.map((code, at) => [['leads', 'jobs', 'imports'][at] ?? code, failedWith(code)])),
  });
const heldBy = (runId: string) => ({ leads: { runId, at: '2026-11-24T02:00:00.000Z', message: '', nights: 0 } });
const rejection = {
  runId: night(23).runId,
  at: '2026-11-23T02:00:00.000Z',
  since: '2026-11-23T02:00:00.000Z',
  isRepeated: false,
  nights: 1,
};
const underWay = bad.underWay.map((run) => ({ ...run, deadline: '2026-11-24T20:00:00.000Z' }));
const deadLetters = [{ name: 'convert', waiting: 0, deadLetters: 4 }];

const nights: Readonly<Record<string, { readonly runs: readonly RunReport[]; readonly names: readonly string[] }>> = {
  'a complete night': { runs: [night(24)], names: [] },
  'no night': { runs: [], names: [] },
  'a refused key': { runs: [nightWith('failed', 'unauthorized')], names: ['KeyRefused'] },
  'a failed night without a cause': { runs: [night(24, { status: 'failed', tables: {} })], names: ['RunFailed'] },
  'a partial night without a cause': { runs: [night(24, { status: 'partial' })], names: ['RunPartial'] },
  'a night with several causes': {
    runs: [nightWith('partial', 'deletions_held', 'server_error', 'forbidden')],
    names: ['DeletionsHeld', 'RunPartial', 'ScopeMissing'],
  },
  'a night of which every row was rejected': { runs: [nightWith('partial', 'all_rejected')], names: ['RowsRejected'] },
  'a night that rejected some rows': {
    runs: [night(24, { tables: { leads: tableReport({ rowsExtracted: 100, rowsRejected: 3 }) } })],
    names: ['RowsRejected'],
  },
  'a night with values that do not fit': {
    runs: [night(24, { unfitColumns: [unfitColumn] })],
    names: ['ValuesDoNotFit'],
  },
  'a night that dropped forgotten rows': {
    runs: [night(24, { forgotten: { stillGiven: 1, stillGivenIn: ['leads'], released: 0, remembered: 1 } })],
    names: ['ForgottenStillGiven'],
  },
  'a failure that no later night solved': {
    runs: [
      night(24),
      {
        ...nightWith('failed', 'unauthorized', 'unauthorized'),
        ...night(23, { tables: { jobs: failedWith('x') } }),
        status: 'failed',
      },
    ],
    names: ['RunFailed'],
  },
};
const besides: Readonly<Record<string, { readonly facts: Partial<StatusFacts>; readonly names: readonly string[] }>> = {
  nothing: { facts: {}, names: [] },
  'a run under way': { facts: { underWay }, names: [] },
  'an interrupted run': { facts: { underWay, resumeCommand: 'npx prospect-lake start' }, names: ['RunInterrupted'] },
  'an overdue run': {
    facts: { underWay: underWay.map((run) => ({ ...run, deadline: '2026-11-24T07:00:00.000Z' })) },
    names: ['WorkWaits'],
  },
  'dead letters': { facts: { queues: deadLetters }, names: ['DeadLetters'] },
  'a missed tick': { facts: { missedRuns: 1 }, names: ['DeadLetters'] },
  'deletions held by this night': { facts: { held: heldBy(night(24).runId) }, names: ['DeletionsHeld'] },
  'deletions held by an earlier night': { facts: { held: heldBy(night(22).runId) }, names: ['DeletionsHeld'] },
  'rejected rows': { facts: { rejected: { leads: { ...rejection, rows: 9, of: 90 } } }, names: ['RowsRejected'] },
  'a missing night': {
    facts: { missingNight: { since: night(24).finishedAt, expectedHours: 1, command: '' } },
    names: ['RunMissing'],
  },
  'a refused start': {
    facts: { refusedStart: { at: night(24).finishedAt, message: '' } },
    names: ['KeyOfAnotherWorkspace'],
  },
  'an unfinished rewrite': { facts: { unfinishedRewrite: 'First run: …' }, names: ['RewriteUnfinished'] },
  'a damaged record': { facts: { unreadable: ['state/pipeline.json is not JSON.'] }, names: ['FileDamaged'] },
};

const runbook = readFileSync('docs/runbook.md', 'utf8');

describe.each(Object.entries(nights))('after %s', (_, { runs, names: ofNight }) => {
  it.each(Object.entries(besides))('and with %s, needs names all of it, and each name is in the runbook', (__, one) => {
    const facts = { ...calm, runs, ...one.facts };
    const isWell = neededNames(facts).length === 0;
    const { verdict, needs } = judgment({ ...facts, isWell });
    expect(new Set(needs)).toEqual(new Set([...ofNight, ...one.names]));
    expect(needs).toHaveLength(new Set(needs).size);
    const told = problemNames.filter((name) => verdict.includes(name));
    expect(needs).toEqual(expect.arrayContaining(told));
    expect(verdict.includes('nothing needs you')).toBe(isWell && runs.length > 0);
    for (const name of needs) expect(runbook).toMatch(new RegExp(`^### ${name}$|\\(\`${name}\``, 'm'));
  });
});

it('a run that was taken up after many days has its causes in needs too', () => {
  const { needs } = judgment(calm, nightWith('failed', 'unauthorized'));
  expect(needs).toEqual(['KeyRefused']);
});
