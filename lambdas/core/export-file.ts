import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';
import type { Columns, ColumnType } from '../contract/column-types.ts';

/**
 * Rows of an export file as JSON text, one after the other and never all at once. The vendor documents no
 * format: CSV or NDJSON, gzipped or plain, told by the key's ending and the first bytes.
 */

/** A record larger than this is no row of a lead. */
const maxRecordBytes = 4 * 1024 * 1024;

/** @param columns declared columns, whose types say how a CSV cell is read */
export async function* exportRows(
  fileKey: string,
  body: AsyncIterable<Uint8Array>,
  columns: Columns,
): AsyncGenerator<string> {
  const raw = await peek(body);
  const isGzip = raw.first[0] === 0x1f && raw.first[1] === 0x8b;
  const plain = isGzip ? await peek(Readable.from(raw.stream).pipe(createGunzip())) : raw;
  const start = new TextDecoder()
    .decode(plain.first.subarray(0, 64))
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (start === '') return;
  const isJson =
    /\.(ndjson|jsonl)(\.gz)?$/i.test(fileKey) || (start.startsWith('{') && !/\.csv(\.gz)?$/i.test(fileKey));
  yield* isJson ? ndjsonRows(plain.stream) : csvRows(plain.stream, columns);
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

async function* ndjsonRows(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const line of createInterface({ input: Readable.from(stream), crlfDelay: Number.POSITIVE_INFINITY })) {
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

async function* csvRows(stream: AsyncIterable<Uint8Array>, columns: Columns): AsyncGenerator<string> {
  const records = Readable.from(stream).pipe(
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: maxRecordBytes }),
  );
  let header: string[] | undefined;
  for await (const record of records as AsyncIterable<string[]>) {
    if (header) yield csvRow(header, record, columns);
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
