import { type Options, parse } from 'csv-parse';
import type { Columns, ColumnType } from '../../contract/column-types.ts';
import { ExportFileError } from '../errors.ts';
import { byteText, bytesOf, decodeUtf8 } from '../rows/charsets.ts';
import { isJson } from '../rows/json-slices.ts';
import { withBytes } from '../rows/row-bytes.ts';
import { type CsvHeader, csvHeader } from './csv-header.ts';
import { beginning } from './file-text.ts';

/**
 * Cells are parsed as Latin-1, which maps each byte to a character, and then decoded one by one: a file may mix UTF-8
 * and windows-1252.
 */
const encoding = 'latin1';
/** The header must end within this many bytes. */
const longestHeaderBytes = 65_536;
/** In a file with at least this many columns, a record of one cell is a remark such as `Total: 40 rows`. */
const fewestColumnsOfRows = 3;

export interface CsvBounds {
  readonly recordBytes: number;
  readonly cells: number;
}

/**
 * Rows of a CSV file as JSON text. The delimiter is taken from the header, or from a line `sep=;` before it. A record
 * that is not a row becomes a JSON string, which is rejected later.
 * @param source text in an ASCII-based charset, without a byte order mark
 * @throws ExportFileError if no column is an id, or there are too many columns
 */
export async function* csvRows(
  source: AsyncIterable<Uint8Array>,
  columns: Columns,
  { recordBytes, cells }: CsvBounds,
): AsyncGenerator<string> {
  const { first, rest } = await beginning(
    source,
    (bytes) => bytes.byteLength >= longestHeaderBytes || /[^\r\n][\r\n]/.test(byteText(bytes)),
  );
  const { delimiter, start } = opening(byteText(first));
  const bytes = (async function* () {
    yield first.subarray(start);
    yield* rest;
  })();
  const records = recordsOf(bytes, { delimiter, max_record_size: recordBytes });
  let header: CsvHeader | undefined;
  for await (const record of records) {
    if (header)
      yield record.length > cells || isRemark(record, header) ? asText(record, delimiter) : csvRow(header, record);
    else if (record.length > cells)
      throw new ExportFileError(`The export file has ${record.length} columns, more than ${cells}.`);
    else
      header = csvHeader(
        record.map((name) => decodeUtf8(name).text),
        columns,
      );
  }
}

/**
 * Parses the records of a CSV file. The parser is not used as a stream: after an error in a later record, a stream
 * would drop records that it had already parsed.
 */
async function* recordsOf(
  source: AsyncIterable<Uint8Array>,
  options: Pick<Options, 'delimiter' | 'max_record_size'>,
): AsyncGenerator<string[]> {
  const records: string[][] = [];
  const take = (record: string[]) => void records.push(record);
  const relaxed = { relax_quotes: true, relax_column_count: true, skip_empty_lines: true } as const;
  const parser = parse({ ...options, ...relaxed, encoding, on_record: take });
  // Each `step` below returns its own failure. Without a listener, Node would also throw it.
  parser.on('error', () => {}).resume();
  const step = async (act: (done: (error?: Error | null) => void) => unknown) =>
    new Promise<Error | undefined>((resolve) => void act((error) => resolve(error ?? undefined)));
  for await (const bytes of source) {
    const failure = await step((done) => parser.write(bytes, done));
    yield* records.splice(0);
    if (failure) throw failure;
  }
  const failure = await step((done) => parser.end(done));
  yield* records.splice(0);
  if (failure) throw failure;
}

const delimiters = [',', ';', '\t', '|'] as const;

function opening(text: string): { delimiter: string; start: number } {
  const said = /^\s*sep=([^\r\n])(?:\r\n|\r|\n)/i.exec(text);
  if (said?.[1]) return { delimiter: said[1], start: said[0].length };
  const header = /[^\r\n]+/.exec(text)?.[0].replaceAll(/"(?:[^"]|"")*"/g, '') ?? '';
  const count = (delimiter: string) => header.split(delimiter).length;
  return { delimiter: delimiters.toSorted((a, b) => count(b) - count(a))[0] ?? ',', start: 0 };
}

const isRemark = (record: readonly string[], { names }: CsvHeader) =>
  record.length === 1 && names.length >= fewestColumnsOfRows;

const asText = (record: readonly string[], delimiter: string) =>
  JSON.stringify(decodeUtf8(record.join(delimiter)).text);

function csvRow(header: CsvHeader, record: readonly string[]): string {
  const unreadable: Record<string, string> = {};
  const members = record.map((cell, index) => {
    const name = header.names[index] ?? header.nameBeyond(index);
    const { text, isUtf8 } = decodeUtf8(cell);
    if (!isUtf8) unreadable[name] = bytesOf(cell).toString('base64');
    return `${JSON.stringify(name)}:${JSON.stringify(cellValue(text, header.types[index]))}`;
  });
  const row = `{${members.join(',')}}`;
  return Object.keys(unreadable).length === 0 ? row : withBytes(row, unreadable);
}

/**
 * The value of a cell. CSV has only text: an empty cell is null, and the declared type says how to read any other. A
 * cell that does not fit its type stays text.
 */
function cellValue(cell: string, type: ColumnType | undefined): unknown {
  if (cell === '') return null;
  if (type === 'boolean') return /^(true|t|yes|1)$/i.test(cell) ? true : /^(false|f|no|0)$/i.test(cell) ? false : cell;
  if (type === 'string_list') return listOf(cell);
  return cell;
}

/**
 * Parses a list in one cell: JSON, or items separated by `;` or `|`. Commas separate items only if there is neither,
 * because an item may contain a comma.
 */
function listOf(cell: string): unknown {
  if (cell.startsWith('[') && isJson(cell)) return JSON.parse(cell) as unknown;
  const separator = [';', '|'].find((one) => cell.includes(one)) ?? ',';
  return cell
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
