import type { Column, Columns, ColumnValues } from './column-types.ts';
import { metaColumns } from './meta-columns.ts';

/** How a stream depends on its parent stream: the API has one listing of it per parent row. */
export interface Parent {
  /** Name of the parent stream. */
  readonly stream: string;
  /** Name of both the path parameter and the column that hold the parent's id. */
  readonly key: string;
}

/** Incremental reading with a time filter that the API's OpenAPI document describes. */
export interface IncrementalCursor {
  /** The column that the filter compares. */
  readonly field: string;
  readonly afterParam: string;
  readonly beforeParam: string;
}

/** Says that a changed row of this stream may mean changed children of another stream's row. */
export interface Hint {
  /** The child stream to read. */
  readonly child: string;
  /** The column of this stream that holds the id of the child's parent. */
  readonly column: string;
}

/** Says which row of another stream a row is about, although the API does not list it below that row. */
export interface About {
  readonly stream: string;
  /** The column that holds that row's id. */
  readonly column: string;
}

/**
 * When the children of a row are read, in addition to the rereading every `CHILD_REREAD_DAYS`:
 * - `when-changed`: when the row is new or changed, and once more in the next run
 * - `until-settled`: also every night until the row has not changed for `settledDays`
 * - `every-night`: always
 */
export type ChildReading = 'when-changed' | 'until-settled' | 'every-night';

/** One table that is read from the API. Everything else about a stream is derived from this declaration. */
export interface Stream<C extends Columns = Columns> {
  /** Table name: snake case, unique. */
  readonly name: string;
  /** API domain, as the vendor's reference names it. */
  readonly domain: string;
  readonly description: string;
  /** Path below the base URL. Its only parameter is the parent's key. */
  readonly path: string;
  /** `list`: pages of rows; `single`: one object per run. */
  readonly shape: 'list' | 'single';
  /** The scope that the API key needs (`x-required-scope` in the API's OpenAPI document). */
  readonly scope: string;
  /** Columns that together identify a row. */
  readonly key: readonly string[];
  readonly parent?: Parent;
  readonly cursor?: IncrementalCursor;
  /** @default 'when-changed' */
  readonly childReading?: ChildReading;
  readonly hints?: readonly Hint[];
  /** The row that each row of this stream is about: both are erased together, as a row and its parent always are. */
  readonly about?: About;
  /** True if the API's OpenAPI document has the `limit` parameter for this list. */
  readonly limit?: boolean;
  /**
   * For rows without an id. Rows of a list with the same value in `within` are numbered from 0 in the order received.
   * The number has its own column.
   */
  readonly numbered?: { readonly column: string; readonly within: string };
  /** Path that returns one row by id. The id is its only parameter. */
  readonly byId?: string;
  /** A second request per row. The path's only parameter is the row's id; the named fields of its answer are added. */
  readonly detail?: { readonly path: string; readonly fields: readonly string[] };
  /** True for rows that never change, such as those of a file: the table has a history but no current table. */
  readonly historyOnly?: boolean;
  readonly columns: C;
}

type ParentKey<S> = S extends { parent: { key: infer K extends string } } ? Record<K, string> : unknown;

/** Type of a stream's row: `Row<typeof leads>`. */
export type Row<S extends Stream> = ParentKey<S> & {
  [K in keyof S['columns']]: ColumnValues[S['columns'][K]['type']] | null;
};

/** A table as Parquet, Glue and the data dictionary see it: all columns, in order. */
export interface Table {
  readonly name: string;
  readonly description: string;
  readonly columns: Columns;
  /** Columns that are never null and together identify a row (or a version of it). */
  readonly key: readonly string[];
}

/** The history table of a stream. Columns in order: the parent's key, the declared columns, the pipeline's columns. */
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

/** Name of a stream's history table. The plain name belongs to the current table. */
export const historyName = ({ name }: { readonly name: string }): string => `${name}_history`;

/** The current table of a stream. It has one row per key, and none for a deleted row. */
export function currentTableOf(stream: Stream): Table {
  const { _deleted_at: _, ...columns } = tableOf(stream).columns;
  return { ...tableOf(stream), columns };
}

/** True if a column holds an id: that of the row itself, or that of another row. */
export function isIdColumn(stream: Pick<Stream, 'key'>, name: string, { type }: Pick<Column, 'type'>): boolean {
  return type === 'string' && (/(^|_)id$/.test(name) || stream.key.includes(name));
}
