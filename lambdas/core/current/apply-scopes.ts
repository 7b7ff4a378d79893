import type { Stream } from '../../contract/stream.ts';
import { deleteRows } from './delete-rows.ts';
import { findRows } from './find-rows.ts';
import { compareKeys, type Key, keyJson } from './keys.ts';
import type { MergeChunk, MergeInput, ReadScope } from './merge-input.ts';
import type { RunProgress } from './merge-state.ts';
import { scopeId } from './plan-scopes.ts';
import { findMissing, type Missing, type MissingRow, readKeys } from './missing-rows.ts';
import { allowedMissing, settleMissing, suspected } from './settle-missing.ts';
import { askedAt, type ReadAt } from './request-times.ts';
import { type MergePorts, remember, type TableDraft } from './table-draft.ts';

export interface ScopeContext {
  readonly stream: Stream;
  readonly input: MergeInput;
  readonly progress: RunProgress;
  readonly loadReads: ((parentIds: ReadonlySet<string>) => Promise<ReadAt>) | undefined;
}

/**
 * Updates the table's rows of these scopes to what the API returned for them. A row that was not returned stays, but
 * is suspected to be deleted. If it was already suspected, it is deleted.
 */
export async function applyScopes(
  draft: TableDraft,
  scopes: readonly ReadScope[],
  context: ScopeContext,
  ports: MergePorts,
): Promise<void> {
  const { input, progress, stream } = context;
  const tasks = new Set(scopes.map(({ taskId }) => taskId));
  const answer = input.chunks.filter(({ taskId }) => tasks.has(taskId));
  const [first] = scopes;
  const missing = await missingOf(draft, scopes, [...answer, ...readLater(scopes, input)], context);
  for (const scope of scopes) if (scope.kind === 'parents') countParents(scope, progress);
  const settlement = {
    scopes: scopes.map(scopeId),
    isList: first?.kind === 'list',
    isEmptyList: first?.kind === 'list' && answer.every(({ rows }) => rows === 0),
    // Ids of existing rows were asked for together with those that may be deleted. If none was found, the API does not
    // answer by id at all.
    canConfirm: first?.kind === 'ids' ? answer.some(({ rows }) => rows > 0) : stream.byId === undefined,
  };
  const deleted = settleMissing(draft, missing, settlement, input, progress);
  if (!deleted) return;
  await deleteRows(draft, deleted, input, progress, ports);
  progress.scopes.push(...scopes.map(scopeId));
  if (input.approved && progress.held) progress.held = null;
  if (first?.kind === 'list') setLastList(draft, Date.parse(first.askedAt));
  if (first?.kind === 'ids') await rememberSeen(draft, scopes, answer);
}

/** The chunks of reads that were requested after these: a row in them is not missing. */
function readLater(scopes: readonly ReadScope[], input: MergeInput): MergeChunk[] {
  const last = Math.max(...scopes.map(({ askedAt: at }) => Date.parse(at)));
  const later = new Set(input.scopes.filter(({ askedAt: at }) => Date.parse(at) > last).map(({ taskId }) => taskId));
  return input.chunks.filter(({ taskId }) => later.has(taskId));
}

function missingOf(
  draft: TableDraft,
  scopes: readonly ReadScope[],
  answer: readonly MergeChunk[],
  { input, progress, loadReads }: ScopeContext,
): Promise<Missing> {
  const [first] = scopes;
  const most = input.approved
    ? Number.POSITIVE_INFINITY
    : allowedMissing(draft, input, progress) + Object.keys(draft.state.suspects).length + 1;
  if (first?.kind === 'list') {
    const at = Date.parse(first.askedAt);
    // A later complete read of the list already covers this one.
    if (at <= (draft.state.lastList ?? 0)) return Promise.resolve({ rows: [], count: 0 });
    return findMissing(draft, { kind: 'list', askedAt: at }, answer, most, loadReads);
  }
  if (first?.kind === 'ids') return missingIds(draft, scopes, input.runId);
  // If a parent answered 404, its children are deleted with it, after a second read of the parent itself has confirmed
  // its deletion.
  const parents = scopes.flatMap((scope) =>
    scope.kind === 'parents'
      ? [...scope.parents, ...(input.approved ? scope.missing : [])].map(
          (parent) => [parent, Date.parse(scope.askedAt)] as const,
        )
      : [],
  );
  return findMissing(draft, { kind: 'parents', parents: new Map(parents) }, answer, most, loadReads);
}

