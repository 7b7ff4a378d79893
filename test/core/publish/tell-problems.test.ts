import { beforeEach, describe, expect, it } from 'vitest';
import { announcedKey } from '../../../lambdas/contract/object-keys.ts';
import type { RunKind } from '../../../lambdas/contract/run.ts';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import type { RunProblem } from '../../../lambdas/core/publish/run-problems.ts';
import { tellProblems } from '../../../lambdas/core/publish/tell-problems.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { tableReport } from '../../support/table-report.ts';

let store: MemoryStore;
let told: unknown[];
beforeEach(() => {
  store = new MemoryStore();
  told = [];
});

const keyRefused = (...tables: string[]): RunProblem => ({ problem: 'KeyRefused', message: 'It is refused.', tables });
function run(kind: RunKind, hour: number, ...tables: string[]): RunReport {
  const finishedAt = new Date(Date.UTC(2026, 10, 24, hour)).toISOString();
  const runId = `${kind}-${finishedAt.replaceAll(/[-:]|\.\d+/g, '')}`;
  return {
    runId,
    kind,
    status: 'failed',
    startedAt: finishedAt,
    finishedAt,
    tables: Object.fromEntries(tables.map((table) => [table, tableReport()])),
  };
}
const tell = (report: RunReport, ...problems: RunProblem[]) =>
  tellProblems(report, problems, announcedKey(report.runId, report.status), {
    store,
    log: new MemoryLog(),
    announcer: { announce: async (_, { problem }) => void told.push(problem) },
  });

describe('a problem of a run', () => {
  it('is told once, however often the same ending is looked at', async () => {
    const night = run('nightly', 2, 'leads');
    await tell(night, keyRefused('leads'));
    await tell(night, keyRefused('leads'));
    expect(told).toEqual(['KeyRefused']);
  });

  it('is told again by each night that finds it', async () => {
    for (const hour of [2, 26, 50]) await tell(run('nightly', hour, 'leads'), keyRefused('leads'));
    expect(told).toHaveLength(3);
  });

  it('is told once a day by webhooks, of which there may be hundreds', async () => {
    for (let hour = 0; hour < 48; hour += 1) await tell(run('refresh', hour, 'leads'), keyRefused('leads'));
    expect(told).toHaveLength(2);
  });

  it('is told by a webhook if it is about another table', async () => {
    await tell(run('refresh', 2, 'leads'), keyRefused('leads'));
    await tell(run('refresh', 3, 'leads', 'jobs'), keyRefused('leads', 'jobs'));
    expect(told).toHaveLength(2);
  });

  it('is told anew once a run has found it mended, whatever is read of other tables', async () => {
    await tell(run('refresh', 2, 'leads'), keyRefused('leads'));
    await tell(run('refresh', 3, 'jobs'));
    await tell(run('refresh', 4, 'leads'), keyRefused('leads'));
    expect(told).toHaveLength(1);
    await tell(run('refresh', 5, 'leads'));
    await tell(run('refresh', 6, 'leads'), keyRefused('leads'));
    expect(told).toHaveLength(2);
  });

  it('is told again if publish died before it could write down that it has told', async () => {
    const put = store.put.bind(store);
    store.put = async () => {
      throw new Error('killed');
    };
    const night = run('nightly', 2, 'leads');
    await expect(tell(night, keyRefused('leads'))).rejects.toThrow('killed');
    store.put = put;
    await tell(night, keyRefused('leads'));
    expect(told).toHaveLength(2);
  });
});
