import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import type { Columns, ColumnType } from '../../contract/column-types.ts';
import { boundedLines, type ByteCount, counted, unpackedWithin } from './bounded-bytes.ts';
import { ExportFileError } from '../errors.ts';

/**
 * Rows of an export file as JSON text, one after the other and never all at once. The vendor documents no
 * format: CSV or NDJSON, gzipped or plain, told by the key's ending and the first bytes.
 */

export interface FileBounds {
  /** A record larger than this is no row of a lead. */
  readonly recordBytes: number;
  /** Unpacked. */
  readonly fileBytes: number;
  readonly cells: number;
}

const bounds: FileBounds = { recordBytes: 4 * 1024 * 1024, fileBytes: 16 * 1024 * 1024 * 1024, cells: 2_000 };

/**
 * @param columns declared columns, whose types say how a CSV cell is read
 * @throws ExportFileError where the file is not of its format, or over a bound
 */
export async function* exportRows(
  fileKey: string,
  body: AsyncIterable<Uint8Array>,
  columns: Columns,
  { recordBytes, fileBytes, cells }: FileBounds = bounds,
): AsyncGenerator<string> {
  try {
    const packed: ByteCount = { bytes: 0 };
    const raw = await peek(counted(body, packed));
    const isGzip = raw.first[0] === 0x1f && raw.first[1] === 0x8b;
    const plain = isGzip ? await peek(unpacked(raw.stream)) : raw;
    const stream = unpackedWithin(plain.stream, packed, fileBytes);
    const start = new TextDecoder()
      .decode(plain.first.subarray(0, 64))
      .replace(/^\uFEFF/, '')
      .trimStart();
    const isNdjson =
      /\.(ndjson|jsonl)(\.gz)?$/i.test(fileKey) || (start.startsWith('{') && !/\.csv(\.gz)?$/i.test(fileKey));
    yield* isNdjson ? ndjsonRows(stream, recordBytes) : csvRows(stream, columns, recordBytes, cells);
  } catch (error) {
    throw fileError(error) ?? error;
  }
}

/** What says that the file is bad, and not the way to it. The messages of csv-parse quote the file. */
function fileError(error: unknown): ExportFileError | undefined {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!(error instanceof CsvError) && !code.startsWith('Z_')) return undefined;
  return new ExportFileError(
    `The export file cannot be read (${code}): it is damaged, or of no form that is known. What came before is kept; look at the file.`,
  );
}

/** An error of the source reaches whoever reads, which that of a plain pipe does not. */
function unpacked(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(stream), createGunzip(), () => {});
}

async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ first: Uint8Array; stream: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const next = await iterator.next();
  const first = next.done ? new Uint8Array() : next.value;
  return {
    first,
    stream: (async function* () {
      yield first;
      for (let more = await iterator.next(); !more.done; more = await iterator.next()) yield more.value;
    })(),
  };
}

async function* ndjsonRows(stream: AsyncIterable<Uint8Array>, recordBytes: number): AsyncGenerator<string> {
  for await (const line of boundedLines(stream, recordBytes)) {
    const text = line.replace(/^\uFEFF/, '').trim();
    if (text === '') continue;
    // A line that is not JSON is kept as text: the row parser sets it aside, with where it came from.
    yield isJson(text) ? text : JSON.stringify(line);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function* csvRows(
  stream: AsyncIterable<Uint8Array>,
  columns: Columns,
  recordBytes: number,
  cells: number,
): AsyncGenerator<string> {
  const records = pipeline(
    Readable.from(stream),
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: recordBytes }),
    () => {},
  );
  let header: string[] | undefined;
  for await (const record of records as AsyncIterable<string[]>) {
    const isWide = record.length > cells;
    if (header) yield isWide ? JSON.stringify(record.join(',')) : csvRow(header, record, columns);
    else if (isWide) throw new ExportFileError(`The export file has ${record.length} columns, more than ${cells}.`);
    else header = record.map((name) => name.trim());
  }
}

/** Cells beyond the header are kept under their number. */
function csvRow(header: readonly string[], record: readonly string[], columns: Columns): string {
  const members = record.map((cell, index) => {
    const name = header[index] || `column_${index + 1}`;
    const type = Object.hasOwn(columns, name) ? columns[name]?.type : undefined;
    return `${JSON.stringify(name)}:${JSON.stringify(cellValue(cell, type))}`;
  });
  return `{${members.join(',')}}`;
}

/** CSV knows only text: an empty cell is null, and a declared type reads it. What does not read stays text. */
function cellValue(cell: string, type: ColumnType | undefined): unknown {
  if (cell === '') return null;
  if (type === 'boolean') return /^(true|t|yes|1)$/i.test(cell) ? true : /^(false|f|no|0)$/i.test(cell) ? false : cell;
  if (type === 'string_list') return listOf(cell);
  return cell;
}

function listOf(cell: string): unknown {
  if (cell.startsWith('[') && isJson(cell)) return JSON.parse(cell) as unknown;
  return cell
    .split(/[;,|]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