async function missingIds(draft: TableDraft, scopes: readonly ReadScope[], runId: string): Promise<Missing> {
  const asked = new Map<string, number>();
  for (const scope of scopes)
    if (scope.kind === 'ids') for (const id of scope.missing) asked.set(id, Date.parse(scope.askedAt));
  const keys = [...asked.keys()].map((id) => [id]).toSorted(compareKeys);
  const current = await findRows(draft, [keys.flat()], keys.length);
  const rows: MissingRow[] = [];
  for (const [place, key] of keys.entries()) {
    const name = keyJson(key);
    const at = asked.get(key[0] ?? '') ?? 0;
    const row = current[place];
    if (!row) {
      // Remember this although the table has no such row: a copy that was requested earlier may still arrive.
      const known = draft.state.suspects[name];
      remember(draft, draft.state.suspects, name, { ...suspected(known, at, 0, runId), isAbsent: true });
      continue;
    }
    const seen = askedAt(draft.state, name, row.asked, draft.state.lastList ?? undefined);
    if (seen < at) rows.push({ key, askedAt: at, seen });
  }
  return { rows, count: rows.length };
}

function countParents(scope: ReadScope, { counts, held }: RunProgress): void {
  if (scope.kind !== 'parents' || held?.scopes.includes(scopeId(scope))) return;
  counts.parents += scope.parents.length + scope.missing.length;
  counts.parentsMissing += scope.missing.length;
}

function setLastList(draft: TableDraft, at: number): void {
  if (at <= (draft.state.lastList ?? Number.NEGATIVE_INFINITY)) return;
  draft.state.lastList = at;
  draft.hasNewState = true;
}

/** Remembers when unchanged rows were requested. The table does not show it: an unchanged row is not written again. */
async function rememberSeen(
  draft: TableDraft,
  scopes: readonly ReadScope[],
  answer: readonly MergeChunk[],
): Promise<void> {
  for (const { taskId, askedAt: at } of scopes) {
    const names = new Map<string, Key>();
    const chunks = answer.filter((chunk) => chunk.taskId === taskId);
    for await (const keys of readKeys(draft, chunks)) for (const key of keys) names.set(keyJson(key), key);
    const keys = [...names.values()].toSorted(compareKeys);
    const columns = draft.table.key.map((_, part) => keys.flatMap((key) => key[part] ?? []));
    for (const [place, row] of (await findRows(draft, columns, keys.length)).entries()) {
      const name = keyJson(keys[place] ?? []);
      const time = Date.parse(at);
      if (row && row.asked < time && (draft.state.seenAt[name] ?? 0) < time)
        remember(draft, draft.state.seenAt, name, time);
    }
  }
}

/**
 * Deletes the children of deleted parents. If nobody approved the deletion, children that were requested after it was
 * confirmed stay: their parent may be back. An approval can come long after the list that lacks the parents, and nights
 * between them read the children of every row that is still current. So these children do not show that it is back.
 */
export async function deleteChildren(
  draft: TableDraft,
  { input, progress, loadReads }: ScopeContext,
  ports: MergePorts,
): Promise<void> {
  const over = new Set(progress.deletedParents);
  const parents = input.deletedParents.filter(({ id }) => !over.has(id));
  if (parents.length === 0) return;
  const deletedAt = new Map(parents.map(({ id, at }) => [id, Date.parse(at)]));
  const before = input.approved ? new Map(parents.map(({ id }) => [id, Number.POSITIVE_INFINITY])) : deletedAt;
  const missing = await findMissing(
    draft,
    { kind: 'parents', parents: before },
    [],
    Number.POSITIVE_INFINITY,
    loadReads,
  );
  const rows = missing.rows.map((row) => {
    const at = deletedAt.get(String(row.key[0])) ?? 0;
    return { ...row, askedAt: Math.max(at, row.seen) };
  });
  await deleteRows(draft, rows, input, progress, ports);
  progress.deletedParents.push(...parents.map(({ id }) => id));
}
