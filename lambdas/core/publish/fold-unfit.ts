import { columnsByField } from '../../contract/column-types.ts';
import { type FieldCounts, jsonType } from '../../contract/field-counts.ts';
import type { Stream } from '../../contract/stream.ts';
import type { UnfitColumn } from '../../contract/unfit-columns.ts';

/** If more than this share of the values of a column do not fit its type, a person has to know. */
const mostUnfit = 0.01;

/** What a run read of a table. */
export interface UnfitReading {
  readonly counts: FieldCounts;
  readonly startedAt: string;
  /** Which rows of the table the run read. A reading of all rows can take several nights, and so have only a part. */
  readonly extent: 'all' | 'first part' | 'last part' | 'some';
}

/**
 * The columns of a table that are null in some rows because the values did not fit. If a field has several columns, the
 * first stands for all of them. A column stays listed until every row was read after the last value that did not fit: a
 * night of changes reads only some rows, and the others are still null.
 * @param before as the runs until now found them
 * @param reading what a run read; undefined if it read nothing
 */
export function foldUnfit(
  stream: Stream,
  before: readonly UnfitColumn[],
  reading: UnfitReading | undefined,
): UnfitColumn[] {
  return [...columnsByField(stream.columns)].flatMap(([field, [column = field]]) => {
    const type = stream.columns[column]?.type;
    // A row whose key does not fit is rejected, and told as that.
    if (!type || stream.key.includes(column)) return [];
    const known = before.find((one) => one.column === column && one.type === type);
    const fields = reading?.counts.fields ?? {};
    const seen = Object.hasOwn(fields, field) ? fields[field] : undefined;
    const values = sum(seen?.types);
    if (!reading || !seen || values === 0)
      return known ? [!reading || isBefore(known, reading) ? known : notRead(known)] : [];
    const unfit = sum(seen.unfit);
    if (unfit <= values * mostUnfit) return known ? afterFit(known, reading) : [];
    const given = jsonType.options.filter((one) => seen.unfit?.[one] !== undefined);
    const shape = seen.shape === undefined ? {} : { shape: seen.shape };
    const name = field === column ? {} : { field };
    const metAt = reading.startedAt;
    return [{ table: stream.name, column, ...name, type, values, unfit, given, ...shape, metAt }];
  });
}

/** A listed column after a run that read no value of it. */
export function notRead(known: UnfitColumn): UnfitColumn {
  return known.fitsAgain ? known : { ...known, notReadSince: true };
}

/** A listed column after a reading whose values fit: still listed, unless every row was read again. */
function afterFit(known: UnfitColumn, reading: UnfitReading): UnfitColumn[] {
  const { extent } = reading;
  if (isBefore(known, reading)) return [known];
  if (extent === 'all' || (extent === 'last part' && known.isRereading)) return [];
  const { isRereading, notReadSince: _, ...rest } = known;
  const goesOn = extent === 'first part' || (extent === 'some' && isRereading);
  return [{ ...rest, fitsAgain: true, ...(goesOn ? { isRereading: true } : {}) }];
}

/** Whether a run began before the values stopped fitting. It shows nothing of them. */
function isBefore({ metAt }: UnfitColumn, { startedAt }: UnfitReading): boolean {
  return metAt !== undefined && startedAt < metAt;
}

function sum(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
