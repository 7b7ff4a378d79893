import type { Selection } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { PipelineError } from '../../lambdas/core/errors.ts';
import type { Api, Clock } from '../../lambdas/core/ports.ts';
import { Comparisons, type Difference, TableComparison, type Window } from './compare-table.ts';
import type { LostFile } from './check-receipt.ts';
import type { FilePorts } from './lost-files.ts';
import type { Snapshot } from '../lake/nightly-tables.ts';
import { type ApiReading, type ApiRow, readApi } from './read-api.ts';
import { readCurrentRows } from './read-lake.ts';
import { BudgetSpentError } from './request-budget.ts';
import { keyParts } from '../lake/row-version.ts';

/** Rows of the roots whose last change lies in [from, to), and what belongs to them. Milliseconds since the epoch. */
export interface Bounds {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** What the audit of a table tells those of its children. */
export interface Parents {
  /** When each row that was compared last changed, by its id. */
  readonly listed: ReadonlyMap<string, number | null>;
  /** Ids of its ghosts. */
  readonly ghosts: ReadonlySet<string>;
}

export interface TableAudit {
  readonly table: string;
  /** Why it was not compared to its end; null where it was. */
  readonly error: string | null;
  /** Rows of the lake's current state. */
  readonly lakeRows: number;
  readonly windows: readonly Window[];
  readonly differences: readonly Difference[];
  /** What will differ once lost files are made again from their raw chunks. */
  readonly unrecovered: readonly Difference[];
  readonly unreadable: readonly LostFile[];
  /** Files that cannot be read, and that nothing here can make again. */
  readonly damaged: readonly string[];
}

export interface TableWork {
  readonly stream: Stream;
  readonly bounds: Bounds;
  readonly compared: readonly string[];
  readonly snapshot: Snapshot | undefined;
  readonly watermark: number | undefined;
  /** Files of the table. */
  readonly lost: readonly LostFile[];
  /** As `snapshot`, once lost rows of `pipeline_runs` are written again. */
  readonly restored: Snapshot | undefined;
  /** Undefined of a stream without a parent. */
  readonly parents: Parents | undefined;
}

interface Ports extends FilePorts {
  readonly api: Api;
  readonly clock: Clock;
}

/** A ghost of a table that is read by id is asked for once more: a list may have shifted while it was read. */
const mostAskedFor = 1_000;
/** Nothing says whether the filters of the API take a bound in; what is beyond it is left out here. */
const filterSlack = 1_000;

/** @throws PipelineError that is fatal: no other table can be read then */
export async function auditTable(work: TableWork, ports: Ports): Promise<{ result: TableAudit; parents: Parents }> {
  const { stream, watermark } = work;
  // The lake before the API: what either takes up meanwhile has changed since the watermark.
  const { rows, recovered, unreadable, damaged } = await readCurrentRows(work, work, ports);
  const comparison = new TableComparison(rows, watermark);
  const afterwards = recovered && new TableComparison(recovered, watermark);
  const both = new Comparisons(comparison, afterwards);
  const listed = new Map<string, number | null>();
  const ghosts = new Set<string>();
  let error: string | null = null;
  try {
    const reading: ApiReading = { ...work, ...ports };
    const isJudged = work.parents
      ? await readChildren(work, work.parents, reading, both, listed)
      : await readRoot(work, reading, both, listed);
    for (const key of await findGhosts(reading, isJudged, both)) ghosts.add(keyParts(stream, key).at(-1) ?? '');
  } catch (thrown) {
    error = reasonOf(thrown);
  }
  const { windows, differences } = comparison;
  const unrecovered = (afterwards ?? comparison).differences;
  const found = { windows, differences, unrecovered, unreadable, damaged };
  const result = { table: stream.name, error, lakeRows: rows.size, ...found };
  return { result, parents: { listed, ghosts } };
}

type IsJudged = (key: string, changedAt: number | null) => boolean;

async function readRoot(
  { stream, bounds }: TableWork,
  reading: ApiReading,
  comparison: Comparisons,
  listed: Map<string, number | null>,
): Promise<IsJudged> {
  const isWithin = (changedAt: number | null) =>
    changedAt === null || (changedAt >= (bounds.from ?? -Infinity) && changedAt < (bounds.to ?? Infinity));
  for await (const { rows } of readApi(reading, selectionOf(stream, bounds))) {
    for (const row of rows) {
      if (!isWithin(row.changedAt)) {
        comparison.pass(row.key);
        continue;
      }
      comparison.see(row);
      note(row, listed);
    }
  }
  return (_key, changedAt) => isWithin(changedAt);
}

async function readChildren(
  { stream, bounds }: TableWork,
  { listed: parents, ghosts }: Parents,
  reading: ApiReading,
  comparison: Comparisons,
  listed: Map<string, number | null>,
): Promise<IsJudged> {
  const gone = new Set<string>();
  for (const [parent, parentChangedAt] of parents) {
    for await (const page of readApi(reading, { kind: 'children', parents: [parent] })) {
      if (page.gone > 0) gone.add(parent);
      for (const row of page.rows) {
        comparison.see(row, parentChangedAt);
        note(row, listed);
      }
    }
  }
  const isBounded = bounds.from !== undefined || bounds.to !== undefined;
  const at = stream.key.indexOf(stream.parent?.key ?? '');
  return (key) => {
    const parent = keyParts(stream, key)[at] ?? '';
    // A parent that went while it was read: the next audit finds what it leaves.
    return !gone.has(parent) && (!isBounded || parents.has(parent) || ghosts.has(parent));
  };
}

function selectionOf(stream: Stream, { from, to }: Bounds): Selection {
  if (stream.shape === 'single') return { kind: 'single' };
  if (!stream.cursor || (from === undefined && to === undefined)) return { kind: 'list' };
  const window = {
    ...(from === undefined ? {} : { after: new Date(from - filterSlack).toISOString() }),
    ...(to === undefined ? {} : { before: new Date(to + filterSlack).toISOString() }),
  };
  return { kind: 'list', window };
}

function note({ id, changedAt }: ApiRow, listed: Map<string, number | null>): void {
  if (id !== undefined) listed.set(id, changedAt);
}

async function findGhosts(reading: ApiReading, isJudged: IsJudged, comparison: Comparisons): Promise<string[]> {
  const { stream } = reading;
  const ghosts: string[] = [];
  let asked = 0;
  for (const { key, row } of comparison.unseen()) {
    if (!isJudged(key, row.changedAt)) continue;
    if (stream.byId !== undefined && asked < mostAskedFor) {
      asked += 1;
      let isThere = false;
      for await (const { rows } of readApi(reading, { kind: 'ids', ids: [key] })) {
        isThere = rows.length > 0;
        for (const found of rows) comparison.see(found);
      }
      if (isThere) continue;
    }
    comparison.ghost(key);
    ghosts.push(key);
  }
  return ghosts;
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof BudgetSpentError) return thrown.message;
  if (thrown instanceof PipelineError && thrown.disposition !== 'fatal') return thrown.message;
  throw thrown;
}
