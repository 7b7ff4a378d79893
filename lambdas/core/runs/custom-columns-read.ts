/**
 * Remembers with which custom columns the rows of a list were read, because a list that is normally read only for changes
 * has to be read completely before a new column is filled.
 */

import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Plan } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';

/** The custom columns of the lists that are normally read only for changes, for the plan of a run. */
export function customColumnsToRead(streams: readonly Stream[]): Pick<Plan, 'customColumns'> {
  const customColumns = Object.fromEntries(
    streams.flatMap((stream) => {
      const columns = stream.cursor ? columnForms(stream) : [];
      return columns.length === 0 ? [] : [[stream.name, columns]];
    }),
  );
  return Object.keys(customColumns).length === 0 ? {} : { customColumns };
}

/** Whether a list has a custom column with which not every row was read. */
export function lacksCustomColumn(stream: Stream, { customColumns }: PipelineState): boolean {
  const read = customColumns?.[stream.name] ?? [];
  return columnForms(stream).some((column) => !read.includes(column));
}

/**
 * The columns of a reading that ends in this run. Those of its first night, if it took several: the later nights go on
 * where that one stopped.
 */
export function columnsOfReading(
  table: string,
  plan: Pick<Plan, 'customColumns'>,
  begun: PipelineState['resumes'][string] | undefined,
): string[] {
  const now = plan.customColumns?.[table] ?? [];
  return begun ? now.filter((column) => begun.customColumns?.includes(column)) : now;
}

/** The columns that every row was read with, without those that this night has no more: rows that it reads lack them. */
export function columnsEveryRowHas({ customColumns = {} }: PipelineState, plan: Plan): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(customColumns).map(([table, columns]) => [
      table,
      plan.streams.includes(table)
        ? columns.filter((column) => plan.customColumns?.[table]?.includes(column))
        : columns,
    ]),
  );
}

/** Each custom column as a text with its field and type. If one of them changes, the column takes other values. */
function columnForms({ columns }: Stream): string[] {
  return Object.entries(columns).flatMap(([name, { isCustom, field = name, type }]) =>
    isCustom ? [`${name}: ${type} of ${field}`] : [],
  );
}
