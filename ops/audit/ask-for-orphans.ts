import type { Stream } from '../../lambdas/contract/stream.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { type ComparedRow, pairRows, type RowPair } from './compare-rows.ts';
import { type ApiRow, readApi, type ReadPorts } from './read-api.ts';

/** Rows of a child table whose parents the API did not give, compared with what it gives for these parents. */
export interface Adopted {
  /** Pairs that differ. Left out: rows of parents that were not asked, or did not answer. */
  readonly pairs: readonly RowPair<ApiRow>[];
  /** Number of parents, of those that were asked with an answer, and of rows that they gave. */
  readonly parents: number;
  readonly asked: number;
  readonly rows: number;
  /** Number of rows without a usable key. */
  readonly unusable: number;
  /** Why not every parent of the sample answered; null if all did. */
  readonly error: string | null;
}

/**
 * Requests the children of parents that no list gave. Only the answer shows whether the children exist: a list of
 * parents that is cut short says nothing about them.
 * @param orphans rows of the current table, sorted by key
 */
export async function askForOrphans(
  orphans: readonly ComparedRow[],
  { stream, sampleOf }: { readonly stream: Stream; readonly sampleOf: (ids: readonly string[]) => readonly string[] },
  ports: ReadPorts,
): Promise<Adopted> {
  const parents = [...new Set(orphans.map((row) => parentOf(row, stream)))];
  const selected = sampleOf(parents.filter(isAddressable));
  const none = { pairs: [], parents: parents.length, asked: 0, rows: 0, unusable: 0, error: null };
  if (selected.length === 0) return none;
  const { rows, read, missing, unusable, error } = await readApi(
    stream,
    { kind: 'children', parents: [...selected] },
    ports,
  );
  const answered = orphans.filter((row) => isIn(row, read) || isIn(row, missing));
  const pairs: RowPair<ApiRow>[] = [];
  for await (const pair of pairRows(answered, rows))
    if (pair.lake?.digest !== pair.api?.digest && (pair.api || unusable === 0)) pairs.push(pair);
  return { pairs, parents: parents.length, asked: read.size + missing.size, rows: rows.length, unusable, error };

  function isIn(row: ComparedRow, ids: ReadonlySet<string>): boolean {
    return ids.has(parentOf(row, stream));
  }
}

/** The id of the parent of a row of a child table. */
export function parentOf(row: ComparedRow | undefined, { key, parent }: Stream): string {
  return String(row?.key[key.indexOf(parent?.key ?? '')]);
}
