import { currentTableOf, type Stream } from '../../contract/stream.ts';
import { applyScopes, deleteChildren, type ScopeContext } from './apply-scopes.ts';
import { firstScopes, pendingScopes, reconsiderHeld } from './plan-scopes.ts';
import { createReadsLoader } from './child-reads.ts';
import { parseKeyJson, writeTombstones } from './delete-rows.ts';
import { mergeNextChunks } from './merge-chunks.ts';
import type { DeletedRow, MergeInput, MergeResult, SuspectRow } from './merge-input.ts';
import { mergeLimits } from './merge-limits.ts';
import { noCounts, pruneState, type RunProgress } from './merge-state.ts';
import { shareOf } from './merge-turns.ts';
import {
  commitDraft,
  followCommit,
  hasNewFiles,
  maxAttempts,
  type MergePorts,
  openDraft,
  rowsOf,
  type TableDraft,
} from './table-draft.ts';

/** With less time left than this, merging and committing a batch may not be possible. */
const leastMilliseconds = 90_000;
/**
 * If a merge changed no row, its progress is committed only if it read more rows than this. Otherwise the next call
 * reads them again, which is cheaper than a commit.
 */
const rowsCheapToRemerge = 10_000;

/**
 * Updates a current table with what a run read of it. Only this function makes rows current, suspected (to be deleted)
 * or deleted. Merging the same input again changes nothing. If two merges run at once, the one that loses the commit
 * starts over.
 * @throws DamagedObjectError if an object is missing or damaged; Error after too many lost races
 */
export async function mergeTable(stream: Stream, input: MergeInput, ports: MergePorts): Promise<MergeResult> {
  if (stream.parent && stream.parent.key !== stream.key[0])
    throw new Error(
      `The key of ${stream.name} must begin with ${stream.parent.key}: the rows of a parent lie together.`,
    );
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const result = await mergeOnce(stream, input, ports);
    if (result) return result;
  }
  throw new Error(`${stream.name} was changed by others ${maxAttempts} times in a row; try again.`);
}

/** Merges the input once. @returns undefined if another writer committed first; earlier commits of this call stay */
async function mergeOnce(stream: Stream, input: MergeInput, ports: MergePorts): Promise<MergeResult | undefined> {
  const draft = await writeMissingTombstones(stream, await openDraft(currentTableOf(stream), ports), ports);
  const merge = () => mergeInto(draft, stream, input, ports);
  const files = [...draft.slots.map(({ file }) => file), ...input.chunks];
  return ports.turn ? ports.turn(shareOf(files, ports.limits ?? mergeLimits), merge) : merge();
}

async function mergeInto(
  opened: TableDraft,
  stream: Stream,
  input: MergeInput,
  ports: MergePorts,
): Promise<MergeResult | undefined> {
  let draft = opened;
  const loadReads = stream.parent && createReadsLoader(stream.name, ports);
  let rowsSinceCommit = 0;
  let hasCommitted = false;
  const commit = async () => {
    const next = await commitDraft(prepareCommit(draft, input, ports), ports, { 'prospect-lake.run': input.runId });
    if (!next) return false;
    draft = await writeMissingTombstones(stream, next, ports);
    rowsSinceCommit = 0;
    hasCommitted = true;
    return true;
  };

  if (reconsiderHeld(input, progressOf(draft, input))) draft.hasNewState = true;
  let isDone = false;
  while (!isDone && ports.deadline.remainingMilliseconds() >= leastMilliseconds) {
    const context = { stream, input, progress: progressOf(draft, input), loadReads };
    const merged = await mergeNextChunks(draft, context, ports);
    rowsSinceCommit += merged.rows;
    if (merged.isLast) isDone = await applyNextScopes(draft, context, ports);
    else if (isChanged(draft) && !(await commit())) return undefined;
  }

  const isNew = !draft.base && input.chunks.length + input.scopes.length > 0;
  if (isNew || isChanged(draft) || rowsSinceCommit > rowsCheapToRemerge) {
    if (!(await commit())) return undefined;
  } else if (draft.base && !hasCommitted) {
    await followCommit(draft.table, draft.base, ports);
  }
  return resultOf(stream, draft, input, isDone);
}

function isChanged(draft: TableDraft): boolean {
  return draft.hasNewState || hasNewFiles(draft);
}

/** Writes missing tombstones: a process may have died between its commit and its tombstones. */
async function writeMissingTombstones(stream: Stream, draft: TableDraft, { store }: MergePorts): Promise<TableDraft> {
  await writeTombstones(stream, draft.state, store);
  draft.state.tombstones = null;
  return draft;
}

function prepareCommit(draft: TableDraft, input: MergeInput, { clock }: MergePorts): TableDraft {
  const now = clock.now().getTime();
  progressOf(draft, input).mergedAt = now;
  pruneState(draft.state, now);
  return draft;
}

function progressOf({ state }: TableDraft, { runId }: MergeInput): RunProgress {
  const known = state.runs[runId];
  if (known) return known;
  const fresh = { mergedAt: 0, chunks: [], scopes: [], deletedParents: [], counts: { ...noCounts }, held: null };
  state.runs[runId] = fresh;
  return fresh;
}

/** Applies the next scopes that can be applied together. @returns true if no scope was left */
async function applyNextScopes(draft: TableDraft, context: ScopeContext, ports: MergePorts): Promise<boolean> {
  await deleteChildren(draft, context, ports);
  const scopes = firstScopes(pendingScopes(context.input, context.progress));
  if (scopes.length > 0) await applyScopes(draft, scopes, context, ports);
  return scopes.length === 0;
}

function resultOf(stream: Stream, draft: TableDraft, input: MergeInput, done: boolean): MergeResult {
  const { state } = draft;
  const { counts, held } = progressOf(draft, input);
  const idPart = stream.key.indexOf('id');
  const idOf = (name: string) => parseKeyJson(name)[idPart] ?? null;
  const deleted = Object.entries(state.deleted).flatMap(([name, { at, runId }]): DeletedRow[] => {
    const id = idOf(name);
    return runId === input.runId && id !== null ? [{ id, at: new Date(at).toISOString() }] : [];
  });
  const suspects = Object.entries(state.suspects).flatMap(([name, { since, runId, isAbsent }]): SuspectRow[] =>
    isAbsent
      ? []
      : [
          {
            id: idOf(name),
            parentId: stream.parent ? (parseKeyJson(name)[0] ?? null) : null,
            since: new Date(since).toISOString(),
            runId,
          },
        ],
  );
  return { done, rows: rowsOf(draft), counts, held, deleted, suspects };
}
