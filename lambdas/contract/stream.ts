import type { Columns, ColumnValues } from './column-types.ts';
import { metaColumns } from './meta-columns.ts';

/** How a stream hangs below another: one listing of it per parent row. */
export interface Parent {
  /** Name of the parent stream. */
  readonly stream: string;
  /** The path parameter, and the column, that hold the parent's id. */
  readonly key: string;
}

/** Incremental reading by a time filter that the contract documents. */
export interface IncrementalCursor {
  /** The column that the filter speaks of. */
  readonly field: string;
  readonly afterParam: string;
  readonly beforeParam: string;
}

/** A changed row of this stream says that children of another stream's row may have changed too. */
export interface Hint {
  /** The child stream to read. */
  readonly child: string;
  /** The column of this stream that holds the id of its parent. */
  readonly column: string;
}

/**
 * When the children of a row are read, besides the rota:
 * - `when-changed`: when the row is new or changed, and once more in the next run
 * - `until-settled`: every night too, until the row has not changed for `settledDays`
 * - `every-night`: always
 */
export type ChildReading = 'when-changed' | 'until-settled' | 'every-night';

/** One table read from the API. Everything about a stream is derived from this declaration. */
export interface Stream<C extends Columns = Columns> {
  /** Table name: snake case, unique. */
  readonly name: string;
  /** API domain, as the vendor's reference names it. */
  readonly domain: string;
  readonly description: string;
  /** Path below the base URL, with the parent's key as its only parameter. */
  readonly path: string;
  /** `list`: pages of rows; `single`: one object a run. */
  readonly shape: 'list' | 'single';
  /** The scope that the API key needs (`x-required-scope` of the contract). */
  readonly scope: string;
  /** Columns whose values together say which row this is. */
  readonly key: readonly string[];
  readonly parent?: Parent;
  readonly cursor?: IncrementalCursor;
  /** When the children of a row are read. @default 'when-changed' */
  readonly childReading?: ChildReading;
  readonly hints?: readonly Hint[];
  /** True where the contract documents `limit` for this list. */
  readonly limit?: boolean;
  /**
   * The rows have no id: those of a list with the same value in `within` are numbered in the order in which they
   * come, from 0, in a column of their own.
   */
  readonly numbered?: { readonly column: string; readonly within: string };
  /** Path that gives one row by its id, its only parameter. */
  readonly byId?: string;
  /** A second answer per row (path with the row's id as its only parameter), whose named fields join the row. */
  readonly detail?: { readonly path: string; readonly fields: readonly string[] };
  /** True for rows that only ever happen, such as those of a file: the table has a history and no current rows. */
  readonly historyOnly?: boolean;
  readonly columns: C;
}

type ParentKey<S> = S extends { parent: { key: infer K extends string } } ? Record<K, string> : unknown;

/** The row type of a stream: `Row<typeof leads>`. */
export type Row<S extends Stream> = ParentKey<S> & {
  [K in keyof S['columns']]: ColumnValues[S['columns'][K]['type']] | null;
};

/** A table as Parquet, Glue and the data dictionary see it: all its columns, in order. */
export interface Table {
  readonly name: string;
  readonly description: string;
  readonly columns: Columns;
  /** Columns that are never null and together identify a row (or a version of it). */
  readonly key: readonly string[];
}

/** The history table of a stream: the parent's key, the declared columns, then the columns of the pipeline. */
export function tableOf(stream: Stream): Table {
  const parentColumn: Columns = stream.parent
    ? {
        [stream.parent.key]: {
          type: 'string',
          description: `Id of the row of ${stream.parent.stream} that this row belongs to.`,
        },
      }
    : {};
  return {
    name: stream.name,
    description: stream.description,
    columns: { ...parentColumn, ...stream.columns, ...metaColumns },
    key: stream.key,
  };
}

/** Name of the history table of a stream: the plain name is that of its current table. */
export const historyName = ({ name }: { readonly name: string }): string => `${name}_history`;

/** The current table of a stream: one row a key, so it has no tombstones. */
export function currentTableOf(stream: Stream): Table {
  const { _deleted_at: _, ...columns } = tableOf(stream).columns;
  return { ...tableOf(stream), columns };
}
