import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  chunkKey,
  fileOfRun,
  parquetFile,
  partitionDate,
  prefixes,
  runTableKey,
} from '../../lambdas/contract/object-keys.ts';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import type { ConvertReceipt, RunReport } from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import type { RejectedChunk, RejectedRun } from '../../lambdas/core/replay/replay-rejected.ts';
import { runTable } from '../../lambdas/core/publish/run-table.ts';
import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import { readChunk } from '../../lambdas/core/rows/chunk-log.ts';
import { isRow } from '../../lambdas/core/rows/raw-line.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { readObject } from '../../lambdas/core/store/stored-object.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { Damage } from '../lake/damage.ts';
import { readRows } from '../lake/read-rows.ts';
import { readRunRecord, type RunRecord } from '../lake/run-record.ts';

/** Holds the files of the history against the receipts of the runs that wrote them. */

export interface LostFile {
  readonly key: string;
  readonly table: string;
  readonly rows: number;
  readonly why: 'gone' | 'of another size' | 'of other content';
  /** Whether it can be made again: its raw chunk and the records of its run are whole. */
  readonly isConvertible: boolean;
}

export interface FileFindings {
  readonly lost: readonly LostFile[];
  /** Chunks of which lost files can be made again. */
  readonly convertible: readonly RejectedRun[];
  /** Published runs whose rows `pipeline_runs` lacks, or has in a file that cannot be read, and that can be published again. */
  readonly unlisted: readonly string[];
  /** Objects in the folder of a table that the pipeline has not written. */
  readonly foreign: readonly string[];
  /** Runs of whose records some are missing before their time: nothing was held against those. */
  readonly missingRecords: readonly string[];
}

/** Days after which the bucket expires what. */
export interface Retention {
  readonly runDays?: number | undefined;
  /** @default for ever */
  readonly historyDays?: number | undefined;
}

