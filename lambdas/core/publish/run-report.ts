import type { Failure, Plan } from '../../contract/run.ts';
import type { RunReport, TableReport } from '../../contract/run-report.ts';
import type { RunStatus } from '../../contract/run-status.ts';
import type { Stream } from '../../contract/stream.ts';
import type { MergeResult } from '../current/merge-input.ts';
import { failedItems, itemFailures, taskErrors } from './item-failures.ts';
import { type ChunkNode, isConverted, type RunTree, type TaskNode } from './run-tree.ts';
import { isSecondReading } from '../runs/second-reading.ts';
import { heldBecause, notAllowed, unstable } from './table-failures.ts';
import type { RunEvidence } from './read-evidence.ts';

/**
 * If the API answers 404 for the child lists of all parents, and there are at least this many, the cause is not the
 * parents.
 */
const fewestAllMissing = 3;

export interface Assessment {
  readonly evidence: RunEvidence;
  readonly tree: RunTree;
  /** Declarations of the plan's streams. */
  readonly streams: readonly Stream[];
  /** Result of the merge of each table. */
  readonly merged: ReadonlyMap<string, MergeResult>;
  /** Tables for which a stored object is lost or damaged. */
  readonly damaged: Readonly<Record<string, Failure>>;
  /** Tables with children that are due but were not requested because the deadline has passed. */
  readonly unread: ReadonlySet<string>;
  readonly now: Date;
}

/**
 * The report of how a run ended. A table is complete if each of its tasks has read all that it should, each chunk was
 * converted into as many rows as it holds, and no deletions are held back.
 */
export function reportOf(assessment: Assessment): RunReport {
  const { evidence, streams, now } = assessment;
  const { plan, aborted, replay } = evidence;
  const errors = new Map(streams.map((stream) => [stream.name, errorsOf(stream, assessment)]));
  const named = new Map(streams.map((stream) => [stream.name, stream]));
  const errorOf = (stream: Stream): Failure | null => {
    const own = errors.get(stream.name)?.[0] ?? aborted;
    const parent = stream.parent && named.get(stream.parent.stream);
    const above = own || !parent ? null : errorOf(parent);
    return own ?? (above && affectsChildren(above, plan) ? parentFailure(stream, above) : null);
  };
  const tables = Object.fromEntries(
    streams.map((stream) => [stream.name, tableReport(stream, errorOf(stream), assessment)]),
  );
  return {
    runId: plan.runId,
    kind: plan.kind,
    status: runStatusOf(Object.values(tables), aborted !== undefined),
    startedAt: plan.startedAt,
    finishedAt: now.toISOString(),
    ...(replay ? { replayedAt: replay.at } : {}),
    ...(plan.requestedStreams ? { requestedStreams: plan.requestedStreams } : {}),
    tables,
    ...(plan.planning ? { planning: plan.planning } : {}),
  };
}

function tableReport(stream: Stream, error: Failure | null, { tree, merged }: Assessment): TableReport {
  const nodes = nodesOf(tree, stream.name);
  const chunks = nodes.flatMap((node) => node.chunks);
  const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0);
  const files = chunks.flatMap(({ receipt }) => receipt?.files ?? []);
  const result = merged.get(stream.name);
  const counts = result?.counts;
  // Rows that were removed since to forget a person still count: a run whose report is replaced keeps its numbers.
  const forgotten = ({ receipt }: ChunkNode) => receipt?.forgotten ?? { rows: 0, rejected: 0 };
  const rowsWritten = sum(
    chunks,
    (chunk) => (chunk.receipt?.rowsOut ?? 0) + forgotten(chunk).rows - forgotten(chunk).rejected,
  );
  return {
    status: statusOf(error, rowsWritten),
    rowsExtracted: sum(nodes, (node) => node.receipt?.rows ?? sum(node.chunks, ({ rows }) => rows)),
    rowsWritten,
    rowsRejected: sum(chunks, (chunk) => (chunk.receipt?.rowsRejected ?? 0) + forgotten(chunk).rejected),
    rowsKeyless: sum(chunks, ({ receipt }) => receipt?.rowsKeyless ?? 0) || undefined,
    rowsUnchanged: counts?.unchanged ?? 0,
    rowsChanged: (counts?.inserted ?? 0) + (counts?.updated ?? 0),
    rowsHealed: counts?.healed ?? 0,
    rowsDeleted: counts?.deleted ?? 0,
    rowsSuspected: counts?.missing ?? 0,
    missing: sum(nodes, ({ receipt }) => receipt?.missing.length ?? 0),
    itemsFailed: failedItems(nodes, result?.rows ?? 0).length,
    files: files.length,
    bytes: sum(files, ({ bytes }) => bytes),
    requests: sum(nodes, ({ receipt }) => receipt?.requests ?? 0),
    retries: sum(nodes, ({ receipt }) => receipt?.retries ?? 0),
    error,
    notes: [
      ...new Set(nodes.flatMap(({ receipt }) => receipt?.notes ?? [])),
      ...(nodes.some((node) => isSecondReading(node.task) && !isDone(node)) ? [notReadAgain] : []),
      ...undecodedNote(sum(chunks, ({ receipt }) => receipt?.rowsUndecoded ?? 0)),
    ],
  };
}

