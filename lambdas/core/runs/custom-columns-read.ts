/**
 * Remembers with which custom columns the rows of a table were read. A list that is normally read only for changes has to
 * be read completely before a new column is filled. A child table fills it parent by parent, because reading the children
 * of every parent takes a request for each: it is told until when.
 */

import type { FillingColumn } from '../../contract/custom-columns.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Plan } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';

const day = 24 * 3_600_000;

/** The custom columns of the tables that a night does not read whole, for the plan of a run. */
export function customColumnsToRead(streams: readonly Stream[]): Pick<Plan, 'customColumns'> {
  const isReadWhole = ({ cursor, parent }: Stream) =>
    parent ? streams.find(({ name }) => name === parent.stream)?.childReading === 'every-night' : !cursor;
  const customColumns = Object.fromEntries(
    streams.flatMap((stream) => {
      const columns = isReadWhole(stream) ? [] : columnForms(stream);
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

/**
 * The columns of child tables after a night: those that every row was read with, and since when the others are read.
 * @param isChild whether a table is read for each row of another
 * @param readWhole the tables of which this night read every row
 */
export function columnsOfChildren(
  { customColumns = {}, fillingColumns = {}, watermarks }: PipelineState,
  plan: Plan,
  night: { isChild(table: string): boolean; readWhole: readonly string[]; childRereadDays: number },
): Required<Pick<PipelineState, 'customColumns' | 'fillingColumns'>> {
  const every: Record<string, string[]> = {};
  const filling = Object.fromEntries(Object.entries(fillingColumns).filter(([table]) => !plan.streams.includes(table)));
  for (const [table, columns] of Object.entries(plan.customColumns ?? {})) {
    if (!night.isChild(table)) continue;
    // Without a watermark, this is the first load.
    const isWhole = watermarks[table] === undefined || night.readWhole.includes(table);
    for (const column of columns) {
      const since = fillingColumns[table]?.[column] ?? plan.startedAt;
      const isOver = Date.parse(plan.startedAt) - Date.parse(since) >= night.childRereadDays * day;
      if (isWhole || isOver || customColumns[table]?.includes(column)) every[table] = [...(every[table] ?? []), column];
      else filling[table] = { ...filling[table], [column]: since };
    }
  }
  return { customColumns: every, fillingColumns: filling };
}

/** What a report says of {@link columnsOfChildren}. */
export function fillingIn({ fillingColumns = {} }: PipelineState, childRereadDays: number): FillingColumn[] {
  return Object.entries(fillingColumns).flatMap(([table, columns]) =>
    Object.entries(columns).map(([column, since]) => ({
      table,
      column: column.slice(0, column.indexOf(':')),
      until: new Date(Date.parse(since) + childRereadDays * day).toISOString(),
    })),
  );
}

/** Each custom column as a text with its field and type. If one of them changes, the column takes other values. */
function columnForms({ columns }: Stream): string[] {
  return Object.entries(columns).flatMap(([name, { isCustom, field = name, type }]) =>
    isCustom ? [`${name}: ${type} of ${field}`] : [],
  );
}
