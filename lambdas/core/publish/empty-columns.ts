import type { EmptyColumn } from '../../contract/custom-columns.ts';
import type { KnownFields } from '../../contract/schema-changes.ts';
import type { Stream } from '../../contract/stream.ts';
import { isCountedField } from '../rows/field-counter.ts';
import { maxKnown } from './fold-fields.ts';

/**
 * The custom columns whose field no row that the API gives has a value in: most often its name is misspelled. None until
 * every row was read once, or if too many fields were given to know them all.
 */
export function emptyColumns(stream: Stream, { isLearned, fields }: KnownFields): EmptyColumn[] {
  if (!isLearned || Object.keys(fields).length >= maxKnown) return [];
  return Object.entries(stream.columns).flatMap(([column, { isCustom, field = column }]) => {
    if (!isCustom || !isCountedField(field)) return [];
    if (hasValue(fields, field)) return [];
    const similar = Object.keys(fields).find(
      (other) => plain(other) === plain(field) && hasValue(fields, other) && !hasColumn(stream, other),
    );
    return [{ table: stream.name, column, field, ...(similar === undefined ? {} : { similar }) }];
  });
}

function hasValue(fields: KnownFields['fields'], field: string): boolean {
  return Object.hasOwn(fields, field) && fields[field]?.types.length !== 0;
}

function hasColumn({ columns }: Stream, field: string): boolean {
  return Object.entries(columns).some(([name, column]) => (column.field ?? name) === field);
}

/** The name without what people confuse: `taxId`, `taxID` and `tax_id` are the same. */
function plain(field: string): string {
  return field.toLowerCase().replaceAll(/[-_]/g, '');
}
