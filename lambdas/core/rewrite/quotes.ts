/** Finds ids and addresses of persons in texts, however they are escaped. */

import { placesIn, type Range, withoutEscapes } from './escapes.ts';
import { packedForms } from './packed.ts';

export interface Quotes {
  /** False if this text holds no quote. Ignores word boundaries, because any bytes may precede or follow a quote. */
  mayStandIn(text: string): boolean;
  isIn(text: string): boolean;
  /** The range of each quote in the text. The ranges are in order and do not overlap. */
  placesIn(text: string): Range[];
}

/** Levels of escapes that are decoded, such as JSON in JSON in JSON, or a URL in JSON in JSON. */
const mostLevels = 3;

/** @param ids found in exactly this spelling @param addresses found in capital and small letters */
export function createQuotes(ids: readonly string[], addresses: readonly string[]): Quotes {
  const spelled = [...new Set(addresses.flatMap(spellingsOf))];
  const anyCase = spelled.flatMap((address) => [address, address.toLowerCase(), address.toUpperCase()]);
  const packed = anyOf(packedForms([...ids, ...new Set(anyCase)]));
  // Two patterns, because V8 overlooks matches of the modifier (?i:) in a pattern that it does not optimize: one of more
  // than 20,000 characters, or a late one in a process with many patterns.
  const texts = [[anyOf(ids), 'u'] as const, [anyOf(spelled), 'iu'] as const].filter(([choices]) => choices !== '');
  const inPacked = packed === '' ? [] : [new RegExp(packed, 'u')];
  const anywhere = [...texts.map(([choices, flags]) => new RegExp(choices, flags)), ...inPacked];
  const whole = texts.map(
    ([choices, flags]) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${choices})(?![\\p{L}\\p{N}])`, flags),
  );
  const [everyWhole, everyPacked] = [whole.map(global), inPacked.map(global)];
  const isIn = (text: string, patterns: readonly RegExp[]) => {
    let plain: string | undefined = text;
    for (let level = 0; plain !== undefined && level <= mostLevels; level += 1) {
      for (const pattern of patterns) if (pattern.test(plain)) return true;
      plain = withoutEscapes(plain);
    }
    return false;
  };
  return {
    mayStandIn: (text) => isIn(text, anywhere),
    isIn: (text) => isIn(text, [...whole, ...inPacked]),
    placesIn(text) {
      const found: Range[] = [];
      let placeOf = (range: Range): Range => range;
      let plain: string | undefined = text;
      for (let level = 0; plain !== undefined && level <= mostLevels; level += 1) {
        const rangesIn = rangesOf.bind(undefined, plain);
        const ranges = [...everyWhole.flatMap(rangesIn), ...everyPacked.flatMap(rangesIn).map(packedRange(plain))];
        found.push(...ranges.map(placeOf));
        const [outer, inner] = [placeOf, placesIn(plain)];
        placeOf = (range) => outer(inner(range));
        plain = withoutEscapes(plain);
      }
      return united(found);
    },
  };
}

/** The spellings of an address: its domain can be written in ASCII, and an accent can be a separate character. */
function spellingsOf(address: string): string[] {
  const [, local = '', domain = ''] = /^(.*)@([\p{L}\p{M}\p{N}.-]+)$/su.exec(address) ?? [];
  const ascii = URL.parse(`http://${domain}`)?.hostname;
  const both = ascii === undefined ? [address] : [address, `${local}@${ascii}`];
  return both.flatMap((one) => [one, one.normalize('NFC'), one.normalize('NFD')]);
}

/** The source of a pattern for any of the texts. The longest comes first, in case another one is its beginning. */
function anyOf(texts: readonly string[]): string {
  return texts
    .toSorted((a, b) => b.length - a.length)
    .map((text) => RegExp.escape(text))
    .join('|');
}

const global = ({ source, flags }: RegExp) => new RegExp(source, `g${flags}`);

/** @param pattern global, without groups. `matchAll` would compile it anew, which takes seconds for many persons. */
function rangesOf(text: string, pattern: RegExp): Range[] {
  const found: Range[] = [];
  text.replaceAll(pattern, (match, start: number) => {
    found.push([start, start + match.length]);
    return match;
  });
  return found;
}

/** Extends a range to all base64 characters around it, except slashes: a slash may be part of a path. */
function packedRange(text: string): (range: Range) => Range {
  const isPacked = (at: number) => /[\w+-]/.test(text.charAt(at));
  return ([start, end]) => {
    let [from, to] = [start, end];
    while (isPacked(from - 1)) from -= 1;
    while (isPacked(to)) to += 1;
    while (text.charAt(to) === '=') to += 1;
    return [from, to];
  };
}

function united(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted(([one], [other]) => one - other);
  const kept: Range[] = [];
  for (const [start, end] of sorted) {
    const last = kept.at(-1);
    if (last && start < last[1]) kept[kept.length - 1] = [last[0], Math.max(last[1], end)];
    else kept.push([start, end]);
  }
  return kept;
}
