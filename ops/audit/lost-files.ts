import {
  chunkKey,
  convertReceiptKey,
  extractReceiptKey,
  parquetFile,
  planKey,
  prefixes,
  reportKey,
  runTableKey,
  partitionDate,
} from '../../lambdas/contract/object-keys.ts';
import {
  type ConvertReceipt,
  convertReceipt,
  extractReceipt,
  type RunReport,
  runReport,
} from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { readJson } from '../../lambdas/core/stored-json.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { isSnapshot } from '../../lambdas/streams/views.ts';
import { inBatches } from '../../lambdas/core/in-batches.ts';
import { type NightlyTables, withReports } from '../lake/nightly-tables.ts';

/** Holds what the receipts of published runs say against what is there. */

export interface LostFile {
  readonly key: string;
  readonly table: string;
  readonly stream: string;
  readonly runId: string;
  readonly taskId: string;
  readonly sequence: number;
  readonly rows: number;
  readonly why: 'gone' | 'of another size' | 'not readable';
  /** Whether the raw chunk is there to be converted again. */
  readonly convertible: boolean;
  readonly convertedAt: string;
}

export interface FileFindings {
  readonly lost: readonly LostFile[];
  /** Raw chunks that should still be there, of rows that the lake has. */
  readonly lostRaw: readonly string[];
  /** Nightly runs whose rows are lacking in `pipeline_runs`. */
  readonly unlisted: readonly string[];
  /** What `pipeline_runs` says once they are written again. */
  readonly restored: NightlyTables;
}

export interface FileChecks {
  /** Names of the streams; undefined: all. */
  readonly tables: ReadonlySet<string> | undefined;
  readonly nightly: NightlyTables;
  /** Undefined where nobody knows what the bucket expires. */
  readonly retention: { readonly rawDays: number; readonly historyDays?: number | undefined } | undefined;
  readonly now: Date;
}

const day = 86_400_000;
/** S3 expires an object on the day after its last one. */
const expirySlackDays = 2;
const snapshots = new Set(streams.filter(isSnapshot).map(({ name }) => name));
const streamNames = new Set(streams.map(({ name }) => name));

export async function findLostFiles(checks: FileChecks, store: ObjectStore): Promise<FileFindings> {
  const lake = new Map<string, number>();
  for await (const { key, size } of store.list(prefixes.lake)) lake.set(key, size);
  const raw = new Set<string>();
  for await (const { key } of store.list(prefixes.raw)) raw.add(key);
  const runs: { report: RunReport; receipts: readonly string[] }[] = [];
  const published: { runId: string; receipts: string[] }[] = [];
  for await (const run of publishedRuns(store)) published.push(run);
  await inBatches(published, async ({ runId, receipts }) => {
    const report = (await readJson(store, reportKey(runId), runReport))?.value;
    if (report) runs.push({ report, receipts });
  });
  const unlisted = runs
    .map(({ report }) => report)
    .filter(
      ({ kind, runId, startedAt }) => kind === 'nightly' && !lake.has(runTableKey(partitionDate(startedAt), runId)),
    );
  const restored = withReports(checks.nightly, unlisted);
  const findings = { lost: [] as LostFile[], lostRaw: [] as string[] };
  for (const { report, receipts } of runs) {
    await inBatches(receipts, async (receiptKey) => {
      const receipt = (await readJson(store, receiptKey, convertReceipt))?.value;
      if (receipt?.status !== 'done' || checks.tables?.has(receipt.stream) === false) return;
      await checkReceipt(receipt, report, { ...checks, nightly: restored, store, lake, raw }, findings);
    });
  }
  return { ...findings, unlisted: unlisted.map(({ runId }) => runId), restored };
}

/** A file that is there and cannot be read; undefined where no receipt tells how it was made. */
export async function lostFileAt(key: string, store: ObjectStore): Promise<LostFile | undefined> {
  const made = parquetFile(key);
  const stored =
    made && (await readJson(store, convertReceiptKey(made.runId, made.taskId, made.sequence), convertReceipt));
  const file = stored?.value.files.find((one) => one.key === key);
  if (!stored || !file) return undefined;
  const { stream, finishedAt: convertedAt } = stored.value;
  const rawKey = chunkKey(stream, made.runId, made.taskId, made.sequence);
  const convertible = (await store.head(rawKey)) !== undefined;
  return { ...made, key, stream, rows: file.rows, why: 'not readable', convertible, convertedAt };
}

/** Runs with a plan and a report, and the keys of their receipts, as they are listed: run by run. */
async function* publishedRuns(store: ObjectStore): AsyncGenerator<{ runId: string; receipts: string[] }> {
  let run = { runId: '', receipts: [] as string[], seen: new Set<string>() };
  const isPublished = () => run.seen.has(planKey(run.runId)) && run.seen.has(reportKey(run.runId));
  for await (const { key } of store.list(prefixes.runs)) {
    const [, runId = '', kind] = key.split('/');
    if (runId !== run.runId) {
      if (isPublished()) yield run;
      run = { runId, receipts: [], seen: new Set() };
    }
    if (kind === 'convert') run.receipts.push(key);
    else if (kind !== 'extract') run.seen.add(key);
  }
  if (isPublished()) yield run;
}

type Stored = FileChecks & {
  readonly store: ObjectStore;
  readonly lake: ReadonlyMap<string, number>;
  readonly raw: ReadonlySet<string>;
};

async function checkReceipt(
  receipt: ConvertReceipt,
  report: RunReport,
  stored: Stored,
  findings: { lost: LostFile[]; lostRaw: string[] },
): Promise<void> {
  const { runId } = report;
  const { stream, taskId, sequence, finishedAt: convertedAt } = receipt;
  const rawKey = chunkKey(stream, runId, taskId, sequence);
  const convertible = stored.raw.has(rawKey);
  let isWhole = true;
  for (const { key, rows, bytes } of receipt.files) {
    const table = parquetFile(key)?.table ?? '';
    const size = stored.lake.get(key);
    if (size === bytes || !(await isExpected(table, receipt, report, stored))) continue;
    isWhole = false;
    const why = size === undefined ? 'gone' : 'of another size';
    findings.lost.push({ key, table, stream, runId, taskId, sequence, rows, why, convertible, convertedAt });
  }
  if (isWhole && !convertible && isRawExpected(report, stored)) findings.lostRaw.push(rawKey);
}

/** Whether a file could hold a current row, and nothing but an accident can have taken it. */
async function isExpected(
  table: string,
  { taskId }: ConvertReceipt,
  report: RunReport,
  { nightly, retention, now, store }: Stored,
): Promise<boolean> {
  if (snapshots.has(table)) {
    // Publish deletes older ones: docs/adr/0004.
    const newest = nightly.complete.get(table);
    if (!newest || report.runId === newest.runId) return true;
    const read = await readJson(store, extractReceiptKey(report.runId, taskId), extractReceipt);
    return read !== undefined && Date.parse(read.value.finishedAt) >= newest.startedAt;
  }
  if (streamNames.has(table)) return true;
  return retention !== undefined && isYounger(report, retention.historyDays ?? Infinity, now);
}

function isRawExpected(report: RunReport, { retention, now }: Stored): boolean {
  return retention !== undefined && isYounger(report, retention.rawDays, now);
}

function isYounger({ startedAt }: RunReport, days: number, now: Date): boolean {
  return now.getTime() - Date.parse(startedAt) < (days - expirySlackDays) * day;
}
