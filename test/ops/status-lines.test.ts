/** Whole screens of `npx prospect-lake ops status`. */

import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { heldMessage } from '../../lambdas/core/runs/held-deletions.ts';
import { pipe } from '../../local/cli/terminal.ts';
import { type StatusFacts, statusLines } from '../../ops/status/status-lines.ts';
import { bad, calm, night } from '../support/status-facts.ts';
import { tableReport } from '../support/table-report.ts';

const screen = (facts: StatusFacts, width = Number.POSITIVE_INFINITY) =>
  statusLines(facts, { ...pipe, width }).join('\n');

it('rows that the API did not give are told with what became of them, once the run that asked again has ended', () => {
  const confirmRunId = 'confirm-20261124T020000000Z-1a2b3c4d';
  const suspecting = night(24, { confirmRunId, tables: { inbox_threads: tableReport({ rowsSuspected: 15 }) } });
  const asked = night(24, { runId: confirmRunId, kind: 'confirm', tables: { inbox_threads: tableReport() } });
  const told = (runs: StatusFacts['runs']) =>
    statusLines({ ...calm, runs }, pipe)
      .join('\n')
      .replaceAll(/\s+/g, ' ');
  expect(told([suspecting])).toContain('asks again before they are deleted');
  expect(told([asked, suspecting])).not.toContain('asks again');
  expect(told([asked, suspecting])).toContain('15 rows of inbox_threads that the API did not give: all exist');
});

it('forgotten rows that the API still gives are told first, as the newest run knows it', () => {
  const forgotten = { stillGiven: 1, stillGivenIn: ['leads'], released: 0, remembered: 1 };
  const told = (runs: StatusFacts['runs']) => statusLines({ ...calm, runs }, pipe)[1];
  expect(told([night(24, { forgotten }), night(23)])).toMatch(
    /^ {2}The API still gives 1 row that was forgotten: leads\./,
  );
  expect(told([night(24, { forgotten: { ...forgotten, stillGiven: 0 } }), night(23, { forgotten })])).not.toContain(
    'still',
  );
});

it('deletions that were held back stand, however old they are, and are never called solved while they do', () => {
  const runId = 'nightly-20261123T020000000Z';
  const seen = 'The API no longer gave 40 of the 100 rows of leads.';
  const error = { code: 'deletions_held', message: heldMessage(seen, ['leads'], runId), requestId: null };
  const held = { leads: { runId, at: '2026-11-23T02:00:00.000Z', message: error.message, nights: 0 } };
  const holding = night(23, { status: 'partial', tables: { leads: tableReport({ status: 'partial', error }) } });
  for (const runs of [[night(24), holding], [night(24)]]) {
    const told = statusLines({ ...calm, runs, held, opsFlags: ' --local' }, pipe);
    expect(told[1]).toContain(`  DeletionsHeld (leads): In the run ${runId}: ${seen} Nothing was deleted. `);
    expect(told[2]).toBe('    npx prospect-lake ops audit --stream leads --local');
    expect(told.join()).not.toContain('Solved');
  }
  expect(statusLines({ ...calm, runs: [holding], held }, pipe)[1]).not.toContain('DeletionsHeld');
  expect(screen({ ...calm, runs: [night(24), holding], held: {} })).toContain('Solved since');
});

it('what was deleted on approval stays named with its run, and with what of it is back', () => {
  const { runId } = night(23);
  const told = (leads: number, messages: number) =>
    screen({
      ...calm,
      approved: [
        {
          runId,
          tables: [
            { name: 'leads', deleted: 60, back: leads },
            { name: 'lead_messages', deleted: 221, back: messages },
          ],
        },
      ],
    });
  expect(told(0, 0)).toContain(`Deleted on approval of ${runId}: 60 leads, 221 lead_messages`);
  expect(told(60, 20)).toContain(
    `Deleted on approval of ${runId}: 60 leads (all back since), 221 lead_messages (20 back since)`,
  );
  expect(told(60, 221)).toContain(
    `Deleted on approval of ${runId}, and undone since: 60 leads (all back since), 221 lead_messages (all back since)`,
  );
  expect(screen(calm)).not.toContain('on approval');
});

it('names the tables that the last night did not read and why, and says how many runs are not listed', () => {
  const off = ['imports', 'exports', 'campaigns', 'identity', 'referrals'];
  const allTables = [...calm.allTables, ...off, 'jobs'];
  const told = screen({ ...calm, allTables, beingRead: ['jobs'], moreRuns: 4 });
  expect(told).toContain(
    `  switched off, because \`streams\` of the configuration does not name them: ${off.join(', ')}\n`,
  );
  expect(told).toContain('  still being read by another run: jobs');
  expect(told).toContain('2 of 6 runs of these days: --runs 6 shows all.');
});