const isStopped = ({ receipt }: TaskNode) => receipt?.status === 'stopped';
const isDone = ({ receipt }: TaskNode) => receipt?.status === 'done' && receipt.failed.length === 0;
const notReadAgain =
  'Not every list of several pages could be read a second time. Rows that moved while it was read may be missing until the next run.';

function undecodedNote(rows: number): string[] {
  if (rows === 0) return [];
  return [
    `${rows} rows hold bytes that are invalid in the charset that the API declares. They were read as windows-1252. The original bytes are in _extra, as base64 under _bytes.`,
  ];
}

/** Errors of a table, most severe first. */
function errorsOf(stream: Stream, { evidence, tree, merged, damaged, unread }: Assessment): Failure[] {
  const nodes = nodesOf(tree, stream.name);
  const { held, rows = 0 } = merged.get(stream.name) ?? {};
  const lost = damaged[stream.name];
  return [
    ...(lost ? [lost] : []),
    ...taskErrors(stream, nodes, rows),
    ...nodes.flatMap((node) => overdueFailures(node, tree, evidence)),
    ...nodes.flatMap(({ chunks }) => chunks.flatMap((chunk) => conversionError(chunk))),
    ...notAllowed(stream, nodes, evidence),
    ...allMissing(stream, nodes),
    ...allRejected(nodes),
    ...(held ? [failure('deletions_held', heldBecause(evidence.plan.runId, stream, held))] : []),
    ...unstable(stream, nodes),
    ...(unread.has(stream.name) || nodes.some((node) => isStopped(node) && !isSecondReading(node.task))
      ? [evidence.aborted ?? unfinished(tree)]
      : []),
    ...itemFailures(stream, nodes, rows),
  ];
}

function overdueFailures(node: TaskNode, { deadline }: RunTree, { aborted }: RunEvidence): Failure[] {
  const lacking = node.receipt
    ? node.chunks.filter((chunk) => chunk.rows > 0 && !chunk.receipt).map(({ id }) => `chunk ${id}`)
    : [`task ${node.task.taskId}`];
  return lacking.map(
    (what) =>
      aborted ??
      failure(
        'overdue',
        `The ${what} was not finished when the run's deadline (${deadline}) passed. Look at the dead letters (npx prospect-lake ops replay-dead-letters lists them). The next run reads what is missing.`,
      ),
  );
}

function conversionError(chunk: ChunkNode): Failure[] {
  const { id, rows, receipt } = chunk;
  if (!receipt) return [];
  if (receipt.error) return [{ ...receipt.error, message: `Chunk ${id} was not converted: ${receipt.error.message}` }];
  if (rows === receipt.rowsOut + receipt.rowsRejected + (receipt.forgotten?.rows ?? 0)) return [];
  return [
    failure(
      'count_mismatch',
      `Chunk ${id} holds ${rows} rows, but ${receipt.rowsOut} were written and ${receipt.rowsRejected} set aside. Convert it again from raw/.`,
    ),
  ];
}

