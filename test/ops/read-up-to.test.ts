import { expect, it } from 'vitest';
import { pipe } from '../../local/cli/terminal.ts';
import { statusLines } from '../../ops/status/status-lines.ts';
import { tableReport } from '../support/table-report.ts';

const startedAt = '2026-11-24T02:00:00.000Z';
const held = { code: 'deletions_held', message: 'Nothing was deleted.', requestId: null };
const tables = {
  leads: tableReport(),
  campaigns: tableReport(),
  lead_messages: tableReport({ requests: 0, rowsExtracted: 0, rowsWritten: 0, rowsChanged: 0 }),
  jobs: tableReport({ status: 'partial', error: held }),
};

it('names the tables that the last night has read, but not completely, and those that were not due', () => {
  const lines = statusLines(
    {
      workspace: 'main',
      isPaused: false,
      isWell: false,
      now: new Date('2026-11-24T08:00:00Z'),
      underWay: [],
      runs: [
        {
          runId: 'nightly-20261124T020000000Z',
          kind: 'nightly',
          status: 'partial',
          startedAt,
          finishedAt: '2026-11-24T02:12:30.000Z',
          tables,
        },
      ],
      approved: [],
      plans: new Map(),
      days: 3,
      allTables: Object.keys(tables),
      readUpTo: Object.keys(tables).map((table) => ({ table, at: startedAt })),
      queues: [],
      stopped: [],
      missedRuns: 0,
      unreadable: [],
      replayDeadLetters: 'npx prospect-lake ops replay-dead-letters',
      opsFlags: '',
    },
    pipe,
  );
  expect(lines.slice(-4)).toEqual([
    'Read up to:',
    `  ${startedAt} (6 h ago): leads, campaigns`,
    '  not due that night, so not asked for: lead_messages',
    `  ${startedAt} (6 h ago), but incomplete: jobs (DeletionsHeld)`,
  ]);
});