it('a rewrite that was interrupted is told with the command that finishes it', () => {
  const unfinishedRewrite = 'The forget of yesterday is not finished. First run: npx prospect-lake ops forget';
  expect(statusLines({ ...calm, unfinishedRewrite }, pipe)[1]).toBe(`  ${unfinishedRewrite}`);
});

describe('status', () => {
  it('of a calm workspace folds what is equal', () => {
    expect(screen(calm)).toMatchInlineSnapshot(`
      "Workspace main: on. The last night read every table, and nothing needs you.
      No work waits in the queues

      Last runs (3 days):
      run                          ended        took    status      read  changed
      ───────────────────────────  ───────────  ──────  ────────  ──────  ───────
      nightly-20261124T020000000Z  6 h ago      13 min  complete  20,061       52
      nightly-20261123T020000000Z  1 d 6 h ago  13 min  complete  20,061       52
      No run healed, deleted or rejected a row.

      Read up to:
        2026-11-24T02:00:00.000Z (6 h ago): 4 tables"
    `);
  });

  it('of a bad morning begins with what is wrong, in 80 columns', () => {
    expect(screen(bad, 80)).toMatchInlineSnapshot(`
      "Workspace main: paused. The last night left 1 table incomplete: ScopeMissing
      (leads). This needs you too: RowsRejected (jobs), DeadLetters.
        state/pipeline.json is not JSON. Restore it.
        Dead letters: convert 4. Once the cause is fixed:
          npx prospect-lake ops replay-dead-letters
        1 tick of a schedule failed: docs/runbook.md, DeadLetters
      In the queues: 2 tasks to read
      Under way: backfill-20261124T074500000Z, for 15 min; 3 tasks read in 2 rounds;
      ends 2026-11-27 07:45:00 UTC (in 3 d) at the latest
        waiting until 08:04:00 UTC (in 4 min): leads: the API has asked to wait

      Last runs (3 days):
      run                ended     took    status      read  changed  healed  rejected
      ─────────────────  ────────  ──────  ────────  ──────  ───────  ──────  ────────
      nightly-20261124…  6 h ago   13 min  partial       97        3       5         3
      nightly-20261123…  1 d 6 h…  13 min  complete  20,061       52       0         0
      No run deleted a row. A wider terminal or --json shows what … stands for.
      nightly-20261124T020000000Z:
        ScopeMissing (leads): The API answered 403. The API key may not do this.
        RowsRejected (jobs 3): they have no usable key. The table rejected_rows says
        why. If a newer version of Prospect Lake can read them:
          npx prospect-lake ops replay-rejected --run nightly-20261124T020000000Z
        Changes that only rereading found: jobs 5. The tables are right again. If this
        happens each time, lower rereadDays or childRereadDays.
      docs/runbook.md has a section for each of these names.

      Read up to:
        2026-11-24T02:00:00.000Z (6 h ago): lead_messages, campaigns, jobs
        2026-11-21T02:00:00.000Z (3 d ago): leads"
    `);
  });

  it('names the tables that no night has read', () => {
    const readUpTo = calm.readUpTo.filter(({ table }) => table !== 'leads');
    expect(
      screen({ ...calm, readUpTo })
        .split('\n')
        .at(-1),
    ).toBe('  never: leads');
    expect(screen(calm)).not.toContain('never');
  });

  it('tells the columns whose values do not fit as the newest night knows them', () => {
    const unfit = (column: string): Partial<RunReport> => ({
      unfitColumns: [{ table: 'jobs', column, type: 'timestamp', values: 3, unfit: 3, given: ['number'] }],
    });
    const told = screen({ ...calm, runs: [night(24, unfit('created_at')), night(23, unfit('updated_at'))] });
    expect(told).toContain(
      'ValuesDoNotFit (jobs): created_at is null in jobs: the API gives numbers instead of times.',
    );
    expect(told).not.toContain('updated_at is null');
    expect(screen({ ...calm, runs: [night(24), night(23, unfit('updated_at'))] })).not.toContain('is null');
  });

  it('tells all of the newest night and of the runs after it, each cause once; and one line of an earlier night', () => {
    const held = (runId: string) => ({
      code: 'deletions_held',
      message: `Nothing was deleted. Approve it: npx prospect-lake ops approve-deletions --run ${runId}.`,
      requestId: null,
    });
    const refused = { code: 'forbidden', message: 'jobs: the API answered 403.', requestId: null };
    const below = { code: 'parent_failed', message: `jobs was not read: ${refused.message}`, requestId: null };
    const runs = [25, 24, 23].map((day) =>
      night(day, {
        kind: day === 25 ? 'refresh' : 'nightly',
        status: 'partial',
        tables: {
          leads: tableReport({ status: 'partial', error: held(night(day).runId) }),
          jobs: tableReport({ status: 'failed', error: refused }),
          job_events: tableReport({ status: 'failed', error: below }),
        },
      }),
    );
    const told = screen({ ...calm, runs, opsFlags: ' --local --out here' }).split('\n');
    expect(told.slice(10, 20)).toEqual([
      'nightly-20261125T020000000Z:',
      '  DeletionsHeld (leads): Nothing was deleted. Approve it:',
      '    npx prospect-lake ops approve-deletions --run nightly-20261125T020000000Z --local --out here',
      '  ScopeMissing (jobs, job_events): The API answered 403.',
      'nightly-20261124T020000000Z:',
      '  DeletionsHeld (leads): Nothing was deleted. Approve it:',
      '    npx prospect-lake ops approve-deletions --run nightly-20261124T020000000Z --local --out here',
      '  ScopeMissing (jobs, job_events): as in nightly-20261125T020000000Z',
      'nightly-20261123T020000000Z: DeletionsHeld (leads)',
      'docs/runbook.md has a section for each of these names.',
    ]);
  });

  it('says that the tasks of a run that an error stopped end without a request', () => {
    const waiting = { ...calm, queues: [{ name: 'extract', waiting: 20, deadLetters: 0 }] };
    expect(screen({ ...waiting, stopped: ['nightly-20261124T020000000Z'] })).toContain(
      'In the queues: 20 tasks to read. Those of nightly-20261124T020000000Z, which an error stopped, end without a request\n',
    );
    const underWay = bad.underWay.map((run) => ({ ...run, isStopped: true, waiting: null }));
    expect(screen({ ...waiting, underWay })).toMatch(
      /Under way: backfill-\S+, for 15 min; 3 tasks read in 2 rounds; an error stopped it, so its other tasks end without a request; ends /,
    );
    expect(screen({ ...waiting, underWay, resumeCommand: 'npx prospect-lake start' })).toContain(
      'end without a request. To end it and begin another run:\n',
    );
  });

  it('names each table of a cause, and the vendor’s id of a request of the newest run that met it', () => {
    const names = ['leads', 'jobs', 'imports', 'exports', 'campaigns'];
    const runs = [25, 24].map((day) => {
      const error = { code: 'unavailable', message: 'The API answered 500.', requestId: `req_${day}` };
      const tables = Object.fromEntries(names.map((name) => [name, tableReport({ status: 'failed', error })]));
      const others = { identity: tableReport() };
      return night(day, {
        kind: day === 25 ? 'refresh' : 'nightly',
        status: 'partial',
        tables: { ...tables, ...others },
      });
    });
    const told = screen({ ...calm, runs });
    expect(told.replaceAll(/\n +/g, ' ')).toContain(
      `RunPartial (${names.join(', ')}): The API answered 500. The vendor’s request id: req_25.`,
    );
    expect(told).toContain('as in nightly-20261125T020000000Z');
    expect(told).not.toContain('req_24');
  });

  it('calls a run interrupted if no process runs it, and says how to take it up', () => {
    const resumeCommand = 'npx prospect-lake start --out here';
    expect(screen({ ...bad, resumeCommand })).toMatch(
      /Interrupted: backfill-\S+, begun 15 min ago; 3 tasks read in 2 rounds\. To take it up:\n {4}npx prospect-lake start --out here\n/,
    );
  });

  it('fits 40 columns', () => {
    expect(screen(bad, 40)).toMatchInlineSnapshot(`
      "Workspace main: paused. The last night
      left 1 table incomplete: ScopeMissing
      (leads). This needs you too:
      RowsRejected (jobs), DeadLetters.
        state/pipeline.json is not JSON.
        Restore it.
        Dead letters: convert 4. Once the
        cause is fixed:
          npx prospect-lake ops replay-dead-letters
        1 tick of a schedule failed:
        docs/runbook.md, DeadLetters
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
      No run deleted a row.
      nightly-20261124T020000000Z:
        ScopeMissing (leads): The API answered
        403. The API key may not do this.
        RowsRejected (jobs 3): they have no
        usable key. The table rejected_rows
        says why. If a newer version of
        Prospect Lake can read them:
          npx prospect-lake ops replay-rejected --run nightly-20261124T020000000Z
        Changes that only rereading found:
        jobs 5. The tables are right again. If
        this happens each time, lower
        rereadDays or childRereadDays.
      docs/runbook.md has a section for each
      of these names.

      Read up to:
        2026-11-24T02:00:00.000Z (6 h ago):
        lead_messages, campaigns, jobs
        2026-11-21T02:00:00.000Z (3 d ago):
        leads"
    `);
  });
});
