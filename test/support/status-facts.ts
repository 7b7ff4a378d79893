/** What `npx prospect-lake ops status` knows: of a calm workspace, and of one on a bad morning. */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { StatusFacts } from '../../ops/status/status-lines.ts';
import { tableReport } from './table-report.ts';

const now = new Date('2026-11-24T08:00:00Z');
export const night = (day: number, fields: Partial<RunReport> = {}): RunReport => ({
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
export const calm: StatusFacts = {
  workspace: 'main',
  isPaused: false,
  isWell: true,
  now,
  underWay: [],
  runs: [night(24), night(23)],
  approved: [],
  plans: new Map(),
  days: 3,
  readUpTo: ['leads', 'lead_messages', 'campaigns', 'jobs'].map((table) => ({ table, at: '2026-11-24T02:00:00.000Z' })),
  allTables: ['leads', 'lead_messages'],
  queues: ['extract', 'convert'].map((name) => ({ name, waiting: 0, deadLetters: 0 })),
  stopped: [],
  missedRuns: 0,
  unreadable: [],
  replayDeadLetters: 'npx prospect-lake ops replay-dead-letters',
  opsFlags: '',
};
const error = {
  code: 'forbidden',
  message: 'leads: the API answered 403. The API key may not do this.',
  requestId: null,
};
export const bad: StatusFacts = {
  ...calm,
  allTables: ['leads', 'jobs'],
  isPaused: true,
  isWell: false,
  underWay: [
    {
      runId: 'backfill-20261124T074500000Z',
      kind: 'backfill',
      startedAt: '2026-11-24T07:45:00.000Z',
      deadline: '2026-11-27T07:45:00.000Z',
      hasReport: false,
      rounds: 1,
      tasksRead: 3,
      isStopped: false,
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
