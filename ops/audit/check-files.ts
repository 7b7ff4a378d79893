/** Compares the files of the history with the receipts of the runs that wrote them. */

import { createHash } from 'node:crypto';
import { chunkKey, fileOfRun, parquetFile, prefixes, reportKey } from '../../lambdas/contract/object-keys.ts';
import type { ConvertReceipt } from '../../lambdas/contract/run.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import type { ReconvertibleChunk, ChunksOfRun } from '../../lambdas/core/replay/replay-rejected.ts';
import { readChunk } from '../../lambdas/core/rows/chunk-file.ts';
import { forgottenOn, isRow } from '../../lambdas/core/rows/raw-line.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { readObject } from '../../lambdas/core/store/stored-object.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { Damage } from '../lake/damage.ts';
import { readRunRecord, type RunRecord } from '../lake/run-record.ts';
import { unlistedRuns } from './check-run-table.ts';

export interface LostFile {
  readonly key: string;
  readonly table: string;
  readonly rows: number;
  readonly why: 'gone' | 'of another size' | 'of other content';
  /** True if the file can be made again: its raw chunk and its run's receipts are complete. */
  readonly isConvertible: boolean;
}

export interface FileFindings {
  readonly lost: readonly LostFile[];
  /** Chunks from which lost files can be made again. */
  readonly convertible: readonly ChunksOfRun[];
  /**
   * Published runs whose rows are missing from `pipeline_runs`, or are in an unreadable file. They can be published
   * again.
   */
  readonly unlisted: readonly string[];
  /** Objects in a table's folder that the pipeline did not write. */
  readonly foreign: readonly string[];
  /** Runs whose plan, receipts or report are missing before their expiry. Not all files of these runs were checked. */
  readonly missingRecords: readonly string[];
}

/** Number of days after which the bucket deletes objects. */
export interface Retention {
  readonly runDays?: number | undefined;
  /** @default for ever */
  readonly historyDays?: number | undefined;
}

export interface FileChecks {
  /** Names of the tables to check. Undefined: all. */
  readonly tables: ReadonlySet<string> | undefined;
  readonly retention: Retention | undefined;
  readonly now: Date;
}

interface Ports {
  readonly store: ObjectStore;
  readonly damage: Damage;
  readonly onRun: (checked: number, of: number) => void;
}

const day = 86_400_000;
/** An object may be missing in its last two days before it expires: S3 counts whole days, and deletes with a delay. */
const expirySlackDays = 2;
const tableNames = new Set([...streams, ...ownTables].map(({ name }) => name));

export async function checkFiles(checks: FileChecks, ports: Ports): Promise<FileFindings> {
  const { store, damage, onRun } = ports;
  const runIds = await runsRecorded(store);
  const lost: LostFile[] = [];
  const convertible: ChunksOfRun[] = [];
  const reports: RunReport[] = [];
  const lacking = new Set<string>();
  for (const [at, runId] of runIds.entries()) {
    onRun(at, runIds.length);
    const record = await readRunRecord(runId, store, damage);
    // Files of a run that is under way may still change.
    if (!record.report) continue;
    if (record.isWhole) reports.push(record.report);
    else if (!record.isDamaged) lacking.add(runId);
    const chunks: ReconvertibleChunk[] = [];
    const found = await inBatches(record.converted, (receipt) => checkReceipt(receipt, record, checks, store));
    for (const { files, chunk } of found) {
      lost.push(...files);
      if (chunk) chunks.push(chunk);
    }
    if (record.plan && chunks.length > 0) convertible.push({ plan: record.plan, chunks });
  }
  const lake: string[] = [];
  for await (const { key } of store.list(prefixes.lake)) lake.push(key);
  for (const runId of await runsWithoutRecord(lake, runIds, ports)) lacking.add(runId);
  const { retention, now } = checks;
  return {
    lost,
    convertible,
    unlisted: await unlistedRuns(reports, store),
    foreign: lake.filter(isForeign),
    missingRecords: [...lacking].filter((runId) => isYounger(runId, retention?.runDays ?? 0, now)).toSorted(),
  };
}

