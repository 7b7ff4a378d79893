import type { Selection } from '../../lambdas/contract/run.ts';
import { keyJson, keyTexts } from '../../lambdas/core/current/keys.ts';
import { changedColumns } from '../lake/changed-columns.ts';
import { askById, type AskByIdPorts } from './ask-by-id.ts';
import { askForOrphans } from './ask-for-orphans.ts';
import { type ComparedRow, pairRows, type RowPair } from './compare-rows.ts';
import {
  deletedWithParents,
  type Found,
  isBounded,
  isJudged,
  isOrphan,
  isWithin,
  kindOf,
  unfinishedText,
} from './judge-rows.ts';
import { type ApiRow, readApi } from './read-api.ts';
import type { TableSnapshot } from './read-lake.ts';
import type { Difference, Parents, TableAudit, TableWork } from './table-audit.ts';

/**
 * Milliseconds by which the window of a request is wider than the bounds, because the API does not document whether its
 * filters include their bounds. Rows outside the bounds are left out afterwards.
 */
const filterSlack = 1_000;

/**
 * Compares one table with the API.
 * @returns `parents`: undefined if the rows were not all read
 * @throws PipelineError that is fatal, so that no other table can be read either
 */
export async function auditTable(
  work: TableWork,
  ports: AskByIdPorts,
): Promise<{ result: TableAudit; parents: Parents | undefined }> {
  const { stream, lake, bounds, parents } = work;
  const listed = [...(parents?.listed.keys() ?? [])];
  const sample = work.sampleOf(listed);
  const api = await readApi(stream, selectionOf(work, sample), ports);
  const given = api.rows.filter((row) => stream.parent || isWithin(bounds, row.changedAt));
  const unlike: RowPair<ApiRow>[] = [];
  const orphans: ComparedRow[] = [];
  for await (const pair of pairRows(lake.read(), given)) {
    if (!pair.api && isOrphan(pair.lake, work)) orphans.push(pair.lake);
    else if (pair.lake?.digest !== pair.api?.digest && (pair.api || isJudged(pair, work, api))) unlike.push(pair);
  }
  const adopted = await askForOrphans(orphans, work, ports);
  unlike.push(...adopted.pairs);
  const isNew = (pair: RowPair<ApiRow>) => kindOf(pair, work) === 'not yet loaded';
  const byId = await askById(
    work,
    given,
    unlike.filter((pair) => !isNew(pair)),
    ports,
  );
  const restorable = byId.restorable.filter(({ row }) => isWithin(bounds, row.changedAt));
  const found: Found[] = restorable.map(({ row }) => ({ kind: 'missing', pair: { lake: undefined, api: row } }));
  let notYetLoaded = unlike.filter(isNew).length;
  for (const pair of byId.pairs) {
    const kind = kindOf(pair, work);
    if (kind === 'not yet loaded') notYetLoaded += 1;
    else if (kind) found.push({ kind, pair });
  }
  const unusable = api.unusable + adopted.unusable;
  const error = api.error ?? adopted.error;
  const isWhole = sample.length === listed.length && !isBounded(bounds) && (parents?.isWhole ?? true);
  const rows = [...given, ...byId.unlisted, ...restorable.map(({ row }) => row)];
  return {
    result: {
      table: stream.name,
      error: error ?? unfinishedText(work, unusable, byId.unknown),
      lakeRows: lake.rows,
      apiRows: given.length + adopted.rows + unusable,
      forgotten: api.forgotten,
      parents: parents ? { compared: api.read.size + adopted.asked, all: parents.listed.size + adopted.parents } : null,
      // Rows that the list gave without a usable key are most likely among those that seem to be missing from it.
      unlisted: Math.max(0, byId.unlisted.length - unusable),
      deletedOnApproval: {
        rows: restorable.length,
        runs: [...new Set(restorable.map(({ runId }) => runId))],
      },
      notYetLoaded,
      differences: await withColumns(found, lake, ports.columns),
    },
    parents:
      error === null
        ? {
            listed: new Map(rows.flatMap(({ id, changedAt }) => (id === undefined ? [] : [[id, changedAt] as const]))),
            notFound: new Set([...byId.notFound, ...deletedWithParents(found, work)]),
            isWhole,
            unusable,
          }
        : undefined,
  };
}

function selectionOf({ stream, bounds }: TableWork, sample: readonly string[]): Selection {
  if (stream.parent) return { kind: 'children', parents: [...sample] };
  if (stream.shape === 'single') return { kind: 'single' };
  if (!stream.cursor || !isBounded(bounds)) return { kind: 'list' };
  const window = {
    ...(bounds.from === undefined ? {} : { after: new Date(bounds.from - filterSlack).toISOString() }),
    ...(bounds.to === undefined ? {} : { before: new Date(bounds.to + filterSlack).toISOString() }),
  };
  return { kind: 'list', window };
}

/** Adds the columns that differ to rows that both sides have. */
async function withColumns(
  found: readonly Found[],
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
