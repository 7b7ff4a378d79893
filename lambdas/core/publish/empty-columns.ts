import { type ColumnType, columnsByField } from '../../contract/column-types.ts';
import type { EmptyColumn } from '../../contract/custom-columns.ts';
import type { JsonType } from '../../contract/field-counts.ts';
import type { KnownFields } from '../../contract/schema-changes.ts';
import { isIdColumn, type Stream } from '../../contract/stream.ts';
import { isCountedField } from '../rows/field-counter.ts';
import { maxKnown } from './fold-fields.ts';

/** The JSON types that can fit a column. A `json` column takes all. */
const fitting: Readonly<Record<Exclude<ColumnType, 'json'>, JsonType>> = {
  string: 'string',
  timestamp: 'string',
  date: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  string_list: 'list',
};

/**
 * The custom columns whose field no row that the API gives has a value in: most often its name is misspelled. And those
 * after the first column of a field, if no value of the field can fit their type. None until every row was read once, or
 * if too many fields were given to know them all.
 */
export function emptyColumns(stream: Stream, { isLearned, fields }: KnownFields): EmptyColumn[] {
  if (!isLearned || Object.keys(fields).length >= maxKnown) return [];
  const byField = columnsByField(stream.columns);
  return Object.entries(stream.columns).flatMap(([column, declared]): EmptyColumn[] => {
    const { isCustom, field = column } = declared;
    if (!isCustom || !isCountedField(field)) return [];
    if (hasValue(fields, field)) {
      const { types = [], former = [] } = fields[field] ?? {};
      const given = [...new Set([...types, ...former])].toSorted();
      // If no value fits the first column of a field, that is the problem ValuesDoNotFit.
      const isFirst = byField.get(field)?.[0] === column;
      const isUnfit = !given.some((type) => canFit(declared.type, type, isIdColumn(stream, column, declared)));
      return !isFirst && isUnfit ? [{ table: stream.name, column, field, given }] : [];
    }
    const similar = Object.keys(fields).find(
      (other) => plain(other) === plain(field) && hasValue(fields, other) && !hasColumn(stream, other),
    );
    return [{ table: stream.name, column, field, ...(similar === undefined ? {} : { similar }) }];
  });
}

function canFit(type: ColumnType, given: JsonType, isId: boolean): boolean {
  return type === 'json' || fitting[type] === given || (isId && given === 'number');
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