/** Runs with files in the lake but neither plan nor receipts, or with rows in `pipeline_runs` but no report. */
async function runsWithoutRecord(
  lake: readonly string[],
  runIds: readonly string[],
  { store, damage }: Ports,
): Promise<string[]> {
  const [written, listed] = [new Set<string>(), new Set<string>()];
  for (const key of lake) (parquetFile(key) ? written : listed).add(fileOfRun(key)?.runId ?? '');
  const reported = await inBatches([...listed], async (runId) => {
    const key = reportKey(runId);
    return runId === '' || damage.messages.has(key) || (await store.head(key)) !== undefined;
  });
  return [...written.difference(new Set(runIds)), ...[...listed].filter((_, at) => !reported[at])];
}

async function runsRecorded(store: ObjectStore): Promise<string[]> {
  const runIds = new Set<string>();
  for await (const { key } of store.list(prefixes.runs)) runIds.add(key.split('/')[1] ?? '');
  return [...runIds];
}

async function checkReceipt(
  receipt: ConvertReceipt,
  record: RunRecord,
  { tables, retention, now }: FileChecks,
  store: ObjectStore,
): Promise<{ files: LostFile[]; chunk?: ReconvertibleChunk }> {
  const { runId } = record;
  const { stream, taskId, sequence, finishedAt } = receipt;
  const isExpired = !isYounger(runId, retention?.historyDays ?? Infinity, now);
  if (tables?.has(stream) === false || isExpired) return { files: [] };
  const broken = await inBatches(receipt.files, async (file) => ({ file, why: await faultOf(file, store) }));
  if (broken.every(({ why }) => why === undefined)) return { files: [] };
  const isConvertible =
    record.isWhole && (await holdsRows(chunkKey(stream, runId, taskId, sequence), receipt.rowsIn, store));
  const files = broken.flatMap(({ file: { key, rows }, why }): LostFile[] =>
    why === undefined ? [] : [{ key, table: parquetFile(key)?.table ?? stream, rows, why, isConvertible }],
  );
  const chunk = { taskId, sequence, stream, rowsRejected: 0, convertedAt: finishedAt };
  return isConvertible ? { files, chunk } : { files };
}

async function faultOf(
  { key, bytes, sha256 }: ConvertReceipt['files'][number],
  store: ObjectStore,
): Promise<LostFile['why'] | undefined> {
  const damage = new Damage();
  const object = await damage.skipIfDamaged(() => readObject(store, key));
  if (damage.keys.length > 0) return 'of other content';
  if (!object) return 'gone';
  if (object.body.byteLength !== bytes) return 'of another size';
  return createHash('sha256').update(object.body).digest('hex') === sha256 ? undefined : 'of other content';
}

/** True if a raw chunk exists, is undamaged, and has as many rows as were converted, counting rows forgotten since. */
async function holdsRows(key: string, rows: number, store: ObjectStore): Promise<boolean> {
  const lines = await new Damage().skipIfDamaged(() => readChunk(store, key));
  return lines?.filter((line) => isRow(line) || forgottenOn(line) !== undefined).length === rows;
}

/** True if queries of a table read this object, but the pipeline gives no file such a name. */
function isForeign(key: string): boolean {
  const [, table = '', ...rest] = key.split('/');
  const name = rest.at(-1) ?? '';
  // Athena ignores names that begin with a dot or an underscore. The S3 console creates empty objects for folders.
  const isHidden = name === '' || (/^[._]/.test(name) && !name.endsWith('.parquet'));
  return tableNames.has(table) && !isHidden && fileOfRun(key) === undefined;
}

function isYounger(runId: string, days: number, now: Date): boolean {
  try {
    return now.getTime() - scheduledAtOf(runId).getTime() < (days - expirySlackDays) * day;
  } catch {
    return false;
  }
}
