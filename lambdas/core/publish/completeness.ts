import type {
  ConvertReceipt,
  ExtractReceipt,
  Failure,
  Plan,
  Replay,
  RunReport,
  RunStatus,
  TableReport,
} from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { chunkId } from '../runs/run-ids.ts';
import { isProvisional } from '../runs/last-attempt.ts';
import { deadlineOf, stillAwaited } from '../runs/replay-record.ts';

/** Everything that a run has left in the store, as publish reads it. */
export interface RunEvidence {
  readonly plan: Plan;
  readonly extractReceipts: ReadonlyMap<string, ExtractReceipt>;
  /** By task id and sequence number, see {@link chunkId}. */
  readonly convertReceipts: ReadonlyMap<string, ConvertReceipt>;
  /** Why the run was stopped, where it was. */
  readonly aborted: Failure | undefined;
  readonly replay: Replay | undefined;
}

export type Assessment =
  | { readonly over: false; readonly waitingFor: number }
  | { readonly over: true; readonly report: RunReport };

interface Ledger extends Omit<TableReport, 'status' | 'error'> {
  errors: Failure[];
}

/**
 * Says whether a run is over, and how it ended.
 *
 * A table is complete when each of its tasks, planned or sent by a parent, has a receipt, each chunk has
 * its own, and the counts agree: rows landed = rows in Parquet + rows set aside. A run is over when
 * nothing is missing, when it was aborted, or when its deadline has passed. What a replay has sent again is
 * missing until it has left a new receipt; at the deadline the old one counts.
 *
 * @param streams declarations of the plan's streams
 */
export function assessRun(found: RunEvidence, streams: readonly Stream[], now: Date): Assessment {
  const evidence = whatCounts(found, now);
  const { plan, aborted, replay } = evidence;
  const ledgers = new Map(streams.map((stream) => [stream.name, emptyLedger()]));
  const missing = countAll(evidence, ledgers);
  const waitingFor = missing.length + stillAwaited(evidence);
  const deadline = deadlineOf(plan, replay);
  const overdue = now.getTime() > Date.parse(deadline);
  if (waitingFor > 0 && !overdue && !aborted) return { over: false, waitingFor };

  for (const { stream, what } of missing) ledgers.get(stream)?.errors.push(aborted ?? overdueFailure(what, deadline));
  const named = new Map(streams.map((stream) => [stream.name, stream]));
  // Not in the order of the streams: a child may stand before its parent there.
  const errorOf = (stream: Stream): Failure | null => {
    const own = ledgers.get(stream.name)?.errors[0] ?? aborted;
    const parent = stream.parent && named.get(stream.parent.stream);
    const above = own || !parent ? null : errorOf(parent);
    return own ?? (above && parentFailure(stream, above));
  };
  const tables: Record<string, TableReport> = {};
  for (const stream of streams) {
    const { errors: _, ...counts } = ledgers.get(stream.name) ?? emptyLedger();
    const error = errorOf(stream);
    tables[stream.name] = { ...counts, status: statusOf(error, counts.rowsWritten), error };
  }
  const report = {
    runId: plan.runId,
    kind: plan.kind,
    status: runStatusOf(Object.values(tables), aborted !== undefined),
    startedAt: plan.startedAt,
    finishedAt: now.toISOString(),
    ...(replay ? { replayedAt: replay.at } : {}),
    tables,
  };
  return { over: true, report };
}

/** Without the receipts of attempts that may still be under way. */
function whatCounts(found: RunEvidence, now: Date): RunEvidence {
  const counting = <T extends ExtractReceipt | ConvertReceipt>(receipts: ReadonlyMap<string, T>) =>
    new Map([...receipts].filter(([, receipt]) => !isProvisional(receipt, now)));
  return {
    ...found,
    extractReceipts: counting(found.extractReceipts),
    convertReceipts: counting(found.convertReceipts),
  };
}

