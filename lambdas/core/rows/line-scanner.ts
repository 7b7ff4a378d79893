import { columnsByField } from '../../contract/column-types.ts';
import type { JsonType } from '../../contract/field-counts.ts';
import { maxIdLength } from '../../contract/run.ts';
import { isIdColumn, type Stream } from '../../contract/stream.ts';
import { type Counted, countValue, type FieldCounter } from './field-counter.ts';
import { HeadScanner } from './head-scanner.ts';
import { JsonCursor } from './json-cursor.ts';
import type { TableColumns } from './parquet/table-columns.ts';
import { type CellValue, Span } from './parquet/values.ts';
import { digestOf } from './rows.ts';
import { type ValueScanner, valueScanner } from './value-scanners.ts';

/** A field that the rows of a stream may have. */
interface Field {
  readonly name: string;
  /** Range of bytes of the name and its quotes in the line that had the field last. */
  nameFrom: number;
  nameTo: number;
  /** Index of the field's column; undefined for the parent's id, which the head has already given. */
  readonly at: number | undefined;
  readonly isJson: boolean;
  readonly scan: ValueScanner;
  counted: Counted | undefined;
  /** Rows in which the field had this type, and which are not counted yet. */
  pending: number;
  pendingType: JsonType | undefined;
  /** Start of the last line that had the field. */
  seenIn: number;
  /** The field that followed this one in the last row. Most likely it follows again. */
  next: Field | undefined;
}

/** A cell that does not come from the row, by the index of its column. */
interface MetaCell {
  readonly at: number;
  readonly cell: (row: Uint8Array) => CellValue;
}

const nullText = Buffer.from('null');
const [openBrace, closeBrace, colon, lineFeed] = [0x7b, 0x7d, 0x3a, 0x0a];

/** The type of a JSON value by its first character. Null has no type. */
const jsonTypes: readonly (JsonType | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const first = String.fromCharCode(code);
  if (/[-0-9]/.test(first)) return 'number';
  return ({ '"': 'string', '{': 'object', '[': 'list', t: 'boolean', f: 'boolean' } as const)[first];
});

/**
 * Adds lines of a raw chunk to the columns of their table, straight from the bytes: without an object for the row, and
 * without a copy of its texts. This is the fast way for nearly all rows: those in which every field has a column that
 * holds its value exactly. Other lines are left to raw-line.ts and rows.ts, which can parse any row. For a row that
 * both can parse, the result is the same.
 */
export class LineScanner {
  readonly #counter: FieldCounter;
  readonly #columns: TableColumns;
  readonly #cursor: JsonCursor;
  readonly #head: HeadScanner;
  readonly #fields: ReadonlyMap<string, Field>;
  /** Columns of the key. */
  readonly #key: readonly { readonly at: number; readonly isInteger: boolean }[];
  /** The cells that do not come from the row. */
  readonly #metaCells: readonly MetaCell[];
  /** Stands for the start of a row, so that the first field of a row has a predecessor too. */
  readonly #start: Pick<Field, 'next'> = { next: undefined };
  /** The row that is being read: its cells, and its fields in their order with the types of their values. */
  readonly #cells: CellValue[];
  #fieldsOfRow = 0;
  readonly #order: Field[] = [];
  readonly #types: (JsonType | undefined)[] = [];
  readonly #objects: unknown[] = [];

