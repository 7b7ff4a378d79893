/**
 * Remembers with which custom columns rows were written. A column that the configuration no longer declares, or gives
 * another kind of personal data, may still hold what `personalData` leaves out: nights say so until `ops rehash` has run.
 */

import { nothingChosen, type PersonalChoice } from '../../contract/personal-data.ts';
import type { Stream } from '../../contract/stream.ts';
import type { FormerColumn, Kind, WrittenColumns } from '../../contract/written-columns.ts';

/** The custom columns that the streams have now, as if nothing had been written before. */
export function columnsWrittenBy(streams: readonly Stream[]): WrittenColumns {
  const written: WrittenColumns = {};
  for (const { name: table, columns } of streams)
    for (const [name, { isCustom, personal = 'none' }] of Object.entries(columns))
      if (isCustom) written[`${table}.${name}`] = { kinds: [personal] };
  return written;
}

/**
 * What was written after a night. A removed column is remembered until `ops rehash` empties it. Without
 * `personalData` nothing can empty it, so it is remembered only for the first night without it.
 * @param streams those that the night has read
 */
export function writtenAfter(
  before: WrittenColumns,
  streams: readonly Stream[],
  {
    runId,
    personalData = nothingChosen,
  }: { readonly runId: string; readonly personalData?: PersonalChoice | undefined },
): WrittenColumns {
  const columnsOf = new Map(streams.map(({ name, columns }) => [name, columns]));
  const after: WrittenColumns = {};
  for (const [key, { kinds, removedIn = runId }] of Object.entries(before)) {
    const [table = '', column = ''] = key.split('.');
    const columns = columnsOf.get(table);
    if (!columns) Object.assign(after, { [key]: before[key] });
    else if (!Object.hasOwn(columns, column) && (isAnything(personalData) || removedIn === runId))
      after[key] = { kinds, removedIn };
  }
  for (const [key, { kinds }] of Object.entries(columnsWrittenBy(streams)))
    after[key] = { kinds: [...(before[key]?.kinds ?? []).filter((kind) => !kinds.includes(kind)), ...kinds] };
  return after;
}

/** The columns whose earlier values the configuration no longer describes. */
export function formerColumns(written: WrittenColumns, choice: PersonalChoice = nothingChosen): FormerColumn[] {
  const isRemoved = (column: string) => written[column]?.removedIn !== undefined;
  const isChanged = ([column, { kinds }]: [string, WrittenColumns[string]]) => {
    const [now = 'kept', ...before] = kinds.toReversed().map((kind) => treatment(column, kind, choice));
    return now !== 'kept' && before.some((one) => one !== now);
  };
  return Object.entries(written)
    .filter((entry) => isRemoved(entry[0]) || isChanged(entry))
    .map(([column]) => ({
      column,
      isDeclared: !isRemoved(column),
      wantsRehash: isAnything(choice),
    }));
}

function treatment(column: string, kind: Kind, choice: PersonalChoice): 'dropped' | 'hashed' | 'kept' {
  const isNamed = (entries: readonly string[]) => entries.includes(column) || entries.includes(kind);
  if (isNamed(choice.drop)) return 'dropped';
  if (isNamed(choice.hash)) return 'hashed';
  return kind === 'quote' && isAnything(choice) ? 'dropped' : 'kept';
}

function isAnything({ drop, hash }: PersonalChoice): boolean {
  return drop.length + hash.length > 0;
}
