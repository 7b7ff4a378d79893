/** The columns that a configuration can add for what runs found: fields without a column, and values that do not fit theirs. */

import { inspect } from 'node:util';
import { columnType } from '../../contract/column-types.ts';
import { type CustomColumns, customColumnsOf, unknownKind } from '../../contract/custom-columns.ts';
import type { RunReport } from '../../contract/run-report.ts';
import { columnAdvice, currentAdvice, type SchemaChange } from '../../contract/schema-changes.ts';
import type { Stream } from '../../contract/stream.ts';
import { isUnfitNow } from '../../contract/unfit-columns.ts';
import { isChangeOfApi, secondColumnFor } from './unfit-text.ts';

/** One column, by its name, and the table that it is added to. */
export interface AddedColumn {
  readonly table: string;
  readonly column: CustomColumns[string];
}

/**
 * The whole `customColumns` of a workspace with the columns to add. They are one block, because in a configuration a
 * second `customColumns` would replace the first.
 * @param streams as the workspace has them, with its custom columns
 * @returns undefined if nothing has to be added
 */
export function columnsToAdd(
  { schemaChanges = [], unfitColumns = [] }: Pick<RunReport, 'schemaChanges' | 'unfitColumns'>,
  streams: readonly Stream[],
): CustomColumns | undefined {
  const unfit = unfitColumns.filter(isUnfitNow);
  return withColumns(customColumnsOf(streams), [
    ...currentAdvice(schemaChanges, streams).flatMap(suggestedIn),
    ...(isChangeOfApi(unfit) ? [] : unfit).map((one) => {
      const stream = streams.find(({ name }) => name === one.table);
      const { name, settings } = secondColumnFor(one, stream);
      return { table: one.table, column: { [name]: settings } };
    }),
  ]);
}

/** Custom columns with others beside them. @returns undefined if there are no others */
export function withColumns(configured: CustomColumns, added: readonly AddedColumn[]): CustomColumns | undefined {
  if (added.length === 0) return undefined;
  const columns: CustomColumns = structuredClone(configured);
  for (const { table, column } of added) columns[table] = { ...columns[table], ...column };
  return columns;
}

/** Columns as the configuration has them, in one line to be copied. */
export function settingText(columns: CustomColumns): string {
  return `customColumns: ${inspect(columns, { depth: null, breakLength: Number.POSITIVE_INFINITY })}`;
}

/** The columns to add as a sentence, for the page and for programs. */
export function columnsNote(columns: CustomColumns): string {
  return `${columnAdvice('these values columns')} ${settingText(columns)}`;
}

/** The column that the text of a suggestion adds. Earlier versions wrote texts without `personal`. */
function suggestedIn({ suggestion }: SchemaChange): AddedColumn[] {
  const [, table, name, given, field] =
    /^customColumns: \{ (\w+): \{ (\w+): \{ type: '(\w+)'(?:, field: '([^']+)')?(?:, personal: '\w+')? \} \} \}$/.exec(
      suggestion ?? '',
    ) ?? [];
  const { data: type } = columnType.safeParse(given);
  if (table === undefined || name === undefined || type === undefined) return [];
  const column = { type, ...(field === undefined ? {} : { field }), personal: unknownKind };
  return [{ table, column: { [name]: column } }];
}
