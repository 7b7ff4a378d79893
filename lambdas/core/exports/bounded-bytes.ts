/** Limits on reading a file that someone else wrote. */

import { ExportFileError } from '../errors.ts';
import { type ByteText, byteText } from '../rows/charsets.ts';

export interface ByteCount {
  bytes: number;
}

/** Up to this unpacked size, the compression ratio is not checked. */
const freeBytes = 64 * 1024 * 1024;
/**
 * Most times its compressed size that a file may unpack to. Rows of leads compress to a tenth or a twentieth; a file
 * with a higher ratio than this is a decompression bomb.
 */
const maxRatio = 200;

export async function* counted(source: AsyncIterable<Uint8Array>, count: ByteCount): AsyncGenerator<Uint8Array> {
  for await (const bytes of source) {
    count.bytes += bytes.byteLength;
    yield bytes;
  }
}

/**
 * Passes unpacked bytes on, up to a limit.
 * @param packed count of the compressed bytes read so far
 * @throws ExportFileError if there are more than `maxBytes`, or more than 200 times the compressed bytes
 */
export async function* unpackedWithin(
  source: AsyncIterable<Uint8Array>,
  packed: ByteCount,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const bytes of source) {
    size += bytes.byteLength;
    if (size > maxBytes) throw new ExportFileError(`The export file unpacks to more than ${maxBytes} bytes.`);
    if (size > freeBytes && size > packed.bytes * maxRatio)
      throw new ExportFileError(
        `The export file unpacks to more than ${maxRatio} times its size, which no export of leads does.`,
      );
    yield bytes;
  }
}

const lineFeed = 0x0a;

/**
 * Lines without their line ends.
 * @throws ExportFileError if a line is longer than `maxBytes`; the rest of it is not read
 */
export async function* boundedLines(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<ByteText> {
  let begun: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array) => {
    size += part.byteLength;
    if (size > maxBytes) throw new ExportFileError(`A line of the export file is longer than ${maxBytes} bytes.`);
    begun.push(part);
  };
  for await (const bytes of source) {
    let from = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, from)) {
      take(bytes.subarray(from, end));
      yield textOf(begun);
      [begun, size] = [[], 0];
      from = end + 1;
    }
    take(bytes.subarray(from));
  }
  if (size > 0) yield textOf(begun);
}

function textOf(parts: readonly Uint8Array[]): ByteText {
  return byteText(Buffer.concat(parts)).replace(/\r$/, '');
}
