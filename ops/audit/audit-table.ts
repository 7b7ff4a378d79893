import type { Selection } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { keyJson, keyTexts } from '../../lambdas/core/current/keys.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { changedColumns } from '../lake/changed-columns.ts';
import { pairRows, type RowPair } from './compare-rows.ts';
import { type ApiRow, type ApiSide, readApi, type ReadPorts } from './read-api.ts';
import type { TableSnapshot } from './read-lake.ts';

/**
 * Limits the audit to rows of tables without a parent that last changed in [from, to), and to their children. The
 * bounds are milliseconds since 1970.
 */
export interface Bounds {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * How a row of the current table differs from the API's:
 * - `missing`: the table lacks the row
 * - `different`: the API returns the row with other content
 * - `deleted`: the API no longer has the row
 */
export type DifferenceKind = 'missing' | 'different' | 'deleted';

export interface Difference {
  readonly kind: DifferenceKind;
  /** The key's values as text. */
  readonly key: readonly string[];
  /** Of a `different` row, the columns that differ, among those that can be compared. */
  readonly columns?: readonly string[];
}

export interface TableAudit {
  readonly table: string;
  /** Why the comparison is incomplete; null if it is complete. */
  readonly error: string | null;
  readonly lakeRows: number;
  /** Rows that the API returned and that were compared. */
  readonly apiRows: number;
  /** Rows of forgotten persons that the API returned. They were not compared. */
  readonly forgotten: number;
  /** Number of parents whose rows were compared, and of all parents; null for a table without a parent. */
  readonly parents: { readonly compared: number; readonly all: number } | null;
  /** Number of rows that the list of the API leaves out, although the API gives them by id. */
  readonly unlisted: number;
  /** Number of rows that changed after the table's last update. The next run reads them. */
  readonly notYetLoaded: number;
  readonly differences: readonly Difference[];
}

/** The rows of a table with children, as the API returned them. The children are requested by the ids of these rows. */
export interface Parents {
  /** When each row last changed, by id. */
  readonly listed: ReadonlyMap<string, number | null>;
  /** True if `listed` contains all rows that the API has. */
  readonly isWhole: boolean;
}

export interface TableWork {
  readonly stream: Stream;
  readonly lake: TableSnapshot;
  readonly bounds: Bounds;
  /** Start of the newest nightly run that read the table; undefined if none has. */
  readonly watermark: number | undefined;
  /** Rows of the parent table that the API returned. Undefined for a stream without a parent. */
  readonly parents: Parents | undefined;
  /** Ids of the parents whose children are compared. */
  readonly sample: readonly string[];
}

export interface AuditTablePorts extends ReadPorts {
  /** Called before differing rows are requested again, with the number of requests. */
  readonly onReread: (requests: number) => void;
}

/**
 * Maximum number of differing rows that are requested again by id: a list that shifts while it is read may lack a row.
 */
const mostAskedFor = 1_000;
/**
 * Milliseconds by which the window of a request is wider than the bounds, because the API does not document whether its
 * filters include their bounds. Rows outside the bounds are left out afterwards.
 */
const filterSlack = 1_000;

/**
 * Compares one table with the API.
 * @throws PipelineError that is fatal, so that no other table can be read either
 */
export async function auditTable(
  work: TableWork,
  ports: AuditTablePorts,
): Promise<{ result: TableAudit; parents: Parents }> {
  const { stream, lake, bounds } = work;
  const api = await readApi(stream, selectionOf(work), ports);
  const given = api.rows.filter((row) => stream.parent || isWithin(bounds, row.changedAt));
  const unlike: RowPair<ApiRow>[] = [];
  for await (const pair of pairRows(lake.read(), given)) {
    const isCompared = pair.api !== undefined || isJudged(pair, work, api);
    if (isCompared && pair.lake?.digest !== pair.api?.digest) unlike.push(pair);
  }
  const found: { kind: DifferenceKind; pair: RowPair<ApiRow> }[] = [];
  let [notYetLoaded, unlisted] = [0, 0];
  for (const [at, pair] of (await askedAgain(unlike, work, ports)).entries()) {
    if (pair.api && !unlike[at]?.api) unlisted += 1;
    const kind = kindOf(pair, work);
    if (kind === 'not yet loaded') notYetLoaded += 1;
    else if (kind) found.push({ kind, pair });
  }
  const listed = new Map(given.flatMap(({ id, changedAt }) => (id === undefined ? [] : [[id, changedAt] as const])));
  const isWhole = api.error === null && !isBounded(bounds) && (work.parents?.isWhole ?? true) && isAll(work);
  return {
    result: {
      table: stream.name,
      error: api.error,
      lakeRows: lake.rows,
      apiRows: given.length,
      forgotten: api.forgotten,
      parents: work.parents ? { compared: api.read.size, all: work.parents.listed.size } : null,
      unlisted,
      notYetLoaded,
      differences: await withColumns(found, lake, ports.columns),
    },
    parents: { listed, isWhole },
  };
}

function selectionOf({ stream, bounds, sample }: TableWork): Selection {
  if (stream.parent) return { kind: 'children', parents: [...sample] };
  if (stream.shape === 'single') return { kind: 'single' };
  if (!stream.cursor || !isBounded(bounds)) return { kind: 'list' };
  const window = {
    ...(bounds.from === undefined ? {} : { after: new Date(bounds.from - filterSlack).toISOString() }),
    ...(bounds.to === undefined ? {} : { before: new Date(bounds.to + filterSlack).toISOString() }),
  };
  return { kind: 'list', window };
}

function isBounded({ from, to }: Bounds): boolean {
  return from !== undefined || to !== undefined;
}

function isWithin({ from = -Infinity, to = Infinity }: Bounds, changedAt: number | null): boolean {
  return changedAt === null || (changedAt >= from && changedAt < to);
}

function isAll({ parents, sample }: TableWork): boolean {
  return !parents || sample.length === parents.listed.size;
}

/**
 * For a row that only the current table has: true if a row that still exists would be among the rows read from the API.
 */
function isJudged({ lake }: RowPair, { stream, parents, bounds }: TableWork, api: ApiSide): boolean {
  if (!parents) return api.error === null && isWithin(bounds, lake?.changedAt ?? null);
  const parent = String(lake?.key[stream.key.indexOf(stream.parent?.key ?? '')]);
  // If a parent was deleted while its children were read, the next audit finds the remaining children.
  return api.read.has(parent) || (parents.isWhole && !parents.listed.has(parent));
}

/**
 * Requests the row of each pair from the API again by id, if the API can return single rows of the table. If it finds
 * none of them, it does not answer by id at all, and what the list gave stands.
 */
async function askedAgain(
  pairs: readonly RowPair<ApiRow>[],
  work: TableWork,
  ports: AuditTablePorts,
): Promise<readonly RowPair<ApiRow>[]> {
  if (work.stream.byId === undefined) return pairs;
  const real = pairs.filter((pair) => kindOf(pair, work) !== 'not yet loaded');
  const ids = real.map(idOf).filter(isAddressable).slice(0, mostAskedFor);
  ports.onReread(ids.length * (work.stream.detail ? 2 : 1));
  const { rows, missing } = await readApi(work.stream, { kind: 'ids', ids }, ports);
  const byKey = new Map(rows.map((row) => [keyJson(row.key), row]));
  return pairs.map((pair) => {
    const again = byKey.get(keyJson((pair.lake ?? pair.api)?.key ?? []));
    return missing.has(idOf(pair)) && rows.length > 0
      ? { ...pair, api: undefined }
      : { ...pair, api: again ?? pair.api };
  });
}

/** Adds the columns that differ to rows that both sides have. */
async function withColumns(
  found: readonly { readonly kind: DifferenceKind; readonly pair: RowPair<ApiRow> }[],
  lake: TableSnapshot,
  columns: readonly string[],
): Promise<Difference[]> {
  const keys = found.flatMap(({ kind, pair }) => (kind === 'different' && pair.api ? [pair.api.key] : []));
  const contents = await lake.contentOf(keys, columns);
  return found.map(({ kind, pair: { lake: own, api } }) => {
    const key = (own ?? api)?.key ?? [];
    const content = kind === 'different' ? contents.get(keyJson(key)) : undefined;
    const changed = content && api && { columns: changedColumns(columns, content, api.content) };
    return { kind, key: keyTexts(key), ...changed };
  });
}

function idOf({ lake, api }: RowPair): string {
  return String((lake ?? api)?.key.at(-1));
}

function kindOf({ lake, api }: RowPair, work: TableWork): DifferenceKind | 'not yet loaded' | undefined {
  if (!api) return lake && 'deleted';
  if (lake?.digest === api.digest) return undefined;
  const { stream, watermark, parents } = work;
  const parent = stream.parent && api.key[stream.key.indexOf(stream.parent.key)];
  const parentChangedAt = parents?.listed.get(String(parent)) ?? null;
  const changed = Math.max(api.changedAt ?? -Infinity, parentChangedAt ?? -Infinity);
  if (watermark === undefined || changed >= watermark) return 'not yet loaded';
  return lake ? 'different' : 'missing';
}
