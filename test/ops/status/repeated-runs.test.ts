import { describe, expect, it } from 'vitest';
import type { Plan, Selection } from '../../../lambdas/contract/run.ts';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { statusLines } from '../../../ops/status/status-lines.ts';
import { calm, night } from '../../support/status-facts.ts';
import { tableReport } from '../../support/table-report.ts';

const error = { code: 'unauthorized', message: 'The API refused the key.', requestId: null };
const list = (window?: { after?: string; before?: string }): Selection =>
  window ? { kind: 'list', window } : { kind: 'list' };
const january = { after: '2025-12-31T23:59:59.000Z', before: '2026-02-01T00:00:00.000Z' };

/** A run of leads and their messages. */
function run(day: number, kind: RunReport['kind'], fields: Partial<RunReport> & Partial<Plan> & { leads?: Selection }) {
  const { leads = list(), status = 'complete', fullRefresh = false, tasks, ...more } = fields;
  const tables = Object.fromEntries(
    ['leads', 'lead_messages'].map((name) => [
      name,
      tableReport(status === 'failed' ? { status: 'failed', error } : {}),
    ]),
  );
  const report = night(day, { kind, runId: `${kind}-202611${day}T020000000Z`, status, tables, ...more });
  const { runId, startedAt } = report;
  const plan: Plan = {
    runId,
    kind,
    startedAt,
    deadline: startedAt,
    streams: ['leads', 'lead_messages'],
    tasks: tasks ?? [{ taskId: 'leads.0', stream: 'leads', selection: leads }],
    fullRefresh,
  };
  return { report, plan };
}

function told(...runs: ReturnType<typeof run>[]): string {
  const plans = new Map(runs.map(({ plan }) => [plan.runId, plan]));
  return statusLines({ ...calm, runs: runs.map(({ report }) => report), plans, isWell: false }, pipe).join('\n');
}

describe('a backfill that failed', () => {
  const failed = run(22, 'backfill', { status: 'failed', leads: list(january) });
  const { runId } = failed.report;

  it('stands with the command that repeats it, although a night has read what changed', () => {
    const text = told(run(24, 'nightly', {}), failed);
    expect(text).toContain(`the failure of ${runId} is not solved`);
    expect(text).toContain(
      `${runId} failed, and no run has read the same since. Once its cause is fixed:\n    npx prospect-lake ops backfill --stream leads,lead_messages --from ${january.after} --to ${january.before}`,
    );
  });

  it('is solved by another run that reads the same, or everything', () => {
    for (const later of [
      run(23, 'backfill', { leads: list(january) }),
      run(23, 'backfill', {}),
      run(23, 'nightly', { fullRefresh: true }),
    ])
      expect(told(run(24, 'nightly', {}), later, failed)).not.toContain('not solved');
  });

  it('is not solved by a run that reads less', () => {
    const less = run(23, 'backfill', { leads: list({ ...january, after: '2026-01-15T00:00:00.000Z' }) });
    expect(told(run(24, 'nightly', {}), less, failed)).toContain(`${runId} failed, and no run`);
  });

  it('because its key was refused had no task: another backfill of the tables solves it', () => {
    const refused = run(22, 'backfill', { status: 'failed', tasks: [] });
    expect(told(run(24, 'nightly', {}), refused)).toContain('ops backfill --stream leads,lead_messages\n');
    expect(told(run(24, 'nightly', {}), run(23, 'backfill', { leads: list(january) }), refused)).not.toContain(
      'not solved',
    );
  });

  it('was a repair: the audit repeats it', () => {
    const repair = run(22, 'backfill', { runId: 'backfill-20261122T020000000Z-audit', status: 'failed', tasks: [] });
    expect(told(run(24, 'nightly', {}), repair)).toContain('ops audit --stream leads,lead_messages --repair\n');
  });
});

it('a refresh that failed is solved by the next night that reads its tables', () => {
  expect(told(run(24, 'nightly', {}), run(23, 'refresh', { status: 'failed' }))).not.toContain('not solved');
});
