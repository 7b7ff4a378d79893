import type { ScopeContext } from './apply-scopes.ts';
import { readBatch, upToRows } from './copy-batch.ts';
import { mergeBatch } from './merge-batch.ts';
import type { MergeChunk } from './merge-input.ts';
import { mergeLimits } from './merge-limits.ts';
import type { SortedLoad } from './merge-state.ts';
import { pendingLoad, sortLoad } from './sort-load.ts';
import type { MergePorts, TableDraft } from './table-draft.ts';

/**
 * Takes the next step of merging chunks into the draft: merges a batch of them, or sorts a load that takes several
 * batches, or merges a range of it. The caller commits each step.
 * @returns how many rows were merged, and whether nothing is left
 */
export async function mergeNextChunks(
  draft: TableDraft,
  context: ScopeContext,
  ports: MergePorts,
): Promise<{ readonly rows: number; readonly isLast: boolean }> {
  const { input, progress } = context;
  const { loadRows, batchRows } = ports.limits ?? mergeLimits;
  const load = pendingLoad(progress, ports.clock.now());
  if (load) return { rows: await mergeRange(load, draft, context, ports), isLast: false };
  const over = new Set(progress.chunks);
  const chunks = input.chunks.filter(({ id, rows }) => rows > 0 && !over.has(id));
  if (chunks.length === 0) return { rows: 0, isLast: true };
  const next = upToRows(chunks, loadRows);
  if (upToRows(next, batchRows).length < next.length) {
    progress.load = await sortLoad(draft, next, ports);
    draft.hasNewState = true;
    return { rows: 0, isLast: false };
  }
  const merged = await mergeFirst(next, draft, context, ports);
  progress.chunks.push(...merged.map(({ id }) => id));
  return { rows: rowsOf(merged), isLast: merged.length === chunks.length };
}

/** Merges the first range of a load, or as much of it as fits into a batch. @returns how many rows were merged */
async function mergeRange(
  load: SortedLoad,
  draft: TableDraft,
  context: ScopeContext,
  ports: MergePorts,
): Promise<number> {
  const [range = [], ...others] = load.ranges;
  const merged = range.length > 0 ? await mergeFirst(range, draft, context, ports) : [];
  const rest = range.slice(merged.length);
  load.ranges = rest.length > 0 ? [rest, ...others] : others;
  if (load.ranges.length === 0) {
    context.progress.chunks.push(...load.chunks);
    delete context.progress.load;
  }
  return rowsOf(merged);
}

function rowsOf(chunks: readonly MergeChunk[]): number {
  return chunks.reduce((sum, { rows }) => sum + rows, 0);
}

/** Merges as many of the first chunks as fit into a batch. @returns these chunks */
async function mergeFirst(
  chunks: readonly MergeChunk[],
  draft: TableDraft,
  { stream, input, progress, loadReads }: ScopeContext,
  ports: MergePorts,
): Promise<readonly MergeChunk[]> {
  const names = draft.schema.fields.map(({ name }) => name);
  const batch = await readBatch(chunks, stream.key, names, draft.cache, ports.limits ?? mergeLimits);
  const deletedParents = new Map(input.deletedParents.map(({ id, at }) => [id, Date.parse(at)]));
  const rules = { lookback: input.lookbackHours * 3_600_000, forced: input.forced };
  await mergeBatch(draft, batch, { runId: input.runId, rules, progress, deletedParents, loadReads }, ports);
  batch.free();
  return batch.chunks;
}
