/**
 * Rows of an export file as JSON text, one at a time, never all in memory. The vendor does not document the format. It
 * may be CSV or NDJSON, gzipped or plain, in UTF-8, UTF-16 or windows-1252; the key's ending and the bytes show which.
 */

import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError } from 'csv-parse';
import type { Columns } from '../../contract/column-types.ts';
import { boundedLines, type ByteCount, counted, unpackedWithin } from './bounded-bytes.ts';
import { ExportFileError } from '../errors.ts';
import { byteText, decodeUtf8 } from '../rows/charsets.ts';
import { isJson } from '../rows/json-slices.ts';
import { decodeRow } from '../rows/row-bytes.ts';
import { idOf } from '../rows/row-ids.ts';
import { csvRows } from './csv-rows.ts';
import { asciiBased, beginning } from './file-text.ts';

export interface FileBounds {
  /** A record larger than this cannot be the row of a lead. */
  readonly recordBytes: number;
  /** Maximum size after decompression. */
  readonly fileBytes: number;
  readonly cells: number;
}

/** Number of bytes at the start of a file that identify gzip or ZIP. */
const magicBytes = 4;
/** If the file is NDJSON, its first `{` comes within this many bytes. */
const startBytes = 64;

const bounds: FileBounds = { recordBytes: 4 * 1024 * 1024, fileBytes: 16 * 1024 * 1024 * 1024, cells: 2_000 };

/**
 * Yields the rows of an export file, each as JSON text.
 * @param columns declared columns; their types decide how a CSV cell is read
 * @throws ExportFileError if the file is malformed or exceeds a bound
 */
export async function* exportRows(
  fileKey: string,
  body: AsyncIterable<Uint8Array>,
  columns: Columns,
  { recordBytes, fileBytes, cells }: FileBounds = bounds,
): AsyncGenerator<string> {
  try {
    const packed: ByteCount = { bytes: 0 };
    const raw = await beginning(counted(body, packed), (bytes) => bytes.byteLength >= magicBytes);
    const isGzip = raw.first[0] === 0x1f && raw.first[1] === 0x8b;
    if (isZip(raw.first))
      throw new ExportFileError(
        'The export file is a ZIP archive or a workbook. Only CSV and NDJSON can be read, plain or gzipped.',
      );
    const whole = together(raw.first, raw.rest);
    const text = asciiBased(unpackedWithin(isGzip ? unpacked(whole) : whole, packed, fileBytes));
    const { first, rest } = await beginning(text, (bytes) => bytes.byteLength >= startBytes);
    const stream = together(first, rest);
    const isObject = byteText(first.subarray(0, startBytes)).trimStart().startsWith('{');
    const isNdjson = /\.(ndjson|jsonl)(\.gz)?$/i.test(fileKey) || (isObject && !/\.csv(\.gz)?$/i.test(fileKey));
    yield* isNdjson ? ndjsonRows(stream, recordBytes) : csvRows(stream, columns, { recordBytes, cells });
  } catch (error) {
    throw fileError(error) ?? error;
  }
}

/**
 * Turns an error about the content of the file into an ExportFileError; undefined for an error about its transfer.
 * csv-parse quotes the file in its messages, so only the code is kept.
 */
function fileError(error: unknown): ExportFileError | undefined {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!(error instanceof CsvError) && !code.startsWith('Z_')) return undefined;
  return new ExportFileError(
    `The export file cannot be read (${code}): it is damaged, or its format is unknown. The rows before the fault are kept. Check the file.`,
  );
}

const isZip = ([a, b, c, d]: Uint8Array) => a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04;

/** Unpacks gzip. `pipeline` passes errors of the source on to the reader; `pipe` does not. */
function unpacked(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(stream), createGunzip(), () => {});
}

async function* together(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/**
 * Yields the rows of an NDJSON file.
 * @throws ExportFileError if there are rows, and none has an id
 */
async function* ndjsonRows(stream: AsyncIterable<Uint8Array>, recordBytes: number): AsyncGenerator<string> {
  let [rows, ids] = [0, 0];
  for await (const line of boundedLines(stream, recordBytes)) {
    const text = line.trim();
    if (text === '') continue;
    rows += 1;
    if (ids === 0 && isJson(text) && idOf(decodeUtf8(text).text) !== undefined) ids += 1;
    // A line that is not JSON is kept as text. The row parser rejects it and records where it came from.
    yield isJson(text) ? decodeRow(text) : JSON.stringify(decodeUtf8(line).text);
  }
  if (rows > 0 && ids === 0)
    throw new ExportFileError(
      `None of the ${rows} rows of the export file has an id, so nothing tells which leads it holds. Look at the file.`,
    );
}
