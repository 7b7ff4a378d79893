/**
 * Converts bytes of the API and of files to text. Bytes are passed around as Latin-1 text, in which each character is
 * one byte: JSON and CSV can be cut in this form, and a large body takes no more memory than its bytes.
 */

const encoding = 'latin1';

/** Bytes as text in which each character is one byte. */
export type ByteText = string;

export function byteText(bytes: Uint8Array): ByteText {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, encoding);
}

const nonAscii = /[\u0080-\u00ff]/;
const utf8Sequence =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

export interface Decoded {
  readonly text: string;
  /** False if the bytes were not valid UTF-8, so that some of the text is a guess. */
  readonly isUtf8: boolean;
}

/** Decodes UTF-8. Other bytes are decoded as windows-1252, which is most often what they are. */
export function decodeUtf8(bytes: ByteText): Decoded {
  if (!nonAscii.test(bytes)) return { text: bytes, isUtf8: true };
  // The bytes may be a piece of a larger text, where a byte order mark is an ordinary character.
  const text = decodeStrictly(bytesOf(bytes), 'utf-8', true);
  if (text !== undefined) return { text, isUtf8: true };
  const mended = bytes.replaceAll(utf8Sequence, (sequence) =>
    sequence.length > 1 ? bytesOf(sequence).toString() : windows1252.decode(bytesOf(sequence)),
  );
  return { text: mended, isUtf8: false };
}

const windows1252 = new TextDecoder('windows-1252');

/**
 * The body of an answer in UTF-8 without a byte order mark, whatever its charset. If the charset is unknown or does not
 * fit the bytes, the bytes stay as they are: {@link decodeUtf8} tells which of them are not UTF-8.
 */
export function toUtf8(body: ByteText, contentType: string | null): ByteText {
  const charset = charsetOfMark(body) ?? declaredCharset(body, contentType);
  if (/^utf-?8$/i.test(charset)) return body.startsWith(utf8Mark) ? body.slice(utf8Mark.length) : body;
  const text = decodeStrictly(bytesOf(body), charset);
  return text === undefined ? body : byteText(Buffer.from(text));
}

const utf8Mark = '\u00ef\u00bb\u00bf';

function charsetOfMark(body: ByteText): string | undefined {
  if (body.startsWith(utf8Mark)) return 'utf-8';
  if (body.startsWith('\u00ff\u00fe')) return 'utf-16le';
  return body.startsWith('\u00fe\u00ff') ? 'utf-16be' : undefined;
}

/**
 * The charset of a body without a byte order mark. JSON begins with ASCII, so a zero among the first two bytes shows
 * UTF-16 and its byte order. Otherwise the header names the charset.
 */
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
