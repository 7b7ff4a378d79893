import type { FieldCount } from '../../contract/field-counts.ts';
import { type Stream, tableOf } from '../../contract/stream.ts';

/**
 * The line of the configuration that gives a field a column. @returns null if the field has a column, is part of an
 * object, or had no value yet
 */
export function suggestedColumn(stream: Stream, field: string, { fits }: FieldCount): string | null {
  const [type] = fits ?? [];
  if (type === undefined || field.includes('.')) return null;
  const column = columnNameFor(stream, field);
  const from = column === field ? '' : `, field: '${field}'`;
  return `customColumns: { ${stream.name}: { ${column}: { type: '${type}'${from} } } }`;
}

function columnNameFor(stream: Stream, field: string): string {
  const name = field
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
  return Object.hasOwn(tableOf(stream).columns, name) ? `${name}_field` : name;
}
