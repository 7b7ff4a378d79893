import type { Charset } from './options.ts';

/** The characters of the bytes 0x80 to 0x9F in windows-1252. A space marks a byte without a character. */
const windowsExtras = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** Encodes a JSON text. Characters that the charset lacks become JSON escapes. */
export function encoded(json: string, charset: Charset): Buffer {
  if (charset === 'utf-8') return Buffer.from(json, 'utf8');
  if (charset === 'utf-16le') return Buffer.from(json, 'utf16le');
  const bytes = charset === 'windows-1252' ? windowsByte : latinByte;
  const parts = Array.from({ length: json.length }, (_, index) => bytes(json.charCodeAt(index)));
  return Buffer.from(
    parts.flatMap(
      (byte, index) => byte ?? [...Buffer.from(`\\u${json.charCodeAt(index).toString(16).padStart(4, '0')}`)],
    ),
  );
}

function latinByte(code: number): number | undefined {
  return code < 0x80 || (code >= 0xa0 && code <= 0xff) ? code : undefined;
}

function windowsByte(code: number): number | undefined {
  const extra = code === 0x20 ? -1 : windowsExtras.indexOf(String.fromCharCode(code));
  return extra >= 0 ? 0x80 + extra : latinByte(code);
}
