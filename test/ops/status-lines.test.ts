/** Whole screens of `npx prospect-lake ops status`. */

import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { pipe } from '../../local/cli/terminal.ts';
import { type StatusFacts, statusLines } from '../../ops/status/status-lines.ts';
import { tableReport } from '../support/table-report.ts';

const now = new Date('2026-11-24T08:00:00Z');
const night = (day: number, fields: Partial<RunReport> = {}): RunReport => ({
  runId: `nightly-202611${day}T020000000Z`,
  kind: 'nightly',
  status: 'complete',
  startedAt: `2026-11-${day}T02:00:00.000Z`,
  finishedAt: `2026-11-${day}T02:12:30.000Z`,
  tables: {
    leads: tableReport({ rowsWritten: 20_000, rowsChanged: 12 }),
    lead_messages: tableReport({ rowsWritten: 61, rowsChanged: 40 }),
  },
  ...fields,
});
const calm: StatusFacts = {
  workspace: 'main',
  isPaused: false,
  now,
  underWay: [],
  runs: [night(24), night(23)],
  days: 3,
  readUpTo: ['leads', 'lead_messages', 'campaigns', 'jobs'].map((table) => ({ table, at: '2026-11-24T02:00:00.000Z' })),
  queues: ['extract', 'convert'].map((name) => ({ name, waiting: 0, deadLetters: 0 })),
  missedRuns: 0,
  unreadable: [],
  replayDeadLetters: 'npx prospect-lake ops replay-dead-letters',
  replayCommand: (runId) => `npx prospect-lake ops replay-rejected --run ${runId}`,
  readWhole: new Set(['campaigns', 'jobs']),
};
const error = {
  code: 'forbidden',
  message: 'leads: the API answered 403. The API key may not do this.',
  requestId: null,
};
const bad: StatusFacts = {
  ...calm,
  isPaused: true,
  underWay: [
    {
      runId: 'backfill-20261124T074500000Z',
      kind: 'backfill',
      startedAt: '2026-11-24T07:45:00.000Z',
      deadline: '2026-11-27T07:45:00.000Z',
      hasReport: false,
      rounds: 1,
      tasksRead: 3,
      waiting: { until: '2026-11-24T08:04:00.000Z', stream: 'leads', reason: 'leads: the API has asked to wait.' },
    },
  ],
  runs: [
    night(24, {
      status: 'partial',
      tables: {
        leads: tableReport({ status: 'failed', rowsWritten: 0, rowsChanged: 0, error }),
        jobs: tableReport({ rowsExtracted: 100, rowsWritten: 97, rowsRejected: 3, rowsHealed: 5 }),
      },
    }),
    night(23),
  ],
  readUpTo: [...calm.readUpTo.slice(1), { table: 'leads', at: '2026-11-21T02:00:00.000Z' }],
  queues: [
    { name: 'extract', waiting: 2, deadLetters: 0 },
    { name: 'convert', waiting: 0, deadLetters: 4 },
  ],
  missedRuns: 1,
  unreadable: ['state/pipeline.json is not JSON. Restore it.'],
};
const screen = (facts: StatusFacts, width = Number.POSITIVE_INFINITY) =>
  statusLines(facts, { ...pipe, width }).join('\n');

it('a rewrite that was interrupted is told with the command that finishes it', () => {
  const unfinishedRewrite = 'The forget of yesterday is not finished. First run: npx prospect-lake ops forget';
  expect(statusLines({ ...calm, unfinishedRewrite }, pipe)[1]).toBe(`  ${unfinishedRewrite}`);
});

