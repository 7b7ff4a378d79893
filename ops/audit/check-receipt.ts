import { chunkKey, extractReceiptKey, parquetFile } from '../../lambdas/contract/object-keys.ts';
import { type ConvertReceipt, extractReceipt, type RunReport } from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { isSnapshot } from '../../lambdas/streams/views.ts';
import type { Damage } from '../lake/damage.ts';
import { expirySlackDays } from '../lake/kept-records.ts';
import type { NightlyTables } from '../lake/nightly-tables.ts';
import type { Recovery } from './recovery.ts';

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

/** Days after which the bucket expires what. */
export interface Retention {
  readonly rawDays: number;
  readonly runDays?: number | undefined;
  readonly historyDays?: number | undefined;
}

const day = 86_400_000;
const snapshots = new Set(streams.filter(isSnapshot).map(({ name }) => name));
const streamNames = new Set(streams.map(({ name }) => name));

interface Stored {
  readonly nightly: NightlyTables;
  readonly retention: Retention | undefined;
  readonly now: Date;
  readonly store: ObjectStore;
  readonly recovery: Recovery;
  readonly damage: Damage;
  readonly lake: ReadonlyMap<string, number>;
  /** Lines of each chunk. */
  readonly raw: ReadonlyMap<string, number | undefined>;
  /** Files that nobody has accounted for yet. */
  readonly unreadable: Set<string>;
}

/** Holds what a receipt says against what is there. */
export async function checkReceipt(
  receipt: ConvertReceipt,
  report: RunReport,
  stored: Stored,
  findings: { lost: LostFile[]; lostRaw: string[] },
): Promise<void> {
  const { runId } = report;
  const { stream, taskId, sequence, rowsIn, finishedAt: convertedAt } = receipt;
  const rawKey = chunkKey(stream, runId, taskId, sequence);
  const chunk = { stream, runId, taskId, sequence };
  let isWhole = true;
  for (const { key, rows, bytes } of receipt.files) {
    const table = parquetFile(key)?.table ?? '';
    const size = stored.lake.get(key);
    const isUnreadable = stored.unreadable.has(key);
    if (!isUnreadable && (size === bytes || !(await isExpected(table, receipt, report, stored)))) continue;
    isWhole = false;
    const convertible = stored.raw.get(rawKey) === rowsIn && (await stored.recovery.canConvert(chunk));
    // It stays among those that nothing can make again.
    if (isUnreadable && !convertible) continue;
    stored.unreadable.delete(key);
    const why = size === undefined ? 'gone' : size === bytes ? 'not readable' : 'of another size';
    findings.lost.push({ ...chunk, key, table, rows, why, convertible, convertedAt });
  }
  const lines = stored.raw.get(rawKey);
  if (lines !== undefined && lines !== rowsIn)
    stored.damage.note(new DamagedObjectError(rawKey, `holds ${lines} rows where the pipeline had put ${rowsIn}`));
  if (isWhole && !stored.raw.has(rawKey) && isRawExpected(report, stored)) findings.lostRaw.push(rawKey);
}

/** Whether a file could hold a current row, and nothing but an accident can have taken it. */
async function isExpected(
  table: string,
  { taskId }: ConvertReceipt,
  report: RunReport,
  { nightly, retention, now, store, damage }: Stored,
): Promise<boolean> {
  if (snapshots.has(table)) {
    // Publish deletes older ones: docs/adr/0004.
    const newest = nightly.complete.get(table);
    if (!newest || report.runId === newest.runId) return true;
    const read = await damage.readJson(store, extractReceiptKey(report.runId, taskId), extractReceipt);
    return read !== undefined && Date.parse(read.finishedAt) >= newest.startedAt;
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