export interface FileChecks {
  /** Names of the tables; undefined: all. */
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
/** S3 expires an object on the day after its last one. */
const expirySlackDays = 2;
const tableNames = new Set([...streams, ...ownTables].map(({ name }) => name));

export async function checkFiles(checks: FileChecks, ports: Ports): Promise<FileFindings> {
  const { store, damage, onRun } = ports;
  const runIds = await runsRecorded(store);
  const lost: LostFile[] = [];
  const convertible: RejectedRun[] = [];
  const published: RunRecord[] = [];
  for (const [at, runId] of runIds.entries()) {
    onRun(at, runIds.length);
    const record = await readRunRecord(runId, store, damage);
    // Files of a run that is under way come and go.
    if (!record.report) continue;
    published.push(record);
    const chunks: RejectedChunk[] = [];
    const found = await inBatches(record.converted, (receipt) => checkReceipt(receipt, record, checks, ports));
    for (const { files, chunk } of found) {
      lost.push(...files);
      if (chunk) chunks.push(chunk);
    }
    if (record.plan && chunks.length > 0) convertible.push({ plan: record.plan, chunks });
  }
  const lake: string[] = [];
  for await (const { key } of store.list(prefixes.lake)) lake.push(key);
  const whole = published.filter((record) => isWhole(record, damage));
  const { retention, now } = checks;
  return {
    lost,
    convertible,
    unlisted: await unlistedRuns(whole, store),
    foreign: lake.filter(isForeign),
    missingRecords: [...runsLacking(lake, runIds, published, damage)]
      .filter((runId) => isYounger(runId, retention?.runDays ?? 0, now))
      .toSorted(),
  };
}

/** Whether all records of a run are there and can be read: else no function can work with them. */
function isWhole({ runId, plan, report, tasks, extracted, converted }: RunRecord, damage: Damage): boolean {
  const [planned, over] = [new Set(tasks.map(({ taskId }) => taskId)), new Set(extracted.map(({ taskId }) => taskId))];
  const reported = Object.values(report?.tables ?? {}).reduce((sum, { files }) => sum + files, 0);
  const found = converted.reduce((sum, { files }) => sum + files.length, 0);
  const hasTasks = over.isSubsetOf(planned) && (report?.status !== 'complete' || planned.isSubsetOf(over));
  return plan !== undefined && hasTasks && found >= reported && !isDamaged(runId, damage);
}

function isDamaged(runId: string, damage: Damage): boolean {
  return damage.keys.some((key) => key.startsWith(`${prefixes.runs}${runId}/`));
}

/** Runs that must have left more records than are there, as the lake and their reports tell. */
function runsLacking(
  lake: readonly string[],
  runIds: readonly string[],
  published: readonly RunRecord[],
  damage: Damage,
): Set<string> {
  const lacking = published.filter((record) => !isWhole(record, damage)).map(({ runId }) => runId);
  const [recorded, reported] = [new Set(runIds), new Set(published.map(({ runId }) => runId))];
  for (const key of lake) {
    const runId = fileOfRun(key)?.runId;
    // A run is in pipeline_runs just before it has its report, and has files as soon as it begins.
    const known = parquetFile(key) ? recorded : reported;
    if (runId !== undefined && !known.has(runId)) lacking.push(runId);
  }
  // What is damaged is named by itself.
  return new Set(lacking.filter((runId) => !isDamaged(runId, damage)));
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
  { store, damage }: Ports,
): Promise<{ files: LostFile[]; chunk?: RejectedChunk }> {
  const { runId } = record;
  const { stream, taskId, sequence, finishedAt } = receipt;
  const isExpired = !isYounger(runId, retention?.historyDays ?? Infinity, now);
  if (tables?.has(stream) === false || isExpired) return { files: [] };
  const broken = await inBatches(receipt.files, async (file) => ({ file, why: await faultOf(file, store) }));
  if (broken.every(({ why }) => why === undefined)) return { files: [] };
  const isConvertible =
    isWhole(record, damage) && (await holdsRows(chunkKey(stream, runId, taskId, sequence), receipt.rowsIn, store));
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
  const object = await damage.passOver(() => readObject(store, key));
  if (damage.keys.length > 0) return 'of other content';
  if (!object) return 'gone';
  if (object.body.byteLength !== bytes) return 'of another size';
  return createHash('sha256').update(object.body).digest('hex') === sha256 ? undefined : 'of other content';
}

/** Whether a raw chunk is there, whole, and with as many rows as were converted. */
async function holdsRows(key: string, rows: number, store: ObjectStore): Promise<boolean> {
  const lines = await new Damage().passOver(() => readChunk(store, key));
  return lines?.filter(isRow).length === rows;
}

async function unlistedRuns(published: readonly RunRecord[], store: ObjectStore): Promise<string[]> {
  const listed = await inBatches(published, async ({ report }) => report && isListed(report, store));
  return published.flatMap(({ runId }, at) => (listed[at] ? [] : [runId]));
}

/** Whether the run's rows say what its report says. A column that is younger than the file is null in each of them. */
async function isListed(report: RunReport, store: ObjectStore): Promise<boolean> {
  const names = Object.keys(pipelineRuns.columns);
  const key = runTableKey(partitionDate(report.startedAt), report.runId);
  const wanted = await readParquet(runTable(report), names);
  const rows = await new Damage().passOver(() => readRows(key, names, (row) => row, store));
  return (
    rows?.length === wanted.length &&
    rows.every((row, at) =>
      names.every((name) => row[name] === null || isDeepStrictEqual(row[name], wanted[at]?.[name])),
    )
  );
}

/** Whether a query reads this object although the pipeline gives no file of a table such a name. */
function isForeign(key: string): boolean {
  const [, table = '', ...rest] = key.split('/');
  const name = rest.at(-1) ?? '';
  // Athena passes over names that begin so, and the console makes empty objects for its folders.
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