describe('status', () => {
  it('of a calm workspace folds what is equal', () => {
    expect(screen(calm)).toMatchInlineSnapshot(`
      "Workspace main: on
      No work waits in the queues

      Last runs (3 days):
      run                          ended        took    status      read  changed
      ───────────────────────────  ───────────  ──────  ────────  ──────  ───────
      nightly-20261124T020000000Z  6 h ago      13 min  complete  20,061       52
      nightly-20261123T020000000Z  1 d 6 h ago  13 min  complete  20,061       52

      Read up to:
        2026-11-24T02:00:00.000Z (6 h ago): 4 tables"
    `);
  });

  it('of a bad morning begins with what is wrong, in 80 columns', () => {
    expect(screen(bad, 80)).toMatchInlineSnapshot(`
      "Workspace main: paused
        state/pipeline.json is not JSON. Restore it.
        Dead letters: convert 4. Once the cause is fixed:
          npx prospect-lake ops replay-dead-letters
        1 tick of a schedule failed: docs/runbook.md, MissedRuns
      In the queues: 2 tasks to read
      Under way: backfill-20261124T074500000Z, for 15 min; 3 tasks read in 2 rounds;
      ends 2026-11-27 07:45:00 UTC (in 3 d) at the latest
        waiting until 08:04:00 UTC (in 4 min): leads: the API has asked to wait

      Last runs (3 days):
      run                ended     took    status      read  changed  healed  rejected
      ─────────────────  ────────  ──────  ────────  ──────  ───────  ──────  ────────
      nightly-20261124…  6 h ago   13 min  partial       97        3       5         3
      nightly-20261123…  1 d 6 h…  13 min  complete  20,061       52       0         0
      nightly-20261124T020000000Z:
        leads not read completely: leads: the API answered 403. The API key may not do
        this.
        rows without a usable key: jobs 3. The table rejected_rows says why. Once a
        version reads them:
          npx prospect-lake ops replay-rejected --run nightly-20261124T020000000Z
        rows that only a rereading found changed: jobs 5. Where that goes on, lower
        rereadDays or childRereadDays.

      Read up to:
        2026-11-24T02:00:00.000Z (6 h ago): lead_messages, campaigns, jobs
        2026-11-21T02:00:00.000Z (3 d ago): leads"
    `);
  });

  it('is silent about rows that a run rejected and a later one read, of a table that each night reads whole', () => {
    const rejecting = (table: string) => {
      const rejected = { [table]: tableReport({ rowsExtracted: 5, rowsWritten: 4, rowsRejected: 1 }) };
      const read = { [table]: tableReport({ rowsWritten: 5 }) };
      const later = night(24, { tables: { ...night(24).tables, ...read } });
      return screen({ ...calm, runs: [later, night(23, { tables: { ...night(23).tables, ...rejected } })] });
    };
    expect(rejecting('jobs')).not.toContain('replay-rejected');
    // Of leads, a night reads only what changed.
    expect(rejecting('leads')).toContain('rows without a usable key: leads 1.');
  });

  it('calls a run interrupted if no process runs it, and says how to take it up', () => {
    const resumeCommand = 'npx prospect-lake start --out here';
    expect(screen({ ...bad, resumeCommand })).toMatch(
      /Interrupted: backfill-\S+, begun 15 min ago; 3 tasks read in 2 rounds\. To take it up:\n {4}npx prospect-lake start --out here\n/,
    );
  });

  it('fits 40 columns', () => {
    expect(screen(bad, 40)).toMatchInlineSnapshot(`
      "Workspace main: paused
        state/pipeline.json is not JSON.
        Restore it.
        Dead letters: convert 4. Once the
        cause is fixed:
          npx prospect-lake ops replay-dead-letters
        1 tick of a schedule failed:
        docs/runbook.md, MissedRuns
      In the queues: 2 tasks to read
      Under way: backfill-20261124T074500000Z,
      for 15 min; 3 tasks read in 2 rounds;
      ends 2026-11-27 07:45:00 UTC (in 3 d) at
      the latest
        waiting until 08:04:00 UTC (in 4 min):
        leads: the API has asked to wait

      Last runs (3 days):
      run       nightly-20261124T020000000Z
      ended     6 h ago
      took      13 min
      status    partial
      read      97
      changed   3
      healed    5
      rejected  3
      ──────────────────
      run       nightly-20261123T020000000Z
      ended     1 d 6 h ago
      took      13 min
      status    complete
      read      20,061
      changed   52
      healed    0
      rejected  0
      nightly-20261124T020000000Z:
        leads not read completely: leads: the
        API answered 403. The API key may not
        do this.
        rows without a usable key: jobs 3. The
        table rejected_rows says why. Once a
        version reads them:
          npx prospect-lake ops replay-rejected --run nightly-20261124T020000000Z
        rows that only a rereading found
        changed: jobs 5. Where that goes on,
        lower rereadDays or childRereadDays.

      Read up to:
        2026-11-24T02:00:00.000Z (6 h ago):
        lead_messages, campaigns, jobs
        2026-11-21T02:00:00.000Z (3 d ago):
        leads"
    `);
  });
});
