import { isDeepStrictEqual } from 'node:util';
import type { SchemaElement } from 'hyparquet';
import { type Column, type ColumnType, columnType, commentOf } from '../../contract/column-types.ts';
import { takesEach, unknownKind } from '../../contract/custom-columns.ts';
import { isIdColumn, type Table } from '../../contract/stream.ts';
import { SchemaChangeError } from '../errors.ts';
import { currentSchema, type Field, type FieldType, type TableMetadata, type TableSchema } from './metadata.ts';

const types: Readonly<Record<Exclude<ColumnType, 'string_list'>, FieldType>> = {
  string: 'string',
  json: 'string',
  timestamp: 'timestamptz',
  date: 'date',
  integer: 'long',
  number: 'double',
  boolean: 'boolean',
};

/**
 * The schema that a table has from its next version on. First the declared columns, each with its existing id or a new
 * one. Then columns that only the table has: a newer version of this code wrote them.
 * @throws SchemaChangeError if a column changed its type, or the key changed
 */
export function schemaFor(table: Table, base: { readonly metadata: TableMetadata } | undefined): TableSchema {
  const before = base && currentSchema(base.metadata);
  const known = new Map(before?.fields.map((field) => [field.name, field]));
  let lastId = base?.metadata['last-column-id'] ?? 0;
  const nextId = () => {
    lastId += 1;
    return lastId;
  };
  const declared = Object.entries(table.columns).map(([name, column]) =>
    fieldFor(table, name, column, known.get(name), nextId),
  );
  const others = before?.fields.filter(({ name }) => !Object.hasOwn(table.columns, name)) ?? [];
  const fields = [...declared, ...others];
  const identifiers = table.key.map((name) => fields.find((field) => field.name === name)?.id ?? 0);
  if (before && !isDeepStrictEqual(new Set(identifiers), new Set(before['identifier-field-ids'])))
    throw new SchemaChangeError(
      `The key of ${table.name} changed, but its current table still has the old key. Declare a new stream instead.`,
    );
  const same = base?.metadata.schemas.find((schema) => isDeepStrictEqual(schema.fields, fields));
  if (same) return same;
  const ids = base?.metadata.schemas.map((schema) => schema['schema-id']) ?? [];
  return { type: 'struct', 'schema-id': Math.max(-1, ...ids) + 1, 'identifier-field-ids': identifiers, fields };
}

function fieldFor(table: Table, name: string, column: Column, known: Field | undefined, nextId: () => number): Field {
  const id = known?.id ?? nextId();
  const type: FieldType =
    column.type === 'string_list'
      ? { type: 'list', 'element-id': elementId(known) ?? nextId(), element: 'string', 'element-required': false }
      : types[column.type];
  if (known && !isDeepStrictEqual(known.type, type)) {
    const before = declaredType(known.type);
    throw new SchemaChangeError(
      `Column ${name} of ${table.name} is declared as ${column.type}, but its current table has it as ${before}. ${insteadOf(table, name, column, before)}`,
    );
  }
  return { id, name, required: table.key.includes(name), type, doc: commentOf(column) };
}

/** What to do instead of giving a column another type. A second column gets only values that the first does not take. */
function insteadOf(table: Table, name: string, column: Column, before: ColumnType): string {
  const { isCustom, type, field = name, isPersonalUnknown } = column;
  const personal = column.personal ?? (isPersonalUnknown ? unknownKind : false);
  if (!isCustom) return 'Declare a new column instead, or put the type back.';
  const cast = type === 'string' ? `: CAST(${name} AS VARCHAR)` : '';
  const advice = `If it holds no value yet, give the column another name. Otherwise put the type back, and convert the values in SQL${cast}.`;
  if (takesEach(before, type, isIdColumn(table, name, { type: before }))) return advice;
  return `${advice} For values that are no ${before}, add a second column: customColumns: { ${table.name}: { ${name}_${type}: { type: '${type}', field: '${field}', personal: ${personal === false ? personal : `'${personal}'`} } } }`;
}

/** The type with which a column of the table may be declared. */
export function declaredType(type: FieldType): ColumnType {
  return columnType.options.find((name) => name !== 'string_list' && types[name] === type) ?? 'string_list';
}

function elementId(field: Field | undefined): number | undefined {
  return typeof field?.type === 'object' ? field.type['element-id'] : undefined;
}

export function lastColumnId(schema: TableSchema): number {
  return Math.max(0, ...schema.fields.flatMap((field) => [field.id, elementId(field) ?? 0]));
}

type Leaf = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;

const text: Leaf = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };

const leaves: Readonly<Record<Extract<FieldType, string>, Leaf>> = {
  string: text,
  timestamptz: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  // No logical type: DuckDB rejects the one that hyparquet-writer writes, see rows/parquet/schema.ts.
  long: { type: 'INT64', converted_type: 'INT_64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
};

/** The Parquet schema of a data file. Readers find columns by field id, not by name. */
export function parquetElements(tableName: string, { fields }: TableSchema): SchemaElement[] {
  return [{ name: tableName, num_children: fields.length }, ...fields.flatMap(elementsOf)];
}

function elementsOf({ id, name, required, type }: Field): SchemaElement[] {
  const column = { name, field_id: id, repetition_type: required ? ('REQUIRED' as const) : ('OPTIONAL' as const) };
  if (typeof type === 'string') return [{ ...column, ...leaves[type] }];
  return [
    { ...column, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', field_id: type['element-id'], ...text },
  ];
}
