import {
  convertReceiptKey,
  parquetFile,
  prefixes,
  reportKey,
  runTableKey,
  partitionDate,
} from '../../lambdas/contract/object-keys.ts';
import { convertReceipt, type PipelineState, type RunReport, runReport } from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import type { Damage } from '../lake/damage.ts';
import { isRecordKept, runsNamed } from '../lake/kept-records.ts';
import { type NightlyTables, withReports } from '../lake/nightly-tables.ts';
import { checkReceipt, type LostFile, type Retention } from './check-receipt.ts';
import { findUnreadable, isForeign, tableOfKey } from './lake-files.ts';
import { publishedRuns } from './published-runs.ts';
import { countRawLines } from './raw-chunks.ts';
import type { Recovery } from './recovery.ts';

/** Holds what the receipts of published runs say against what is there. */

export interface FileFindings {
  readonly lost: readonly LostFile[];
  /** Raw chunks that should still be there, of rows that the lake has. */
  readonly lostRaw: readonly string[];
  /** Runs whose rows are lacking in `pipeline_runs`. */
  readonly unlisted: readonly string[];
  /** Those of them that cannot be published again before their record can be read. */
  readonly unpublishable: readonly string[];
  /** Objects under the prefix of a table that the pipeline has not written. */
  readonly foreign: readonly string[];
  /** Files of the pipeline that cannot be read, and that nothing here can make again. */
  readonly damaged: readonly string[];
  /** Runs whose record is missing before its time: nothing was held against it. */
  readonly missingRecords: readonly string[];
  /** What `pipeline_runs` says once they are written again. */
  readonly restored: NightlyTables;
}

export interface FileChecks {
  /** Names of the streams; undefined: all. */
  readonly tables: ReadonlySet<string> | undefined;
  /** Tables whose files are read for the comparison, and need not be read here. */
  readonly compared: ReadonlySet<string>;
  readonly nightly: NightlyTables;
  readonly state: PipelineState;
  /** Undefined where nobody knows what the bucket expires. */
  readonly retention: Retention | undefined;
  readonly now: Date;
}

export interface FilePorts {
  readonly store: ObjectStore;
  readonly recovery: Recovery;
  readonly damage: Damage;
}

export async function findLostFiles(checks: FileChecks, ports: FilePorts): Promise<FileFindings> {
  const { store, recovery, damage } = ports;
  const isWanted = (table: string) => checks.tables?.has(table) ?? true;
  const lake = new Map<string, number>();
  for await (const { key, size } of store.list(prefixes.lake)) lake.set(key, size);
  const read = [...lake.keys()].filter((key) => {
    const table = tableOfKey(key);
    return table !== undefined && (isWanted(table) || table === pipelineRuns.name);
  });
  const foreign = read.filter(isForeign);
  const apart = read.filter((key) => !isForeign(key) && !checks.compared.has(tableOfKey(key) ?? ''));
  const unreadable = await findUnreadable(apart, store);
  const raw = await countRawLines(isWanted, store, damage);
  const runs: { report: RunReport; receipts: readonly string[] }[] = [];
  const published: { runId: string; receipts: string[] }[] = [];
  for await (const run of publishedRuns(store)) published.push(run);
  await inBatches(published, async ({ runId, receipts }) => {
    const report = await damage.readJson(store, reportKey(runId), runReport);
    if (report) runs.push({ report, receipts });
  });
  const unlisted = runs
    .map(({ report }) => report)
    .filter(({ kind, runId, startedAt }) => {
      const key = runTableKey(partitionDate(startedAt), runId);
      return unreadable.delete(key) || (kind === 'nightly' && !lake.has(key));
    });
  const publishable = await inBatches(unlisted, ({ runId }) => recovery.canPublish(runId));
  const restored = withReports(
    checks.nightly,
    unlisted.filter(({ kind }, at) => kind === 'nightly' && publishable[at]),
  );
  const findings = { lost: [] as LostFile[], lostRaw: [] as string[] };
  for (const { report, receipts } of runs) {
    await inBatches(receipts, async (receiptKey) => {
      const receipt = await damage.readJson(store, receiptKey, convertReceipt);
      if (receipt?.status !== 'done' || !isWanted(receipt.stream)) return;
      await checkReceipt(receipt, report, { ...checks, ...ports, nightly: restored, lake, raw, unreadable }, findings);
    });
  }
  const seen = new Set(published.map(({ runId }) => runId));
  return {
    ...findings,
    foreign,
    damaged: [...unreadable].toSorted(),
    unlisted: unlisted.map(({ runId }) => runId),
    unpublishable: unlisted.filter((_, at) => !publishable[at]).map(({ runId }) => runId),
    missingRecords: runsNamed(lake.keys(), checks.state).filter(
      (runId) => !seen.has(runId) && isRecordKept(runId, checks.retention?.runDays, checks.now),
    ),
    restored,
  };
}

/** A file that is there and cannot be read; undefined where nothing tells how it was made, or it cannot be made again. */
export async function recoverableAt(
  key: string,
  { store, recovery, damage }: FilePorts,
): Promise<LostFile | undefined> {
  const made = parquetFile(key);
  const receipt =
    made && (await damage.readJson(store, convertReceiptKey(made.runId, made.taskId, made.sequence), convertReceipt));
  const file = receipt?.files.find((one) => one.key === key);
  if (!receipt || !file) return undefined;
  const { stream, finishedAt: convertedAt } = receipt;
  const lost = { ...made, key, stream, rows: file.rows, convertedAt };
  return (await recovery.canConvert(lost)) ? { ...lost, why: 'not readable', convertible: true } : undefined;
}
