/** Decides what the answers of the API show of a row. */

import { counted } from '../../lambdas/core/runs/counted.ts';
import { mostAskedFor } from './ask-by-id.ts';
import { parentOf } from './ask-for-orphans.ts';
import type { ComparedRow, RowPair } from './compare-rows.ts';
import type { ApiRow, ApiSide } from './read-api.ts';
import type { Bounds, DifferenceKind, TableWork } from './table-audit.ts';

export interface Found {
  readonly kind: DifferenceKind;
  readonly pair: RowPair<ApiRow>;
}

export function isBounded({ from, to }: Bounds): boolean {
  return from !== undefined || to !== undefined;
}

export function isWithin({ from = -Infinity, to = Infinity }: Bounds, changedAt: number | null): boolean {
  return changedAt === null || (changedAt >= from && changedAt < to);
}

/** For a row that only the current table has: true if the answers of the API show that it no longer exists. */
export function isJudged({ lake }: RowPair, work: TableWork, api: ApiSide): boolean {
  const { stream, parents, bounds } = work;
  if (!parents)
    return (
      api.error === null &&
      (api.unusable === 0 || stream.byId !== undefined) &&
      isWithin(bounds, lake?.changedAt ?? null)
    );
  const parent = parentOf(lake, stream);
  return (api.read.has(parent) && api.unusable === 0) || parents.notFound.has(parent);
}

/** Whether no row that the API gave for the parents is the parent of a row, and nothing shows that it is deleted. */
export function isOrphan(row: ComparedRow | undefined, { stream, parents }: TableWork): row is ComparedRow {
  if (!parents?.isWhole) return false;
  const parent = parentOf(row, stream);
  return !parents.listed.has(parent) && !parents.notFound.has(parent);
}

/** Ids of rows that were deleted together with their parents. */
export function deletedWithParents(found: readonly Found[], { stream, parents }: TableWork): string[] {
  return found.flatMap(({ kind, pair: { lake } }) =>
    kind === 'deleted' && parents?.notFound.has(parentOf(lake, stream)) ? [String(lake?.key.at(-1))] : [],
  );
}

export function kindOf({ lake, api }: RowPair, work: TableWork): DifferenceKind | 'not yet loaded' | undefined {
  if (!api) return lake && 'deleted';
  if (lake?.digest === api.digest) return undefined;
  const { stream, watermark, parents } = work;
  const parentChangedAt = parents?.listed.get(parentOf(api, stream)) ?? null;
  const changed = Math.max(api.changedAt ?? -Infinity, parentChangedAt ?? -Infinity);
  if (watermark === undefined || changed >= watermark) return 'not yet loaded';
  return lake ? 'different' : 'missing';
}
/** Why the comparison is incomplete although every page was read; null if it is complete. */
export function unfinishedText({ stream, parents }: TableWork, unusable: number, unknown: number): string | null {
  const above = parents?.unusable ?? 0;
  const reasons = [
    ...(unusable > 0 ? [`${counted(unusable, 'row')} in the API without a usable key could not be compared.`] : []),
    ...(above > 0
      ? [
          `${counted(above, 'row')} of ${stream.parent?.stream} in the API without a usable key could not be asked for its rows.`,
        ]
      : []),
    ...(unknown > 0
      ? [
          `The list lacks ${counted(unknown, 'more row', 'more rows')} of the table, and no answer by id shows whether the API still has them. An audit asks for at most ${mostAskedFor.toLocaleString('en-US')} rows of a table by id.`,
        ]
      : []),
  ];
  return reasons.length === 0 ? null : reasons.join(' ');
}