  /** @param bytes the lines, each ended by a line feed */
  constructor(bytes: Buffer, stream: Stream, runId: string, counter: FieldCounter, columns: TableColumns) {
    this.#counter = counter;
    this.#columns = columns;
    this.#cursor = new JsonCursor(bytes);
    this.#head = new HeadScanner(this.#cursor);
    this.#cells = columns.names.map(() => null);
    this.#fields = this.#fieldsOf(stream);
    this.#metaCells = this.#metaCellsOf(stream, runId);
    this.#key = stream.key.map((name) => {
      const type = columns.table.columns[name]?.type;
      return { at: columns.names.indexOf(name), isInteger: type === 'integer' };
    });
  }

  #fieldsOf(stream: Stream): Map<string, Field> {
    const fields = new Map<string, Field>();
    const add = (name: string, at: number | undefined, isJson: boolean, scan: ValueScanner) =>
      fields.set(name, {
        name,
        nameFrom: 0,
        nameTo: 0,
        at,
        isJson,
        scan,
        counted: undefined,
        pending: 0,
        pendingType: undefined,
        seenIn: -1,
        next: undefined,
      });
    // Only the first column of a field: a value that does not fit it leaves the line to rows.ts.
    for (const [field, [name = field]] of columnsByField(stream.columns)) {
      const column = stream.columns[name];
      if (!column) continue;
      const scan = valueScanner(column.type, isIdColumn(stream, name, column), this.#cursor.bytes);
      add(field, this.#columns.names.indexOf(name), column.type === 'json', scan);
    }
    const parentKey = stream.parent?.key;
    if (parentKey !== undefined) add(parentKey, undefined, false, () => undefined);
    return fields;
  }

  #metaCellsOf({ parent, numbered }: Stream, runId: string): MetaCell[] {
    const head = this.#head;
    const cells: readonly (readonly [string | undefined, MetaCell['cell']])[] = [
      [parent?.key, () => head.parent],
      [numbered?.column, () => BigInt(head.position)],
      ['_run_id', () => runId],
      ['_extracted_at', () => head.extractedAt],
      ['_request_id', () => head.requestId],
      ['_digest', digestOf],
    ];
    return cells.flatMap(([name, cell]) =>
      name === undefined ? [] : [{ at: this.#columns.names.indexOf(name), cell }],
    );
  }

  /**
   * Adds the rows of the lines from `from` on, up to a line that it cannot parse, or to the end.
   * @returns where that line begins
   */
  addLines(from: number): number {
    let at = from;
    for (let next = this.#add(at); next !== undefined; next = this.#add(at)) at = next;
    for (const field of this.#fields.values()) countPending(field);
    return at;
  }

  /** @returns where the next line begins; undefined if this line has another form, and nothing was added */
  #add(from: number): number | undefined {
    const cursor = this.#cursor;
    cursor.at = from;
    this.#cells.fill(null);
    this.#fieldsOfRow = 0;
    if (!this.#head.take()) return undefined;
    const start = cursor.at;
    if (!this.#takeFields(from)) return undefined;
    const row = new Uint8Array(cursor.bytes.buffer, cursor.bytes.byteOffset + start, cursor.at - start);
    if (!cursor.takeByte(closeBrace) || !cursor.takeByte(lineFeed)) return undefined;
    for (const { at, cell } of this.#metaCells) this.#cells[at] = cell(row);
    if (!this.#hasUsableKey()) return undefined;
    this.#count();
    this.#columns.addCells(this.#cells);
    return cursor.at;
  }

  /** Parses the row's fields. @param line start of the row's line */
  #takeFields(line: number): boolean {
    const cursor = this.#cursor;
    if (!cursor.takeByte(openBrace)) return false;
    cursor.skipSpace();
    let last = this.#start;
    do {
      const field = this.#takeName(last);
      // If a row repeats a name, the last value counts. Such rows are left to rows.ts.
      if (!field || field.seenIn === line) return false;
      field.seenIn = line;
      last = field;
      if (field.at === undefined) {
        if (!this.#head.takeParentAgain()) return false;
        continue;
      }
      const type = jsonTypes[cursor.bytes[cursor.at] ?? 0];
      const value = cursor.take(nullText) ? null : field.scan(cursor);
      if (value === undefined) return false;
      this.#cells[field.at] = value;
      const index = this.#fieldsOfRow;
      this.#fieldsOfRow += 1;
      this.#order[index] = field;
      this.#types[index] = type;
      if (field.isJson) this.#objects[index] = value === null ? null : cursor.value;
    } while (cursor.takeComma());
    return cursor.takeByte(closeBrace);
  }

  /** Parses the name of the next field and the colon after it. @returns undefined if no column holds the field */
  #takeName(last: Pick<Field, 'next'>): Field | undefined {
    const cursor = this.#cursor;
    let field = last.next;
    if (!field || !cursor.takeAgain(field.nameFrom, field.nameTo)) {
      if (!cursor.takeString() || !cursor.isPlain) return undefined;
      field = last.next = this.#fields.get(cursor.text() ?? '');
      if (!field) return undefined;
      [field.nameFrom, field.nameTo] = [cursor.from - 1, cursor.to + 1];
    }
    cursor.skipSpace();
    if (!cursor.takeByte(colon)) return undefined;
    cursor.skipSpace();
    return field;
  }

  #hasUsableKey(): boolean {
    for (const { at, isInteger } of this.#key) {
      const value = this.#cells[at];
      if (isInteger ? value === null : !isShortText(value)) return false;
    }
    return true;
  }

  #count(): void {
    this.#counter.addRow();
    for (let index = 0; index < this.#fieldsOfRow; index += 1) {
      const field = this.#order[index];
      if (field?.isJson) this.#counter.add(field.name, this.#objects[index], noText, 'fits');
      else if (field) this.#countLater(field, this.#types[index]);
    }
  }

  /** In most rows a field has the same type as in the row before, so such rows are counted together. */
  #countLater(field: Field, type: JsonType | undefined): void {
    if (field.pending === 0 || type !== field.pendingType) {
      countPending(field);
      field.counted ??= this.#counter.counted(field.name);
      field.pendingType = type;
    }
    field.pending += 1;
  }
}

function countPending(field: Field): void {
  if (field.counted && field.pending > 0) countValue(field.counted, field.pendingType, field.pending);
  field.pending = 0;
}

function isShortText(value: CellValue | undefined): boolean {
  const length = value instanceof Span ? value.to - value.from : typeof value === 'string' ? value.length : 0;
  return length > 0 && length <= maxIdLength;
}

const noText = () => '';
