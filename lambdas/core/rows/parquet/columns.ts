import type { SchemaElement } from 'hyparquet';
import type { ColumnValue } from '../../../contract/column-types.ts';
import { IntList } from './int-list.ts';
import { BooleanValues } from './boolean-values.ts';
import { DayValues } from './day-values.ts';
import { FixedValues } from './fixed-values.ts';
import { TextValues } from './text-values.ts';
import type { CellValue, Text, Values } from './values.ts';

/** A column of a file, filled row by row. */
export interface ParquetColumn {
  /** The elements of the schema from the column to its values. */
  readonly path: readonly SchemaElement[];
  readonly values: Values;
  readonly rows: number;
  add(cell: CellValue): void;
  valueAt(row: number): ColumnValue;
  /** Dremel's levels of each slot: https://parquet.apache.org/docs/file-format/nestedencoding/ */
  levels(): Levels;
}

export interface Levels {
  /** The definition level of a value. A lower level means null. 0 if the column can have no nulls. */
  readonly maxDefinition: number;
  readonly definition: Uint8Array;
  /** 0 if a slot starts a row, 1 if it goes on with a list. Undefined if each slot is a row. */
  readonly repetition?: Uint8Array;
}

/** The columns of a schema, without rows. */
export function columnsOf(schema: readonly SchemaElement[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  for (let at = 1; at < schema.length; at += 1) {
    const [element, list, item] = schema.slice(at, at + 3);
    if (element?.num_children === undefined && element) columns.push(new FlatColumn(element));
    else if (element && list && item) {
      columns.push(new ListColumn([element, list, item]));
      at += 2;
    }
  }
  return columns;
}

/** A column with one value or null per row. */
class FlatColumn implements ParquetColumn {
  readonly path: readonly SchemaElement[];
  readonly values: Values;

  constructor(element: SchemaElement) {
    this.path = [element];
    this.values = valuesOf(element);
  }

  get rows(): number {
    return this.values.slots;
  }

  add(cell: CellValue): void {
    this.values.add(cell);
  }

  valueAt(row: number): ColumnValue {
    const number = this.values.numbers[row] ?? -1;
    return number < 0 ? null : this.values.valueOf(number);
  }

  levels(): Levels {
    const maxDefinition = this.path[0]?.repetition_type === 'REQUIRED' ? 0 : 1;
    const { numbers } = this.values;
    const definition = new Uint8Array(numbers.length);
    for (let row = 0; row < numbers.length; row += 1) definition[row] = numbers[row] === -1 ? 0 : 1;
    return { maxDefinition, definition };
  }
}

function valuesOf(element: SchemaElement): Values {
  if (element.type === 'BYTE_ARRAY') return new TextValues();
  if (element.type === 'BOOLEAN') return new BooleanValues();
  return element.type === 'INT32' ? new DayValues() : new FixedValues(element);
}

/** A column of lists of texts. A list that is null or empty takes one slot, without a value. */
class ListColumn implements ParquetColumn {
  readonly path: readonly SchemaElement[];
  readonly values = new TextValues();
  /** For each row: its first slot. */
  readonly #starts = new IntList();
  readonly #definition = new IntList();
  /** Levels of a list that is null, of an empty one, and of a text. */
  readonly #ofNull = 0;
  readonly #ofEmpty: number;
  readonly #ofText: number;

  constructor(path: readonly SchemaElement[]) {
    this.path = path;
    const [list, , text] = path.map(({ repetition_type }) => (repetition_type === 'REQUIRED' ? 0 : 1));
    this.#ofEmpty = list ?? 0;
    this.#ofText = this.#ofEmpty + 1 + (text ?? 0);
  }

  get rows(): number {
    return this.#starts.length;
  }

  add(cell: CellValue): void {
    this.#starts.push(this.values.slots);
    if (cell !== null && !isList(cell)) throw new TypeError('A column of lists was given something else.');
    if (cell === null || cell.length === 0) {
      this.values.add(null);
      this.#definition.push(cell === null ? this.#ofNull : this.#ofEmpty);
    } else
      for (const text of cell) {
        this.values.add(text);
        this.#definition.push(this.#ofText);
      }
  }

  valueAt(row: number): ColumnValue {
    const start = this.#starts.at(row);
    const end = row + 1 < this.rows ? this.#starts.at(row + 1) : this.values.slots;
    const numbers = this.values.numbers.subarray(start, end);
    if (numbers[0] === -1) return this.#definition.at(start) === this.#ofNull ? null : [];
    return Array.from(numbers, (number) => this.values.valueOf(number));
  }

  levels(): Levels {
    const repetition = new Uint8Array(this.#definition.length).fill(1);
    for (const start of this.#starts.all) repetition[start] = 0;
    return { maxDefinition: this.#ofText, definition: Uint8Array.from(this.#definition.all), repetition };
  }
}

function isList(cell: CellValue): cell is readonly Text[] {
  return Array.isArray(cell);
}
