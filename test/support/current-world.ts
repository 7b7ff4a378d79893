import { randomUUID } from 'node:crypto';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import { parquetKey, partitionDate } from '../../lambdas/contract/object-keys.ts';
import { currentTableOf, type Stream, tableOf } from '../../lambdas/contract/stream.ts';
import type { MergeChunk, MergeInput, MergeResult, ReadScope } from '../../lambdas/core/current/merge-input.ts';
import { type MergeLimits, mergeLimits } from '../../lambdas/core/current/merge-limits.ts';
import { mergeTable } from '../../lambdas/core/current/merge-table.ts';
import { readCurrent } from '../../lambdas/core/current/read-current.ts';
import type { MergePorts } from '../../lambdas/core/current/table-draft.ts';
import type { Deadline, ObjectStore } from '../../lambdas/core/ports.ts';
import { writeParquet } from '../../lambdas/core/rows/parquet/write.ts';
import { ample, FixedClock } from './fixed-clock.ts';
import { warehouse } from './iceberg-table.ts';
import { MemoryCatalog } from './memory-catalog.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryStore } from './memory-store.ts';

/** A copy of a row: its key, its columns, and the time at which it was asked for. */
export interface TestCopy {
  readonly [column: string]: ColumnValue;
  readonly _extracted_at: Date;
}

/** The time that is this many minutes after midnight of 1 November 2026. */
export const at = (minutes: number) => new Date(Date.UTC(2026, 10, 1) + minutes * 60_000);

/** Two to four rows per file and three copies per batch, so that a table of ten rows behaves like a large one. */
export const smallLimits: MergeLimits = {
  files: 5,
  leastRows: 2,
  mostRows: 4,
  mostBytes: 1_000_000,
  batchRows: 3,
  batchBytes: 1_000_000,
  loadRows: 12,
};

/** A task of a run: its rows, in one or more chunks, and the scope that it read completely, if there is one. */
export interface TestTask {
  readonly chunks: readonly (readonly TestCopy[])[];
  readonly scope?: ReadScope;
  readonly flags?: Pick<MergeChunk, 'reread' | 'healsBefore'>;
}

/** Store, catalog and clock for merging tables. */
export class CurrentWorld {
  readonly store: ObjectStore;
  readonly catalog = new MemoryCatalog();
  readonly clock = new FixedClock(at(0).toISOString());
  readonly log = new MemoryLog();
  deadline: Deadline = ample;
  limits: MergeLimits = mergeLimits;

  constructor(store: ObjectStore = new MemoryStore()) {
    this.store = store;
  }

  get ports(): MergePorts {
    const { store, catalog, clock, log, deadline, limits } = this;
    return { store, catalog, clock, log, deadline, limits, warehouse, newId: randomUUID };
  }

  /** Writes the copies to the history, as convert does. */
  async chunk(stream: Stream, runId: string, id: string, copies: readonly TestCopy[]): Promise<MergeChunk> {
    const [taskId = '', sequence = '0'] = id.split('/');
    const key = parquetKey(stream.name, partitionDate(at(0).toISOString()), runId, taskId, Number(sequence));
    const rows = copies.map((copy) => ({ _run_id: runId, ...copy }));
    const file = writeParquet(tableOf(stream), rows);
    await this.store.put(key, file);
    return { id, taskId, key, rows: copies.length, bytes: file.byteLength };
  }

  /** The input that publish passes to the merge for a run with these tasks. */
  async input(stream: Stream, tasks: readonly TestTask[], more: Partial<MergeInput> = {}): Promise<MergeInput> {
    const runId = more.runId ?? 'nightly-1';
    const chunks: MergeChunk[] = [];
    const scopes: ReadScope[] = [];
    for (const [number, { chunks: parts, scope, flags }] of tasks.entries()) {
      const taskId = scope?.taskId ?? `${stream.name}.${number}`;
      // Convert writes no file for a chunk without rows.
      for (const [sequence, copies] of parts.entries())
        if (copies.length > 0)
          chunks.push({ ...(await this.chunk(stream, runId, `${taskId}/${sequence}`, copies)), ...flags });
      if (scope) scopes.push(scope);
    }
    return {
      runId,
      startedAt: at(0).toISOString(),
      forced: false,
      approved: false,
      lookbackHours: 24,
      confirmAfterSeconds: 900,
      maxDeletedShare: 0.05,
      chunks,
      scopes,
      deletedParents: [],
      ...more,
    };
  }

  async merge(stream: Stream, tasks: readonly TestTask[], more: Partial<MergeInput> = {}): Promise<MergeResult> {
    return mergeTable(stream, await this.input(stream, tasks, more), this.ports);
  }

  /** Every current row, in key order. */
  async rows(stream: Stream): Promise<Record<string, ColumnValue>[]> {
    const table = currentTableOf(stream);
    const rows: Record<string, ColumnValue>[] = [];
    for await (const columns of readCurrent(table, Object.keys(table.columns), this.ports)) {
      const [first = []] = Object.values(columns);
      rows.push(
        ...first.map((_, row) =>
          Object.fromEntries(Object.entries(columns).map(([name, all]) => [name, all[row] ?? null])),
        ),
      );
    }
    return rows;
  }
}
