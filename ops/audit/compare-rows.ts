import { compareKeys, type Key } from '../../lambdas/core/current/keys.ts';

/** The compared parts of a row. */
export interface ComparedRow {
  readonly key: Key;
  /** Digest of the row as the API returned it: see `digestOf` in core/rows/rows.ts. */
  readonly digest: string;
  /** When the row last changed according to the source, in milliseconds; null if the source does not say. */
  readonly changedAt: number | null;
}

/** The rows with one key: in the current table (`lake`) and in the API. One of them may be absent. */
export interface RowPair<A extends ComparedRow = ComparedRow> {
  readonly lake: ComparedRow | undefined;
  readonly api: A | undefined;
}

/** Pairs the rows of the two sides by key. @param lake sorted by key @param api sorted by key, each key once */
export async function* pairRows<A extends ComparedRow>(
  lake: AsyncIterable<ComparedRow> | Iterable<ComparedRow>,
  api: readonly A[],
): AsyncGenerator<RowPair<A>> {
  let at = 0;
  for await (const row of lake) {
    let next = api[at];
    for (; next && compareKeys(next.key, row.key) < 0; next = api[at]) {
      yield { lake: undefined, api: next };
      at += 1;
    }
    const isSame = next !== undefined && compareKeys(next.key, row.key) === 0;
    if (isSame) at += 1;
    yield { lake: row, api: isSame ? next : undefined };
  }
  for (const row of api.slice(at)) yield { lake: undefined, api: row };
}
