import type { ColumnType, ColumnValue } from '../../contract/column-types.ts';
import { dataFileKey } from '../../contract/current-keys.ts';
import { ColumnValueError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { type FileColumns, parquetFooter, type ReadOptions, readParquetColumns } from '../rows/parquet/read-columns.ts';
import { encode, isOfType } from '../rows/parquet/write.ts';
import { type ColumnStats, columnStats, microseconds } from './bounds.ts';
import type { Field, FieldType, TableSchema } from './metadata.ts';
import { parquetElements } from './schema.ts';

/**
 * Values of each column, in row order. All columns have the same length. A timestamp is a Date or a number of
 * milliseconds.
 */
export type RowColumns = Readonly<Record<string, readonly ColumnValue[]>>;

/** Rows to write. */
export interface RowSource {
  readonly rows: number;
  /**
   * Values of a column; undefined if there is no such column. Each column is asked for once, after the one before was
   * packed. A source that makes the values only then keeps one column of them in memory instead of all.
   */
  column(name: string): readonly ColumnValue[] | undefined;
}

/** Rows whose values are all in memory. */
export function rowSource(columns: RowColumns): RowSource {
  return { rows: Object.values(columns)[0]?.length ?? 0, column: (name) => columns[name] };
}

/** What a manifest records about a data file. */
export interface FileContent {
  readonly rows: number;
  readonly bytes: number;
  /** Byte offsets at which the row groups start. */
  readonly splitOffsets: readonly number[];
  /** Compressed bytes of each field, by field id. */
  readonly columnSizes: ReadonlyMap<number, number>;
  /** Stats of each column, by field id. Lists have no stats. */
  readonly stats: ReadonlyMap<number, ColumnStats>;
}

/** A data file that no snapshot names yet. */
export interface WrittenFile extends FileContent {
  readonly key: string;
  /** The schema that the file was written with. */
  readonly schema: TableSchema;
}

/** Rows per row group: enough for columns to compress well, few enough for a lookup to read little. */
const rowGroupSize = 50_000;

/**
 * Writes rows as one data file that no snapshot names yet. Rows should be sorted by key: bounds and row groups then let
 * a reader skip most of the table. A column that the source lacks is null. A file that no commit names is deleted after
 * a day at the earliest, see expire.ts.
 * @throws ColumnValueError that names table and column if a value does not have its column's type
 */
export async function writeDataFile(
  store: ObjectStore,
  table: { readonly name: string },
  schema: TableSchema,
  source: RowSource,
  { now, newId }: { readonly now: Date; readonly newId: () => string },
): Promise<WrittenFile> {
  const { bytes, content } = encodeDataFile(table, schema, source);
  const key = dataFileKey(table.name, now, newId());
  await store.put(key, bytes);
  return { key, schema, ...content };
}

/**
 * Encodes rows as a data file.
 * @throws ColumnValueError, see {@link writeDataFile}; Error if there are no rows: some readers reject such a file
 */
export function encodeDataFile(
  table: { readonly name: string },
  schema: TableSchema,
  { rows, column }: RowSource,
): { readonly bytes: Uint8Array; readonly content: FileContent } {
  if (rows === 0) throw new Error(`A data file of ${table.name} would have no row.`);
  const stats = new Map<number, ColumnStats>();
  const columns = schema.fields.map((field) => () => {
    const values = column(field.name) ?? Array.from<null>({ length: rows }).fill(null);
    check(table.name, field, values);
    if (typeof field.type === 'string') stats.set(field.id, columnStats(values, field.required, field.type));
    return field.type === 'timestamptz' ? values.map(inMicroseconds) : values;
  });
  const bytes = encode(parquetElements(table.name, schema), rows, columns, { rowGroupSize });
  return { bytes, content: { rows, bytes: bytes.byteLength, stats, ...layoutOf(bytes, schema) } };
}

function inMicroseconds(value: ColumnValue): bigint | null {
  return value instanceof Date || typeof value === 'number' ? microseconds(value) : null;
}

const columnTypeOf: Readonly<Record<Extract<FieldType, string>, ColumnType>> = {
  string: 'string',
  timestamptz: 'timestamp',
  date: 'date',
  long: 'integer',
  double: 'number',
  boolean: 'boolean',
};

function check(table: string, { name, type, required }: Field, values: readonly ColumnValue[]): void {
  const columnType = typeof type === 'string' ? columnTypeOf[type] : 'string_list';
  const isRight = columnType === 'timestamp' ? isTime : isOfType[columnType];
  if (values.every((value) => (value === null ? !required : isRight(value)))) return;
  const expected = `${required ? '' : 'null or '}a ${columnType}`;
  throw new ColumnValueError(`Column ${name} of ${table} takes ${expected}. No data file was written.`);
}

function isTime(value: ColumnValue): boolean {
  return Number.isInteger(value) || isOfType.timestamp(value);
}

function layoutOf(bytes: Uint8Array, { fields }: TableSchema): Pick<FileContent, 'splitOffsets' | 'columnSizes'> {
  const ids = new Map(fields.map(({ name, id, type }) => [name, typeof type === 'string' ? id : type['element-id']]));
  const columnSizes = new Map<number, number>();
  const splitOffsets: number[] = [];
  for (const { columns } of parquetFooter(bytes).row_groups) {
    for (const { meta_data } of columns) {
      const id = ids.get(meta_data?.path_in_schema[0] ?? '') ?? 0;
      columnSizes.set(id, (columnSizes.get(id) ?? 0) + Number(meta_data?.total_compressed_size));
    }
    const first = columns[0]?.meta_data;
    splitOffsets.push(Number(first?.dictionary_page_offset ?? first?.data_page_offset));
  }
  return { splitOffsets, columnSizes };
}

/**
 * Reads columns of a data file by their names in the schema, and finds them in the file by field id. A column that was
 * added after the file was written is null in each row. Code that rewrites a file has to read all fields of the schema,
 * to keep columns that this version of the code does not declare.
 * @throws DamagedObjectError if the file cannot be decoded
 */
export function readColumns(
  key: string,
  bytes: Uint8Array,
  schema: TableSchema,
  names: readonly string[],
  options: Pick<ReadOptions, 'timesAsNumbers'> = {},
): Promise<Record<string, ColumnValue[]>> {
  const nameInFile = (name: string, columns: FileColumns) => {
    const id = schema.fields.find((field) => field.name === name)?.id;
    return columns.find(({ fieldId }) => fieldId === id)?.name;
  };
  return readParquetColumns(key, bytes, names, { ...options, nameInFile });
}