/** Adds every receipt to its table's ledger, following children from their parents' receipts. */
function countAll(evidence: RunEvidence, ledgers: ReadonlyMap<string, Ledger>): { stream: string; what: string }[] {
  const missing: { stream: string; what: string }[] = [];
  const pending = evidence.plan.tasks.map(({ taskId, stream }) => ({ taskId, stream }));
  const visited = new Set<string>();
  const chunks = new Set<string>();
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (visited.has(next.taskId)) continue;
    visited.add(next.taskId);
    const receipt = evidence.extractReceipts.get(next.taskId);
    const ledger = ledgers.get(next.stream);
    if (!receipt || !ledger) {
      missing.push({ stream: next.stream, what: `task ${next.taskId}` });
      continue;
    }
    addExtract(ledger, receipt);
    for (const [sequence, rows] of receipt.chunks.entries()) {
      const id = chunkId(receipt.taskId, sequence);
      chunks.add(id);
      const converted = evidence.convertReceipts.get(id);
      if (converted) addConvert(ledger, converted, rows);
      else missing.push({ stream: receipt.stream, what: `chunk ${id}` });
    }
    pending.push(...receipt.children.map((taskId) => ({ taskId, stream: streamOfChild(taskId) })));
  }
  countUnreached(evidence, ledgers, { tasks: visited, chunks });
  return missing;
}

/**
 * Rows in the lake that no receipt leads to from the plan: of a task that has landed chunks and is not over, and
 * of its children. They make nothing complete, but the report must not say less than the tables hold.
 */
function countUnreached(
  { extractReceipts, convertReceipts }: RunEvidence,
  ledgers: ReadonlyMap<string, Ledger>,
  reached: { tasks: ReadonlySet<string>; chunks: ReadonlySet<string> },
): void {
  for (const [taskId, receipt] of extractReceipts) {
    const ledger = reached.tasks.has(taskId) ? undefined : ledgers.get(receipt.stream);
    if (ledger) addExtract(ledger, receipt);
  }
  for (const [id, receipt] of convertReceipts) {
    const ledger = reached.chunks.has(id) ? undefined : ledgers.get(receipt.stream);
    if (!ledger) continue;
    if (extractReceipts.get(receipt.taskId)?.chunks[receipt.sequence] === undefined)
      ledger.rowsExtracted += receipt.rowsIn;
    addConvert(ledger, receipt, receipt.rowsIn);
  }
}

/** A child's task id ends in its stream and its part. */
function streamOfChild(taskId: string): string {
  return taskId.split('.').at(-2) ?? '';
}

function addExtract(ledger: Ledger, receipt: ExtractReceipt): void {
  ledger.rowsExtracted += receipt.rows;
  ledger.rowsUnchanged += receipt.unchanged;
  ledger.gone += receipt.gone;
  ledger.requests += receipt.requests;
  ledger.retries += receipt.retries;
  if (receipt.error) ledger.errors.push(receipt.error);
}

function addConvert(ledger: Ledger, receipt: ConvertReceipt, rowsLanded: number): void {
  ledger.rowsWritten += receipt.rowsOut;
  ledger.rowsRejected += receipt.rowsRejected;
  ledger.files += receipt.files.length;
  ledger.bytes += receipt.files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (receipt.error) {
    const chunk = chunkId(receipt.taskId, receipt.sequence);
    ledger.errors.push({ ...receipt.error, message: `Chunk ${chunk} was not converted: ${receipt.error.message}` });
  } else if (rowsLanded !== receipt.rowsOut + receipt.rowsRejected) {
    ledger.errors.push({
      code: 'count_mismatch',
      message: `Chunk ${chunkId(receipt.taskId, receipt.sequence)} holds ${rowsLanded} rows, but ${receipt.rowsOut} were written and ${receipt.rowsRejected} set aside. Convert it again from raw/.`,
      requestId: null,
    });
  }
}

function emptyLedger(): Ledger {
  return {
    rowsExtracted: 0,
    rowsWritten: 0,
    rowsRejected: 0,
    rowsUnchanged: 0,
    gone: 0,
    files: 0,
    bytes: 0,
    requests: 0,
    retries: 0,
    errors: [],
  };
}

function overdueFailure(what: string, deadline: string): Failure {
  return {
    code: 'overdue',
    message: `The ${what} had left no receipt when the run's deadline (${deadline}) passed. Look at the dead letters (npm run ops -- replay-dead-letters tells them); what was not read is read again in the next run.`,
    requestId: null,
  };
}

function parentFailure(stream: Stream, error: Failure): Failure {
  return {
    code: 'parent_failed',
    message: `${stream.name} is read for each row of ${stream.parent?.stream}, which was not read whole: ${error.message}`,
    requestId: error.requestId,
  };
}

function statusOf(error: Failure | null, rowsWritten: number): RunStatus {
  if (!error) return 'complete';
  return rowsWritten > 0 ? 'partial' : 'failed';
}

function runStatusOf(tables: readonly TableReport[], aborted: boolean): RunStatus {
  if (aborted || tables.every(({ status }) => status === 'failed')) return 'failed';
  return tables.every(({ status }) => status === 'complete') ? 'complete' : 'partial';
}
