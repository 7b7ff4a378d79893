import type { EmptyColumn } from '../../contract/custom-columns.ts';
import { fieldStateKey } from '../../contract/object-keys.ts';
import type { Plan } from '../../contract/run.ts';
import type { RunReport } from '../../contract/run-report.ts';
import { type FieldState, fieldState, type SchemaChange } from '../../contract/schema-changes.ts';
import type { Stream } from '../../contract/stream.ts';
import type { UnfitColumn } from '../../contract/unfit-columns.ts';
import type { ObjectStore } from '../ports.ts';
import { isSecondReading } from '../runs/second-reading.ts';
import { updateJson } from '../store/stored-json.ts';
import { emptyColumns } from './empty-columns.ts';
import { type FieldReading, foldFields, nothingKnown, sumFieldCounts } from './fold-fields.ts';
import { foldUnfit, notRead, type UnfitReading } from './fold-unfit.ts';
import { isReadThrough } from './run-report.ts';
import type { RunTree, TaskNode } from './run-tree.ts';
import { isCompleteList } from './scopes.ts';

interface ReadRun {
  readonly plan: Plan;
  readonly streams: readonly Stream[];
  readonly tree: RunTree;
  readonly report: RunReport;
  /** Rows of a current table after the run; undefined if it was not merged. */
  rowsOf(table: string): number | undefined;
}

interface FoundInFields {
  readonly changes: SchemaChange[];
  readonly unfit: UnfitColumn[];
  readonly empty: EmptyColumn[];
  /** The child tables of which a night has read the rows of every parent. */
  readonly childrenRead: string[];
}

/**
 * Finds the fields that have changed according to what a nightly run read, the columns whose values do not fit, and the
 * custom columns without a value. Stores what is known of the fields now. What was known before the run is kept until the
 * next run, so a repeated call finds the same. Other runs find only the columns whose values do not fit.
 */
export async function findSchemaChanges(run: ReadRun, store: ObjectStore): Promise<FoundInFields> {
  const { plan, streams } = run;
  let changes: SchemaChange[] = [];
  let unfit: UnfitColumn[] = [];
  let empty: EmptyColumn[] = [];
  let childrenRead: string[] = [];
  if (plan.kind !== 'nightly') return { changes, unfit: await unfitOfOther(run, store), empty, childrenRead };
  await updateJson(store, fieldStateKey, fieldState, {}, (state) => {
    changes = [];
    unfit = [];
    empty = [];
    childrenRead = [];
    const next: FieldState = { ...state };
    for (const stream of streams) {
      const entry = state[stream.name];
      const reading = readingOf(stream, run);
      const known = entry?.after.unfit ?? [];
      // If work of an earlier run is sent again, it must not undo what a later run found.
      if (!reading || (entry && Date.parse(entry.startedAt) > Date.parse(plan.startedAt))) {
        const listed = foldUnfit(stream, known, undefined);
        unfit.push(...(reading ? listed : listed.map(notRead)));
        empty.push(...emptyColumns(stream, entry?.after ?? nothingKnown));
        continue;
      }
      if (stream.parent && reading.extent === 'all') childrenRead.push(stream.name);
      const before = (entry?.runId === plan.runId ? entry.before : entry?.after) ?? nothingKnown;
      const folded = foldFields(stream, before, reading);
      const unfitNow = foldUnfit(stream, known, { ...reading, startedAt: plan.startedAt });
      changes.push(...folded.changes);
      unfit.push(...unfitNow);
      if (!reading.counts.isCut) empty.push(...emptyColumns(stream, folded.after));
      const after = { ...folded.after, ...(unfitNow.length === 0 ? {} : { unfit: unfitNow }) };
      next[stream.name] = { runId: plan.runId, startedAt: plan.startedAt, before, after };
    }
    return next;
  });
  return { changes, unfit, empty, childrenRead };
}

/**
 * The columns whose values do not fit, of the tables that a backfill, a repair or a refresh has read. The nights after it
 * tell them too. A refresh whose values fit stores nothing: there can be one for each webhook, and it reads few rows.
 */
async function unfitOfOther(run: ReadRun, store: ObjectStore): Promise<UnfitColumn[]> {
  const { plan } = run;
  const read = run.streams.flatMap((stream) => {
    const reading = readingOf(stream, run);
    return reading ? [{ stream, reading: { ...reading, startedAt: plan.startedAt } }] : [];
  });
  let unfit = read.flatMap(({ stream, reading }) => foldUnfit(stream, [], reading));
  if (plan.kind !== 'backfill' && unfit.length === 0) return [];
  await updateJson(store, fieldStateKey, fieldState, {}, (state) => {
    unfit = [];
    const changed: FieldState = {};
    for (const { stream, reading } of read) {
      const entry = state[stream.name];
      const known = entry?.after.unfit ?? [];
      const unfitNow = foldUnfit(stream, known, reading);
      unfit.push(...unfitNow);
      // Without an entry, the next night is the first of the table, and reads all of it.
      if (entry && known.length + unfitNow.length > 0)
        changed[stream.name] = { ...entry, after: { ...entry.after, unfit: unfitNow } };
    }
    return Object.keys(changed).length === 0 ? undefined : { ...state, ...changed };
  });
  return unfit;
}

/** What the run read of a stream; undefined if it read nothing, or if the fields of a chunk were not counted. */
function readingOf(
  stream: Stream,
  { tree, report, rowsOf }: ReadRun,
): (FieldReading & Pick<UnfitReading, 'extent'>) | undefined {
  const nodes = tree.tasks.filter(({ task }) => task.stream === stream.name);
  const receipts = nodes.flatMap(({ chunks }) => chunks.flatMap(({ receipt }) => receipt ?? []));
  const counted = receipts.flatMap(({ fields }) => fields ?? []);
  if (counted.length === 0) return undefined;
  const counts = sumFieldCounts(counted);
  const table = report.tables[stream.name];
  const isCounted = counted.length === receipts.length && !counts.isCut;
  const hasAll = table !== undefined && isReadThrough(table) && isCounted;
  if (!stream.parent) {
    const isComplete = hasAll && nodes.some(isWhole);
    const part = isCounted ? nodes.map((node) => partOf(node, hasAll)).find((one) => one !== 'some') : undefined;
    return { counts, isComplete, extent: isComplete ? 'all' : (part ?? 'some') };
  }
  if (!hasAll) return { counts, isComplete: false, extent: 'some' };
  const read = nodes.reduce((sum, { receipt, task }) => sum + (isSecondReading(task) ? 0 : (receipt?.read ?? 0)), 0);
  const parents = { read, of: rowsOf(stream.parent.stream) ?? Infinity };
  return { counts, isComplete: false, parents, extent: parents.read >= parents.of ? 'all' : 'some' };
}

/** Which part of a reading of the whole list a task read, if that takes several nights. */
function partOf({ task, receipt }: TaskNode, hasAll: boolean): UnfitReading['extent'] {
  const { selection } = task;
  if (selection.kind !== 'list' || !isCompleteList({ task })) return 'some';
  if (selection.resume === undefined) return receipt?.status === 'stopped' ? 'first part' : 'some';
  return receipt?.status === 'done' && hasAll ? 'last part' : 'some';
}

/** True if the task read every row of the table, and all of them in this run. */
function isWhole({ task, receipt }: TaskNode): boolean {
  const { selection } = task;
  if (receipt?.status !== 'done') return false;
  if (selection.kind !== 'list') return selection.kind === 'single';
  return isCompleteList({ task }) && selection.resume === undefined;
}
