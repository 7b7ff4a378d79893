import type { ScopeContext } from './apply-scopes.ts';
import { readBatch, upToRows } from './copy-batch.ts';
import { mergeBatch } from './merge-batch.ts';
import type { MergeChunk } from './merge-input.ts';
import { mergeLimits } from './merge-limits.ts';
import { sortLoad } from './sort-load.ts';
import type { MergePorts, TableDraft } from './table-draft.ts';

/** A load is committed as a whole. With less time left than this, its chunks are merged and committed batch by batch. */
const leastMillisecondsForLoad = 300_000;

/**
 * Merges the next chunks into the draft: a batch of them, or a whole load, sorted, if it takes several batches.
 * @returns how many rows were read, and whether no chunk is left
 */
export async function mergeNextChunks(
  draft: TableDraft,
  context: ScopeContext,
  ports: MergePorts,
): Promise<{ readonly rows: number; readonly isLast: boolean }> {
  const { input, progress } = context;
  const { loadRows, batchRows } = ports.limits ?? mergeLimits;
  const over = new Set(progress.chunks);
  const chunks = input.chunks.filter(({ id, rows }) => rows > 0 && !over.has(id));
  if (chunks.length === 0) return { rows: 0, isLast: true };
  const load = upToRows(chunks, loadRows);
  const isSorted =
    upToRows(load, batchRows).length < load.length &&
    ports.deadline.remainingMilliseconds() >= leastMillisecondsForLoad;
  const merged = isSorted ? load : await mergeFirst(load, draft, context, ports);
  if (isSorted) await mergeLoad(load, draft, context, ports);
  progress.chunks.push(...merged.map(({ id }) => id));
  return { rows: merged.reduce((sum, { rows }) => sum + rows, 0), isLast: merged.length === chunks.length };
}

async function mergeLoad(
  load: readonly MergeChunk[],
  draft: TableDraft,
  context: ScopeContext,
  ports: MergePorts,
): Promise<void> {
  for (const range of await sortLoad(draft, load, ports))
    for (let rest = range; rest.length > 0; ) rest = rest.slice((await mergeFirst(rest, draft, context, ports)).length);
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
  return batch.chunks;
}
