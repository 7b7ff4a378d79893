import { compareRows, type KeyColumns, keyAt, keyJson } from './keys.ts';
import type { CopyBatch } from './copy-batch.ts';
import { findRows } from './find-rows.ts';
import { mergeCopies, type MergedRow, type RowCopy } from './merge-copies.ts';
import type { MergeChunk } from './merge-input.ts';
import type { RunProgress } from './merge-state.ts';
import type { OrderRules } from './order.ts';
import { type Changes, rewriteFiles } from './rewrite-files.ts';
import { askedAt, scopeReadAt, type ReadAt } from './request-times.ts';
import { type MergePorts, remember, type TableDraft } from './table-draft.ts';

export interface BatchContext {
  readonly runId: string;
  readonly rules: OrderRules;
  readonly progress: RunProgress;
  /** By id of each deleted parent: when the read that confirmed the deletion was requested. */
  readonly deletedParents: ReadonlyMap<string, number>;
  /** Looks up when the children of parents were last read; undefined for a table without parents. */
  readonly loadReads: ((parentIds: ReadonlySet<string>) => Promise<ReadAt>) | undefined;
}

/** Distinct keys. The copies of key `i` are `starts[i]` to `starts[i + 1]` (half-open) in the batch's order. */
interface DistinctKeys {
  readonly keys: KeyColumns;
  readonly starts: readonly number[];
}

/** Rows to write, as arrays: an object for each row would take twice the memory. */
interface WrittenRows {
  /** Index of the row's key among the distinct keys. */
  readonly rows: number[];
  /** Index of the copy that is written. */
  readonly places: number[];
  readonly isInsert: boolean[];
}

/** Merges a batch of rows into the draft of the next version. Rewrites only data files that a changed row touches. */
export async function mergeBatch(
  draft: TableDraft,
  batch: CopyBatch,
  context: BatchContext,
  ports: MergePorts,
): Promise<void> {
  const rows = distinctRows(batch);
  const copies = (at: number) =>
    Array.from(batch.order.subarray(rows.starts[at], rows.starts[at + 1]), (place) => batch.copy(place));
  const current = await findRows(draft, rows.keys, rows.starts.length - 1);
  const readAt = await readsOfChanged(rows, copies, current, context);
  const written: WrittenRows = { rows: [], places: [], isInsert: [] };
  for (const [at, row] of current.entries()) {
    const merged = mergeRow(draft, keyAt(rows.keys, at), copies(at), row, readAt, context);
    if (merged.write === undefined) continue;
    const place = batch.order[(rows.starts[at] ?? 0) + merged.write] ?? 0;
    written.rows.push(at);
    written.places.push(place);
    written.isInsert.push(merged.change === 'inserted');
    const chunk = batch.chunks[batch.chunkOf[place] ?? 0];
    if (merged.change !== 'retyped' && chunk && isHealed(chunk, batch.copy(place))) context.progress.counts.healed += 1;
  }
  await rewriteFiles(draft, changesOf(batch, rows.keys, written), batch.bytesPerRow, ports);
}

function distinctRows({ keys, order }: CopyBatch): DistinctKeys {
  const starts: number[] = [];
  for (const [at, place] of order.entries())
    if (at === 0 || compareRows(keys, order[at - 1] ?? 0, keys, place) !== 0) starts.push(at);
  const places = starts.map((at) => order[at] ?? 0);
  return {
    keys: keys.map((column) => places.flatMap((place) => column[place] ?? [])),
    starts: [...starts, order.length],
  };
}

/**
 * Looks up when the children of parents were last read completely. Skips parents without changed rows: only changed
 * rows are compared with that time.
 */
async function readsOfChanged(
  { keys: [parents = []] }: DistinctKeys,
  copies: (at: number) => RowCopy[],
  current: readonly (RowCopy | undefined)[],
  { loadReads }: BatchContext,
): Promise<ReadAt> {
  if (!loadReads) return () => undefined;
  const changed = new Set<string>();
  for (const [at, row] of current.entries())
    if (copies(at).some(({ digest, extra }) => digest !== row?.digest || extra !== row.extra))
      changed.add(String(parents[at]));
  return loadReads(changed);
}

function mergeRow(
  draft: TableDraft,
  key: readonly (string | bigint)[],
  copies: readonly RowCopy[],
  row: RowCopy | undefined,
  readAt: ReadAt,
  { rules, runId, progress, deletedParents, loadReads }: BatchContext,
): MergedRow {
  const { state } = draft;
  const name = keyJson(key);
  const parentId = loadReads ? String(key[0]) : undefined;
  const covered = scopeReadAt(state, parentId, readAt);
  const deletedAt = latest(state.deleted[name]?.at, parentId === undefined ? undefined : deletedParents.get(parentId));
  const merged = mergeCopies(
    {
      current: row && { ...row, asked: askedAt(state, name, row.asked, covered) },
      suspect: state.suspects[name],
      contested: state.contested[name],
      deletedAt,
      scopeReadAt: covered,
    },
    copies,
    { ...rules, runId },
  );
  remember(draft, draft.state.suspects, name, merged.suspect);
  remember(draft, draft.state.contested, name, merged.contested);
  if (merged.seenAgain !== undefined || merged.write !== undefined)
    remember(draft, draft.state.seenAt, name, merged.seenAgain);
  if (merged.change === 'inserted') remember(draft, draft.state.deleted, name, undefined);
  const { counts } = progress;
  counts.unchanged += merged.unchanged;
  counts.outdated += merged.outdated;
  if (merged.change === 'inserted') counts.inserted += 1;
  else if (merged.change !== 'none') counts.updated += 1;
  return merged;
}

function latest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function isHealed({ reread = false, healsBefore }: MergeChunk, { updated }: RowCopy): boolean {
  return reread || (healsBefore !== undefined && (updated === undefined || updated < Date.parse(healsBefore)));
}

function changesOf(
  { chunkOf, rowOf, columns }: CopyBatch,
  keys: KeyColumns,
  { rows, places, isInsert }: WrittenRows,
): Changes {
  return {
    keys: keys.map((column) => rows.flatMap((row) => column[row] ?? [])),
    length: rows.length,
    sourceOf: (at) => chunkOf[places[at] ?? 0] ?? 0,
    row: (at) => rowOf[places[at] ?? 0] ?? 0,
    columns,
    isInsert: (at) => isInsert[at] === true,
  };
}