function allMissing(stream: Stream, nodes: readonly TaskNode[]): Failure[] {
  const asked = nodes.filter(({ task }) => task.selection.kind === 'children');
  const read = asked.reduce((sum, { receipt }) => sum + (receipt?.read ?? 0), 0);
  const missing = asked.reduce((sum, { receipt }) => sum + (receipt?.missing.length ?? 0), 0);
  if (missing < read || read < fewestAllMissing) return [];
  return [
    failure(
      'all_missing',
      `The API answered 404 for the ${stream.name} of all ${read} rows of ${stream.parent?.stream} that were asked for. Nothing was deleted. Check the address in the configuration, and whether the key and the plan of the workspace include this data.`,
    ),
  ];
}

function allRejected(nodes: readonly TaskNode[]): Failure[] {
  const chunks = nodes.flatMap((node) => node.chunks).filter(isConverted);
  const rejected = chunks.reduce((sum, { receipt }) => sum + (receipt?.rowsRejected ?? 0), 0);
  const written = chunks.reduce((sum, { receipt }) => sum + (receipt?.rowsOut ?? 0), 0);
  if (rejected === 0 || written > 0) return [];
  return [
    failure(
      'all_rejected',
      `${rejected === 1 ? 'The only row that the API gave has' : `All ${rejected} rows that the API gave have`} no usable key. The table rejected_rows says why. Report it to the vendor: the next night reads the list again.`,
    ),
  ];
}

function unfinished({ deadline }: RunTree): Failure {
  return failure(
    'unfinished',
    `The run's deadline (${deadline}) passed before everything was read. What was read is current; the next run goes on from there.`,
  );
}

function parentFailure(stream: Stream, error: Failure): Failure {
  return {
    code: 'parent_failed',
    message: `${stream.name} is read for each row of ${stream.parent?.stream}, which was not read completely: ${error.message}`,
    requestId: error.requestId,
  };
}

function failure(code: string, message: string): Failure {
  return { code, message, requestId: null };
}

function nodesOf(tree: RunTree, stream: string): TaskNode[] {
  return tree.tasks.filter(({ task }) => task.stream === stream);
}

/** Errors with which a table fails even if rows were written. */
const failingCodes: ReadonlySet<string> = new Set(['items_failed', 'all_missing', 'all_rejected']);
/** Errors of a table that was read as far as a nightly run reads it. */
const readThroughCodes: ReadonlySet<string> = new Set(['deletions_held', 'item_failed', 'unstable_list']);
/** Errors with which a table does not fail even if nothing was written. */
const nonFailingCodes: ReadonlySet<string> = new Set([...readThroughCodes, 'unfinished']);

/** Errors of a list that may lack many rows. */
const cutListCodes: ReadonlySet<string> = new Set(['deletions_held', 'unstable_list', 'unfinished']);

/**
 * Whether the children of a table with this error were not all read. A night finds the parents of children in the current
 * table, also those that the list lacks; a full refresh reads the children only of rows that it was given.
 */
function affectsChildren({ code }: Failure, { fullRefresh }: Plan): boolean {
  return !nonFailingCodes.has(code) || (fullRefresh && cutListCodes.has(code));
}

/** Whether a table was read as far as a nightly run reads it, so that the next one can continue from there. */
export function isReadThrough({ status, error }: Pick<TableReport, 'status' | 'error'>): boolean {
  return status === 'complete' || (status === 'partial' && readThroughCodes.has(error?.code ?? ''));
}

function statusOf(error: Failure | null, rowsWritten: number): RunStatus {
  if (!error) return 'complete';
  if (failingCodes.has(error.code)) return 'failed';
  return rowsWritten > 0 || nonFailingCodes.has(error.code) ? 'partial' : 'failed';
}

function runStatusOf(tables: readonly TableReport[], aborted: boolean): RunStatus {
  if (aborted || tables.every(({ status }) => status === 'failed')) return 'failed';
  return tables.every(({ status }) => status === 'complete') ? 'complete' : 'partial';
}
