import { type CustomColumns, unknownKind } from '../../contract/custom-columns.ts';
import type { FieldCount } from '../../contract/field-counts.ts';
import { type Stream, tableOf } from '../../contract/stream.ts';

/** The line of the configuration that gives a field a column. @returns null if it has or needs none: {@link columnFor} */
export function suggestedColumn(stream: Stream, field: string, count: FieldCount): string | null {
  const column = columnFor(stream, field, count);
  if (!column) return null;
  const columns = Object.entries(column).map(
    ([name, { type, field: from, personal }]) =>
      `${name}: { type: '${type}'${from === undefined ? '' : `, field: '${from}'`}, personal: '${personal}' }`,
  );
  return `customColumns: { ${stream.name}: { ${columns.join(', ')} } }`;
}

/**
 * The column that a configuration can give a field.
 * @returns undefined if the field has a column, is part of an object, or had no value yet
 */
export function columnFor(
  stream: Stream,
  field: string,
  count: Pick<FieldCount, 'fits'> | undefined,
): CustomColumns[string] | undefined {
  const [type] = count?.fits ?? [];
  if (type === undefined || field.includes('.')) return undefined;
  const column = columnNameFor(stream, field);
  return { [column]: { type, ...(column === field ? {} : { field }), personal: unknownKind } };
}

function columnNameFor(stream: Stream, field: string): string {
  const name = field
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
  return Object.hasOwn(tableOf(stream).columns, name) ? `${name}_field` : name;
}
