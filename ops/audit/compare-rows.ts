import { compareKeys, type Key } from '../../lambdas/core/current/keys.ts';

/** A row as one side has it, as far as it is compared. */
export interface ComparedRow {
  readonly key: Key;
  /** Of what the API wrote, see `digestOf` of core/rows/rows.ts. */
  readonly digest: string;
  /** When the source says that it last changed, in milliseconds; null if it does not say. */
  readonly changedAt: number | null;
}

/** A row of either side, with that of the other side if it has the same key. */
export interface RowPair<A extends ComparedRow = ComparedRow> {
  readonly lake: ComparedRow | undefined;
  readonly api: A | undefined;
}

/** Goes through two sides at once. @param lake in the order of the keys @param api as well, each key once */
export async function* pairRows<A extends ComparedRow>(
  lake: AsyncIterable<ComparedRow>,
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
