/**
 * Releases digests of forgotten rows once their deletion at the vendor is confirmed. A digest that is released too early
 * brings a person back, so everything that casts doubt keeps it.
 */

import { forgottenDays } from '../../contract/retention.ts';
import type { ForgottenReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import type { MergeResult } from '../current/merge-input.ts';
import type { Log, ObjectStore } from '../ports.ts';
import {
  extended,
  type ForgottenRow,
  type ForgottenRows,
  givenAgain,
  lasts,
  readForgottenRows,
  updateForgottenRows,
} from '../rows/forgotten-rows.ts';
import type { Progress } from './merge-run.ts';
import type { RunTree } from './run-tree.ts';
import { scopesRead } from './scopes.ts';

interface ReleaseSettings {
  readonly confirmAfterSeconds: number;
  readonly maxDeletedShare: number;
  readonly streamNamed: (name: string) => Stream;
}

interface RunFound {
  /** Digests of rows that the API gave, and when the task ended that read them. */
  readonly given: ReadonlyMap<string, string>;
  /** By table: when its complete list was requested. Only tables whose lists can be trusted. */
  readonly lists: ReadonlyMap<string, string>;
}

const day = 86_400_000;

/** @returns undefined if no row is remembered */
export async function releaseForgotten(
  tree: Pick<RunTree, 'tasks'>,
  progress: Progress,
  settings: ReleaseSettings,
  { store, log }: { readonly store: ObjectStore; readonly log: Log },
): Promise<ForgottenReport | undefined> {
  const before = await readForgottenRows(store);
  if (!before || Object.keys(before.rows).length === 0) return undefined;
  const found: RunFound = {
    given: new Map(
      tree.tasks.flatMap(({ receipt }) =>
        (receipt?.dropped ?? []).map((digest) => [digest, receipt?.finishedAt ?? '']),
      ),
    ),
    lists: trustedLists(tree, progress, settings),
  };
  let released = 0;
  const after = await updateForgottenRows(store, (value) => {
    const known = withEvidence(value, found, settings);
    const over = releasable(known, settings);
    released = over.length;
    const rows = Object.fromEntries(Object.entries(known.rows).filter(([digest]) => !over.includes(digest)));
    return JSON.stringify(rows) === JSON.stringify(value.rows) ? undefined : { ...value, rows };
  });
  if (released > 0)
    log.info('The vendor has deleted rows that were forgotten; their digests are released.', { released });
  const remembered = Object.values(after.rows);
  const given = remembered.filter((row) => isStillGiven(row, settings));
  const unseen = given.filter((row) => row.given === undefined).length;
  return {
    stillGiven: given.length,
    ...(unseen === 0 ? {} : { unseen }),
    ...(given.length === 0 ? {} : { stillGivenIn: [...new Set(given.map(({ stream }) => stream))] }),
    released,
    remembered: remembered.length,
  };
}

/**
 * Whether nothing shows that the API no longer gives the row. A run that reads only changes shows nothing: the row
 * counts until a complete list is without it, or the API does not know its id. No complete list shows the rows of a
 * child table, so those count only once the API gave them.
 */
function isStillGiven({ stream, given, unlisted, notFound }: ForgottenRow, { streamNamed }: ReleaseSettings): boolean {
  if (unlisted || notFound) return false;
  return given !== undefined || streamNamed(stream).parent === undefined;
}

/**
 * The tables whose complete list was read and which the guard against mass deletion does not doubt. The guard lets a
 * few rows of a small table be missing; here they cast doubt as well.
 */
function trustedLists({ tasks }: Pick<RunTree, 'tasks'>, { tables }: Progress, { maxDeletedShare }: ReleaseSettings) {
  const lists = new Map<string, string>();
  for (const [name, nodes] of Map.groupBy(tasks, ({ task }) => task.stream)) {
    const list = scopesRead(nodes).find(({ kind }) => kind === 'list');
    const result = tables[name]?.result;
    const isRead = nodes.every(({ receipt }) => receipt?.status === 'done' && receipt.failed.length === 0);
    if (list && result && isRead && isTrusted(result, maxDeletedShare)) lists.set(name, list.askedAt);
  }
  return lists;
}

function isTrusted({ done, held, rows, counts, suspects }: MergeResult, maxDeletedShare: number): boolean {
  return done && !held && rows > 0 && suspects.length + counts.deleted <= rows * maxDeletedShare;
}

function withEvidence(value: ForgottenRows, { given, lists }: RunFound, settings: ReleaseSettings): ForgottenRows {
  const rows = Object.entries(value.rows).map(([digest, row]): [string, ForgottenRow] => {
    const givenAt = given.get(digest);
    if (givenAt !== undefined) return [digest, givenAgain(row, givenAt)];
    const askedAt = lists.get(row.stream);
    // A function that began before the row was forgotten may have read the list without knowing the digest.
    const forgottenAt = Date.parse(row.at) + settings.confirmAfterSeconds * 1_000;
    const from = Math.max(forgottenAt, Date.parse(row.given ?? row.at));
    if (askedAt === undefined || Date.parse(askedAt) < from) return [digest, row];
    return [digest, { ...row, unlisted: extended(row.unlisted, askedAt) }];
  });
  return { ...value, rows: Object.fromEntries(rows) };
}

/** Rows that were forgotten together and belong together are released together: nobody knows which belong to whom. */
function releasable({ rows }: ForgottenRows, { confirmAfterSeconds, streamNamed }: ReleaseSettings): string[] {
  const all = Object.values(rows);
  const aboutOf = ({ stream }: ForgottenRow) => streamNamed(stream).about?.stream;
  const isUnlisted = ({ unlisted }: ForgottenRow) => unlisted !== undefined && lasts(unlisted, forgottenDays * day);
  const isNotFound = ({ stream, notFound }: ForgottenRow) =>
    streamNamed(stream).byId === undefined || (notFound !== undefined && lasts(notFound, confirmAfterSeconds * 1_000));
  return Object.entries(rows).flatMap(([digest, row]) => {
    const together = all.filter(({ at }) => at === row.at);
    const owners = together.filter(({ stream }) => stream === aboutOf(row));
    const dependents = together.filter((other) => aboutOf(other) === row.stream);
    // The id of a dependent row is not known any more, so nobody can ask for it.
    const isConfirmed = isNotFound(row) || (owners.length > 0 && owners.every(isNotFound));
    return isConfirmed && [row, ...owners, ...dependents].every(isUnlisted) ? [digest] : [];
  });
}
