import type { SchemaElement } from 'hyparquet';
import type { ColumnType } from '../../../contract/column-types.ts';
import type { Table } from '../../../contract/stream.ts';

type Leaf = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;

const text: Leaf = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };

const leaves: Record<Exclude<ColumnType, 'string_list'>, Leaf> = {
  string: text,
  json: text,
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  // Not the logical type too: hyparquet-writer 0.17 writes its bit width as an i32 where the format has an i8, and DuckDB refuses the file.
  integer: { type: 'INT64', converted_type: 'INT_64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
};

/** The Parquet schema of a table: key columns are required, all others optional; types in the old spelling (converted) and the new (logical). */
export function parquetSchema(table: Table): SchemaElement[] {
  const columns = Object.entries(table.columns);
  return [
    { name: table.name, num_children: columns.length },
    ...columns.flatMap(([name, { type }]) => element(name, type, table.key.includes(name))),
  ];
}

function element(name: string, type: ColumnType, isKey: boolean): SchemaElement[] {
  const repetition_type = isKey ? 'REQUIRED' : 'OPTIONAL';
  if (type !== 'string_list') return [{ name, repetition_type, ...leaves[type] }];
  return [
    { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', ...text },
  ];
}
