import type { EmptyColumn } from '../../contract/custom-columns.ts';
import type { KnownFields } from '../../contract/schema-changes.ts';
import type { Stream } from '../../contract/stream.ts';
import { isCountedField } from '../rows/field-counter.ts';
import { maxKnown } from './fold-fields.ts';

/**
 * The custom columns whose field no row of the table has had a value in: most often its name is misspelled. None until
 * every row was read once, or if too many fields were given to know them all.
 */
export function emptyColumns(stream: Stream, { isLearned, fields }: KnownFields): EmptyColumn[] {
  if (!isLearned || Object.keys(fields).length >= maxKnown) return [];
  return Object.entries(stream.columns).flatMap(([column, { isCustom, field = column }]) => {
    if (!isCustom || !isCountedField(field)) return [];
    const hasValue = Object.hasOwn(fields, field) && fields[field]?.types.length !== 0;
    return hasValue ? [] : [{ table: stream.name, column, field }];
  });
}
