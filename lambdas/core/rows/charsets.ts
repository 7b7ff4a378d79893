/**
 * Decodes what the API or a file says. Bytes that are not of the charset are never replaced: each stands in the
 * text as a lone surrogate, U+DC00 + byte, which no well-formed text holds. {@link readableText} makes text of
 * them that can be stored, and {@link bytesOf} gives the bytes back.
 */

const utf8Sequence =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;
const byteEscapes = 0xdc00;

/** UTF-8 as text; see above for bytes that are not. */
export function decodeUtf8(bytes: Uint8Array): string {
  const strict = decodeStrictly(bytes, 'utf-8');
  if (strict !== undefined) return strict;
  // Read as Latin-1, a byte is a character.
  return latin1(withoutMark(bytes)).replaceAll(utf8Sequence, (sequence) =>
    sequence.length > 1
      ? Buffer.from(sequence, 'latin1').toString()
      : String.fromCharCode(byteEscapes + sequence.charCodeAt(0)),
  );
}

/** Whether text holds bytes that were not of its charset. Escapes in JSON (`\ud800`) do not count. */
export function isReadable(text: string): boolean {
  return text.isWellFormed();
}

/** Each byte that was not of the charset becomes the character that it is in windows-1252, which it most often was meant in. */
export function readableText(text: string): string {
  return text.replaceAll(/[\udc80-\udcff]/gu, (escape) => {
    return windows1252.decode(Uint8Array.of(escape.charCodeAt(0) - byteEscapes));
  });
}

const windows1252 = new TextDecoder('windows-1252');

/** The bytes that {@link decodeUtf8} made this text of. */
export function bytesOf(text: string): Buffer {
  const each = text.replaceAll(/[\u0080-\u{10ffff}]/gu, (character) =>
    character.isWellFormed()
      ? latin1(Buffer.from(character))
      : String.fromCharCode(character.charCodeAt(0) - byteEscapes),
  );
  return Buffer.from(each, 'latin1');
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** The charset that a byte order mark names. */
function charsetOfMark([first, second, third]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return charsetOfMark(bytes) === 'utf-8' ? bytes.subarray(3) : bytes;
}

/**
 * The text of an answer, by the charset that it declares; UTF-8 if it declares none.
 * @returns undefined if it declares a charset that is not known, or one (other than UTF-8) that its bytes do not fit
 */
export function decodeAnswer(bytes: Uint8Array, contentType: string | null): string | undefined {
  const charset = charsetOfMark(bytes) ?? declaredCharset(bytes, contentType);
  return /^utf-?8$/i.test(charset) ? decodeUtf8(bytes) : decodeStrictly(bytes, charset);
}

function decodeStrictly(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** JSON begins with ASCII, so a zero among its first two bytes tells UTF-16 and its byte order. */
function declaredCharset([first, second]: Uint8Array, contentType: string | null): string {
  if (first === 0) return 'utf-16be';
  if (second === 0) return 'utf-16le';
  return /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
}
