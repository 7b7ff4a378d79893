/**
 * Bytes of the API and of files, and what they say. Bytes are handed around as Latin-1 text, in which a character is
 * a byte: JSON and CSV can be cut into pieces in it, and a large body takes no more memory than its bytes.
 */

const encoding = 'latin1';

/** Bytes as text in which each is a character. */
export type ByteText = string;

export function byteText(bytes: Uint8Array): ByteText {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, encoding);
}

const beyondAscii = /[\u0080-\u00ff]/;
const utf8Sequence =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

export interface Decoded {
  readonly text: string;
  /** False if some bytes are no UTF-8. */
  readonly isWhole: boolean;
}

/** UTF-8 as text. Bytes that are none are read as windows-1252, in which they were most often meant. */
export function decodeUtf8(bytes: ByteText): Decoded {
  if (!beyondAscii.test(bytes)) return { text: bytes, isWhole: true };
  // It may be a piece of a larger text, in which a byte order mark is none.
  const text = decodeStrictly(bytesOf(bytes), 'utf-8', true);
  if (text !== undefined) return { text, isWhole: true };
  const mended = bytes.replaceAll(utf8Sequence, (sequence) =>
    sequence.length > 1 ? bytesOf(sequence).toString() : windows1252.decode(bytesOf(sequence)),
  );
  return { text: mended, isWhole: false };
}

const windows1252 = new TextDecoder('windows-1252');

/**
 * The body of an answer in UTF-8, without a byte order mark, whatever charset it is in.
 * @returns undefined if it declares a charset that is not known, or one (other than UTF-8) that its bytes do not fit
 */
export function toUtf8(body: ByteText, contentType: string | null): ByteText | undefined {
  const charset = charsetOfMark(body) ?? declaredCharset(body, contentType);
  if (/^utf-?8$/i.test(charset)) return body.startsWith(utf8Mark) ? body.slice(utf8Mark.length) : body;
  const text = decodeStrictly(bytesOf(body), charset);
  return text === undefined ? undefined : byteText(Buffer.from(text));
}

const utf8Mark = '\u00ef\u00bb\u00bf';

function charsetOfMark(body: ByteText): string | undefined {
  if (body.startsWith(utf8Mark)) return 'utf-8';
  if (body.startsWith('\u00ff\u00fe')) return 'utf-16le';
  return body.startsWith('\u00fe\u00ff') ? 'utf-16be' : undefined;
}

/** JSON begins with ASCII, so a zero among its first two bytes tells UTF-16 and its byte order. */
function declaredCharset(body: ByteText, contentType: string | null): string {
  if (body.startsWith('\u0000')) return 'utf-16be';
  if (body[1] === '\u0000') return 'utf-16le';
  return /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
}

function decodeStrictly(bytes: Uint8Array, charset: string, ignoreBOM = false): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM }).decode(bytes);
  } catch {
    return undefined;
  }
}
