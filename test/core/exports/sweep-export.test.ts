import { describe, expect, it } from 'vitest';
import { metricNames } from '../../../lambdas/contract/metrics.ts';
import { parquetKey, planKey, reportKey } from '../../../lambdas/contract/object-keys.ts';
import { tableOf } from '../../../lambdas/contract/stream.ts';
import { writeParquet } from '../../../lambdas/core/rows/parquet/write.ts';
import { sweepExport } from '../../../lambdas/core/exports/sweep-export.ts';
import { leadExports } from '../../../lambdas/streams/lead-exports.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { rowsOf } from '../../support/lake-reader.ts';
import { MemoryLog, MemoryMetrics } from '../../support/memory-log.ts';
import { MemoryQueue } from '../../support/memory-queue.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const runId = 'export-20261124T040000000Z';
const startedAt = '2026-11-24T04:00:00.000Z';
const date = '2026-11-24';
const readAt = new Date('2026-11-24T02:00:00.000Z');
const columnsOf = (table: object) => Object.fromEntries(Object.keys(table).map((name) => [name, null]));

/** An export of one lead, loaded and published, in a lake that `ids` were read into before. */
class Lake {
  readonly store = new MemoryStore();
  readonly announced: string[] = [];
  readonly metrics = new MemoryMetrics();

  constructor(ids: readonly string[]) {
    this.#put('lead_exports', 'lead_exports.0', [{ id: 'kept', export_id: 'ex_1', row_number: 0n, _run_id: runId }]);
    this.readLeads('nightly', ids);
    const table = { streams: ['lead_exports'], tasks: [] };
    void this.store.put(
      planKey(runId),
      JSON.stringify({ runId, kind: 'export', startedAt, deadline: startedAt, ...table }),
    );
    const report = { runId, kind: 'export', status: 'complete', startedAt, finishedAt: startedAt, tables: {} };
    void this.store.put(reportKey(runId), JSON.stringify(report));
  }

  readLeads(taskId: string, ids: readonly string[]): void {
    this.#put(
      'leads',
      taskId,
      ids.map((id) => ({ id, _run_id: 'nightly', _extracted_at: readAt })),
    );
  }

  #put(table: 'leads' | 'lead_exports', taskId: string, rows: readonly Record<string, string | bigint | Date>[]): void {
    const declared = tableOf(table === 'leads' ? leads : leadExports);
    const whole = rows.map((row) => ({ ...columnsOf(declared.columns), ...row }));
    const owner = table === 'leads' ? 'nightly-20261124T020000000Z' : runId;
    void this.store.put(parquetKey(table, date, owner, taskId, 0), writeParquet(declared, whole));
  }

  async sweep(store: MemoryStore = this.store, approved = true): Promise<void> {
    await sweepExport(
      { step: 'sweep', runId, exportId: 'ex_1', startedAt, check: 0, approved },
      { firstPollSeconds: 1, slowestPollSeconds: 1, deadlineHours: 1, hasSource: true, maxDeletedShare: 0.05 },
      { leads, exports: leadExports },
      {
        store,
        exportQueue: new MemoryQueue(),
        announcer: { announce: async (event) => void this.announced.push(event) },
        clock: new FixedClock(startedAt),
        log: new MemoryLog(),
        metrics: this.metrics,
      },
    );
  }

  async buried(): Promise<string[]> {
    return (await rowsOf(this.store, 'leads'))
      .filter((row) => row['_deleted_at'] !== null)
      .map(({ id }) => String(id))
      .toSorted();
  }
}

describe('a sweep that comes twice', () => {
  it('leaves the tombstones that it wrote, though a file of leads has come in between', async () => {
    const lake = new Lake(['kept', 'gone']);
    await lake.sweep();
    expect(await lake.buried()).toEqual(['gone']);
    lake.readLeads('late', ['also-gone']);
    await lake.sweep();
    expect(await lake.buried()).toEqual(['also-gone', 'gone']);
  });

  it('leaves those of its first file where it was killed before the second', async () => {
    const gone = Array.from({ length: 10_001 }, (_, index) => `gone-${String(index).padStart(5, '0')}`);
    const lake = new Lake(['kept', ...gone]);
    const killed = Object.assign(Object.create(lake.store), {
      put: async (key: string, ...rest: [Uint8Array]) => {
        if (key.endsWith('000001.parquet')) throw new Error('killed');
        return lake.store.put(key, ...rest);
      },
    }) as MemoryStore;
    await expect(lake.sweep(killed)).rejects.toThrow('killed');
    expect(await lake.buried()).toHaveLength(10_000);
    await lake.sweep();
    expect(await lake.buried()).toEqual(gone);
    expect(lake.announced).toEqual([]);
  });
});

describe('a sweep beside a compaction', () => {
  it('fails, to be tried again, where a file goes between its listing and its reading', async () => {
    const lake = new Lake(['kept', 'gone']);
    const overtaken = Object.assign(Object.create(lake.store), {
      get: async (key: string) => (key.startsWith('lake/leads/') ? undefined : lake.store.get(key)),
    }) as MemoryStore;
    await expect(lake.sweep(overtaken)).rejects.toThrow(/went while it was being read; the message is tried again/);
    expect(await lake.buried()).toEqual([]);
    expect(lake.announced).toEqual([]);
  });
});

describe('a sweep of more leads than pass unasked', () => {
  it('deletes nothing, tells it, and is counted for the alarm', async () => {
    const lake = new Lake(['kept', 'gone']);
    await lake.sweep(lake.store, false);
    expect(await lake.buried()).toEqual([]);
    expect(lake.announced).toEqual(['deletionStopped']);
    expect([...lake.metrics.counts]).toEqual([[metricNames.deletionStopped, 1]]);
  });

  it('that a person approved deletes them, and is not counted', async () => {
    const lake = new Lake(['kept', 'gone']);
    await lake.sweep();
    expect(await lake.buried()).toEqual(['gone']);
    expect([...lake.metrics.counts]).toEqual([]);
  });
});
