import type { Selection } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { keyText, keyTexts } from '../../lambdas/core/current/keys.ts';
import type { Api } from '../../lambdas/core/ports.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { pairRows, type RowPair } from './compare-rows.ts';
import { type ApiRow, type ApiSide, readApi } from './read-api.ts';
import type { LakeSide } from './read-lake.ts';

/** Rows of the roots whose last change lies in [from, to), and what belongs to them. Milliseconds since the epoch. */
export interface Bounds {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * How a row of the current table differs from what the API gives:
 * - `missing`: the table lacks it
 * - `different`: the API gives other content
 * - `deleted`: the API has it no more
 */
export type DifferenceKind = 'missing' | 'different' | 'deleted';

export interface Difference {
  readonly kind: DifferenceKind;
  /** Texts of the key's values. */
  readonly key: readonly string[];
}

export interface TableAudit {
  readonly table: string;
  /** Why it was not compared to its end; null if it was. */
  readonly error: string | null;
  readonly lakeRows: number;
  /** Rows that the API gave and that were compared. */
  readonly apiRows: number;
  /** Parents whose rows were compared, and how many there are; null of a table without a parent. */
  readonly parents: { readonly compared: number; readonly all: number } | null;
  /** Rows that changed since the table was last brought up to date: the next run reads them. */
  readonly notYetLoaded: number;
  readonly differences: readonly Difference[];
}

/** Rows of a table that the API gave, by which those of its children are asked for. */
export interface Parents {
  /** When each last changed, by its id. */
  readonly listed: ReadonlyMap<string, number | null>;
  /** Whether these are all that the API has. */
  readonly isWhole: boolean;
}

export interface TableWork {
  readonly stream: Stream;
  readonly lake: LakeSide;
  readonly bounds: Bounds;
  /** Start of the newest nightly run that has read the table; undefined: none has. */
  readonly watermark: number | undefined;
  /** Undefined of a stream without a parent. */
  readonly parents: Parents | undefined;
  /** Parents whose children are compared. */
  readonly sample: readonly string[];
}

interface Ports {
  readonly api: Api;
  readonly onPage: (rows: number) => void;
}

/** A difference is asked for once more by its id: a list may have shifted while it was read. So many at most. */
const mostAskedFor = 1_000;
/** No page says whether the API's filters include their bounds; rows beyond them are left out here. */
const filterSlack = 1_000;

/** @throws PipelineError that is fatal: no other table can be read then */
export async function auditTable(work: TableWork, ports: Ports): Promise<{ result: TableAudit; parents: Parents }> {
  const { stream, lake, bounds } = work;
  const api = await readApi(stream, selectionOf(work), ports.api, ports.onPage);
  const given = api.rows.filter((row) => stream.parent || isWithin(bounds, row.changedAt));
  const unlike: RowPair<ApiRow>[] = [];
  for await (const pair of pairRows(lake.read(), given)) {
    const isCompared = pair.api !== undefined || isJudged(pair, work, api);
    if (isCompared && pair.lake?.digest !== pair.api?.digest) unlike.push(pair);
  }
  const differences: Difference[] = [];
  let notYetLoaded = 0;
  for (const pair of await askedAgain(unlike, work, ports)) {
    const kind = kindOf(pair, work);
    if (kind === 'not yet loaded') notYetLoaded += 1;
    else if (kind) differences.push({ kind, key: keyTexts((pair.lake ?? pair.api)?.key ?? []) });
  }
  const listed = new Map(given.flatMap(({ id, changedAt }) => (id === undefined ? [] : [[id, changedAt] as const])));
  const isWhole = api.error === null && !isBounded(bounds) && (work.parents?.isWhole ?? true) && isAll(work);
  return {
    result: {
      table: stream.name,
      error: api.error,
      lakeRows: lake.rows,
      apiRows: given.length,
      parents: work.parents ? { compared: api.read.size, all: work.parents.listed.size } : null,
      notYetLoaded,
      differences,
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

/** Whether the API would have given a row that only the table has. */
function isJudged({ lake }: RowPair, { stream, parents, bounds }: TableWork, api: ApiSide): boolean {
  if (!parents) return api.error === null && isWithin(bounds, lake?.changedAt ?? null);
  const parent = String(lake?.key[stream.key.indexOf(stream.parent?.key ?? '')]);
  // A parent that went while its children were read: the next audit finds what it leaves.
  return api.read.has(parent) || (parents.isWhole && !parents.listed.has(parent));
}

/** The same pairs, with what the API says of each row by itself, if it can be asked. */
async function askedAgain(
  pairs: readonly RowPair<ApiRow>[],
  work: TableWork,
  ports: Ports,
): Promise<readonly RowPair<ApiRow>[]> {
  if (work.stream.byId === undefined) return pairs;
  const real = pairs.filter((pair) => kindOf(pair, work) !== 'not yet loaded');
  const ids = real.map(idOf).filter(isAddressable).slice(0, mostAskedFor);
  const { rows, missing } = await readApi(work.stream, { kind: 'ids', ids }, ports.api, ports.onPage);
  const byKey = new Map(rows.map((row) => [keyText(row.key), row]));
  return pairs.map((pair) => {
    const again = byKey.get(keyText((pair.lake ?? pair.api)?.key ?? []));
    return missing.has(idOf(pair)) ? { ...pair, api: undefined } : { ...pair, api: again ?? pair.api };
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
