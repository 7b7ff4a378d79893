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
  date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  // No logical type: in its place hyparquet-writer 0.17 writes a bit width of the wrong size (an i32, not the i8 of the
  // format), and DuckDB rejects the file.
  integer: { type: 'INT64', converted_type: 'INT_64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
};

/**
 * The Parquet schema of a table. Key columns are required, all others optional. Types are given in the old form
 * (converted) and the new one (logical).
 */
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
