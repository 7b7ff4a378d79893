/** Finds texts inside base64. A text has three forms there, depending on how many bytes precede it. */

/** Fewest base64 characters by which a text is recognised. Fewer characters could be a part of another text. */
const fewest = 8;

/**
 * Base64 strings to search for, in both alphabets: the base64 of anything that contains a text contains one of its
 * strings.
 */
export function packedForms(texts: readonly string[]): string[] {
  const forms = texts.flatMap(bytesOf).flatMap((bytes) => [0, 1, 2].map((before) => coreOf(bytes, before)));
  const both = forms.flatMap((core) => [core, core.replaceAll('+', '-').replaceAll('/', '_')]);
  return [...new Set(both)].filter(({ length }) => length >= fewest);
}

/** The text in UTF-8, Latin-1 and both byte orders of UTF-16. */
function bytesOf(text: string): Buffer[] {
  const wide = Buffer.from(text, 'utf16le');
  return [Buffer.from(text), Buffer.from(text, 'latin1'), wide, Buffer.from(wide).swap16()];
}

/** The base64 characters that depend only on these bytes. @param before bytes before them in a group of three */
function coreOf(bytes: Buffer, before: number): string {
  const packed = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return packed.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}
