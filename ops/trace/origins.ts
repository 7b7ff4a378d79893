import { chunkKey, parquetFile, reportKey } from '../../lambdas/contract/object-keys.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import type { Damage } from '../lake/damage.ts';
import { type ChunkRow, readChunkRows } from './chunk-rows.ts';
import type { Version } from './find-versions.ts';

/** Where a version of a row came from. */
export interface Origin {
  readonly table: string;
  readonly id: string;
  readonly current: boolean;
  /** File of the history that has the version; null if the file no longer exists. */
  readonly file: string | null;
  readonly runId: string;
  readonly runStatus: string;
  readonly taskId: string | null;
  /**
   * Key of the raw chunk that has the row. Null if the chunk has expired or cannot be read, or if there never was one:
   * a tombstone, which marks a deleted row, comes from no chunk.
   */
  readonly chunk: string | null;
  /** Line of the chunk, from 0. */
  readonly line: number | null;
  readonly requestId: string | null;
  readonly extractedAt: string;
  readonly updatedAt: string | null;
  readonly deletedAt: string | null;
}

/** @returns a function that finds the origin of a version; it caches the last run and chunk that it read */
export function createOriginFinder(
  store: ObjectStore,
  damage: Damage,
): (stream: Stream, version: Version) => Promise<Origin> {
  let run: { id: string; report: RunReport | undefined } | undefined;
  /**
   * The chunk that was read last. A file of the history has the rows of its chunk in order, without the rejected ones.
   */
  let chunk: { key: string; rows: ChunkRow[] | undefined } | undefined;
  return async (stream, { table, id, file, index, runId, requestId, isCurrent, ...times }) => {
    if (run?.id !== runId) run = { id: runId, report: await damage.readJson(store, reportKey(runId), runReport) };
    const made = file === null ? undefined : parquetFile(file);
    const key = made && chunkKey(table, made.runId, made.taskId, made.sequence);
    if (made && key !== undefined && chunk?.key !== key) {
      const rows = await damage.skipIfDamaged(() => readChunkRows(stream, { ...made, stream: table }, store));
      chunk = { key, rows: rows?.filter((row) => row.id !== null) };
    }
    const line = chunk?.key === key ? chunk?.rows?.[index] : undefined;
    return {
      table,
      id,
      current: isCurrent,
      file,
      runId,
      runStatus: run.report?.status ?? 'without a report',
      taskId: made?.taskId ?? null,
      chunk: chunk?.key === key && chunk?.rows ? chunk.key : null,
      line: line?.id === id ? line.line : null,
      requestId,
      extractedAt: times.extractedAt.toISOString(),
      updatedAt: times.updatedAt?.toISOString() ?? null,
      deletedAt: times.deletedAt?.toISOString() ?? null,
    };
  };
}
