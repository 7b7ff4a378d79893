/** Converts export files to a charset that is based on ASCII: UTF-8, or a one-byte charset such as windows-1252. */

import { ExportFileError } from '../errors.ts';

/**
 * Detects UTF-16 by a byte order mark, or by a zero byte among the first two: the text of the file starts with an ASCII
 * character.
 */
function utf16Of([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : undefined;
}

/**
 * Yields the same text without its byte order mark. UTF-16 becomes UTF-8.
 * @throws ExportFileError if the file starts as UTF-16 but is not valid UTF-16
 */
export async function* asciiBased(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { first, rest } = await beginning(source, (bytes) => bytes.byteLength >= 3);
  const charset = utf16Of(first);
  if (charset === undefined) {
    const hasMark = first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf;
    yield hasMark ? first.subarray(3) : first;
    yield* rest;
    return;
  }
  const decoder = new TextDecoder(charset, { fatal: true });
  const encoder = new TextEncoder();
  try {
    yield encoder.encode(decoder.decode(first, { stream: true }));
    for await (const bytes of rest) yield encoder.encode(decoder.decode(bytes, { stream: true }));
    decoder.decode();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw new ExportFileError(
      'The export file is damaged: it begins as UTF-16, but later bytes are not UTF-16. Check the file.',
    );
  }
}

/**
 * Reads until `isEnough` or the end of the source.
 * @returns the bytes that were read, and the rest
 */
export async function beginning(
  source: AsyncIterable<Uint8Array>,
  isEnough: (bytes: Uint8Array) => boolean,
): Promise<{ first: Uint8Array; rest: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array();
  for (let next = await iterator.next(); ; next = await iterator.next()) {
    if (next.done) return { first, rest: (async function* () {})() };
    first = first.byteLength === 0 ? next.value : Buffer.concat([first, next.value]);
    if (isEnough(first)) return { first, rest: { [Symbol.asyncIterator]: () => iterator } };
  }
}
