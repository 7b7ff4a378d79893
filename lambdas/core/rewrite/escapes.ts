/** Text in which characters are escaped as in JSON, URLs, e-mails (quoted-printable) or HTML. */

/** Half-open: [start, end). */
export type Range = readonly [start: number, end: number];

const byte = '[%=][0-7][0-9a-f]';
const following = '[%=][89ab][0-9a-f]';
/** A code point whose UTF-8 bytes are written in hexadecimal digits, each after `%` or `=`. */
const encodedPoint = `${byte}|[%=][cd][0-9a-f]${following}|[%=]e[0-9a-f](?:${following}){2}|[%=]f[0-7](?:${following}){3}`;
const escape = new RegExp(
  String.raw`\\u[0-9a-f]{4}|\\["\\/bfnrt]|${encodedPoint}|&#\d{1,7};|&#x[0-9a-f]{1,6};|&(?:amp|lt|gt|quot|apos|commat);`,
  'gi',
);
const introducer = /[\\%=&]/;
const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  commat: '@',
};

/** The text with each escape decoded, one level deep; undefined if the text has no escapes. */
export function withoutEscapes(text: string): string | undefined {
  if (!introducer.test(text)) return undefined;
  const plain = text.replaceAll(escape, characterOf);
  return plain === text ? undefined : plain;
}

/** Returns a function that converts a range of the decoded text ({@link withoutEscapes}) to a range of the original. */
export function placesIn(text: string): (range: Range) => Range {
  let shift = 0;
  const escapes = [...text.matchAll(escape)].map(({ 0: whole, index: start }) => {
    const [at, width] = [start - shift, characterOf(whole).length];
    shift += whole.length - width;
    return { at, width, start, end: start + whole.length };
  });
  const placeOf = (index: number): Range => {
    const last = escapes.findLast(({ at }) => at <= index);
    if (!last) return [index, index + 1];
    const { at, width, start, end } = last;
    const after = end + index - at - width;
    return index < at + width ? [start, end] : [after, after + 1];
  };
  return ([start, end]) => [placeOf(start)[0], placeOf(end - 1)[1]];
}

function characterOf(escaped: string): string {
  const [first, second] = escaped;
  if (first === '\\') return second === 'u' || second === 'U' ? unitOf(escaped) : jsonCharacter(escaped.toLowerCase());
  if (first !== '&') return Buffer.from(escaped.replaceAll(/[%=]/g, ''), 'hex').toString();
  if (second !== '#') return named[escaped.slice(1, -1).toLowerCase()] ?? escaped;
  const digits = escaped.slice(2, -1);
  const point = /^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number(digits);
  return point <= 0x10ffff ? String.fromCodePoint(point) : escaped;
}

const unitOf = (escaped: string) => String.fromCharCode(Number.parseInt(escaped.slice(2), 16));
const jsonCharacter = (escaped: string) => String(JSON.parse(`"${escaped}"`));
