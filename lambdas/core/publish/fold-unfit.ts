import { columnsByField } from '../../contract/column-types.ts';
import { type FieldCounts, jsonType } from '../../contract/field-counts.ts';
import type { Stream } from '../../contract/stream.ts';
import type { UnfitColumn } from '../../contract/unfit-columns.ts';

/** If more than this share of the values of a column do not fit its type, a person has to know. */
const mostUnfit = 0.01;

/**
 * The columns of a table whose values do not fit. If a field has several columns, the first stands for all of them. A
 * column of which a run saw no value stays as it was.
 * @param before as the runs until now found them
 * @param counts what a run read; undefined if it read nothing
 */
export function foldUnfit(
  stream: Stream,
  before: readonly UnfitColumn[],
  counts: FieldCounts | undefined,
): UnfitColumn[] {
  return [...columnsByField(stream.columns)].flatMap(([field, [column = field]]) => {
    const type = stream.columns[column]?.type;
    // A row whose key does not fit is rejected, and told as that.
    if (!type || stream.key.includes(column)) return [];
    const seen = counts && Object.hasOwn(counts.fields, field) ? counts.fields[field] : undefined;
    const values = sum(seen?.types);
    if (!seen || values === 0) return before.filter((one) => one.column === column && one.type === type);
    const unfit = sum(seen.unfit);
    if (unfit <= values * mostUnfit) return [];
    const given = jsonType.options.filter((one) => seen.unfit?.[one] !== undefined);
    const shape = seen.shape === undefined ? {} : { shape: seen.shape };
    const name = field === column ? {} : { field };
    return [{ table: stream.name, column, ...name, type, values, unfit, given, ...shape }];
  });
}

function sum(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
