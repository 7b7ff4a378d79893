import { chunkKey, parquetFile, reportKey } from '../../lambdas/contract/object-keys.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { isSnapshot } from '../../lambdas/streams/views.ts';
import { CurrentState } from '../lake/current-state.ts';
import type { Damage } from '../lake/damage.ts';
import type { Snapshot } from '../lake/nightly-tables.ts';
import { type ChunkRow, readChunkRows } from './chunk-rows.ts';
import type { Version } from './find-versions.ts';

/** Where one version of a row came from. */
export interface Origin {
  readonly table: string;
  readonly id: string;
  readonly file: string;
  readonly runId: string;
  readonly runStatus: string;
  readonly taskId: string | null;
  /** Null once its lifecycle rule has expired it, or where it cannot be read; null too of a tombstone that no task has read. */
  readonly chunk: string | null;
  /** Line of the chunk, from 0. */
  readonly line: number | null;
  readonly requestId: string | null;
  readonly extractedAt: string;
  readonly updatedAt: string | null;
  readonly deletedAt: string | null;
}

/** @returns a function that follows versions, and keeps the run and the chunk that it looked at last */
export function createOriginFinder(
  store: ObjectStore,
  damage: Damage,
): (stream: Stream, version: Version) => Promise<Origin> {
  let run: { id: string; report: RunReport | undefined } | undefined;
  /** The rows of a file are the lines of its chunk without those that were set aside. */
  let chunk: { key: string; rows: ChunkRow[] | undefined } | undefined;
  return async (stream, { table, id, file, index, runId, requestId, ...times }) => {
    if (run?.id !== runId) run = { id: runId, report: await damage.readJson(store, reportKey(runId), runReport) };
    const made = parquetFile(file);
    const key = made && chunkKey(table, made.runId, made.taskId, made.sequence);
    if (made && key !== undefined && chunk?.key !== key) {
      const rows = await damage.passOver(() => readChunkRows(stream, { ...made, stream: table }, store));
      chunk = { key, rows: rows?.filter((row) => row.id !== null) };
    }
    const line = chunk?.key === key ? chunk?.rows?.[index] : undefined;
    return {
      table,
      id,
      file,
      runId,
      runStatus: run.report?.status ?? 'without a report',
      taskId: made?.taskId ?? null,
      chunk: chunk?.key === key && chunk?.rows ? chunk.key : null,
      line: line?.id === id ? line.line : null,
      requestId,
      extractedAt: new Date(times.extractedAt).toISOString(),
      updatedAt: isoOf(times.updatedAt),
      deletedAt: isoOf(times.deletedAt),
    };
  };
}

/** The versions that the view of their table shows. */
export function currentOf(
  stream: Stream,
  versions: readonly Version[],
  snapshot: Snapshot | undefined,
): ReadonlySet<Version> {
  const state = new CurrentState<Version>();
  for (const version of versions) {
    const { id, runId, extractedAt, deletedAt } = version;
    if (snapshot && isSnapshot(stream) && runId !== snapshot.runId && extractedAt < snapshot.startedAt) continue;
    if (deletedAt === null) state.add(id, version);
    else state.bury(id, deletedAt);
  }
  return new Set([...state.rows()].map(({ copy }) => copy));
}

function isoOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
