/** Texts inside of base64, which holds them in one of three alignments. */

/** Fewest characters of base64 by which a text is recognised. Fewer would be found where they mean something else. */
const fewest = 8;

/** The characters of base64, in both alphabets, that any base64 has in which one of these texts stands. */
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

/** The characters that depend on these bytes only, if so many others come before them in a group of three. */
function coreOf(bytes: Buffer, before: number): string {
  const packed = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return packed.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}
