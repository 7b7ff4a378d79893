/** Finds ids and addresses of persons in texts, however they are escaped. */

import { placesIn, type Range, withoutEscapes } from './escapes.ts';
import { packedForms } from './packed.ts';

export interface Quotes {
  /** False if this text holds no quote. Ignores word boundaries, because any bytes may precede or follow a quote. */
  mayStandIn(text: string): boolean;
  isIn(text: string): boolean;
  /** Where quotes stand, in order and without overlaps. */
  placesIn(text: string): Range[];
}

/** Levels of escapes that are decoded, such as JSON in JSON in JSON, or a URL in JSON in JSON. */
const mostLevels = 3;

/** @param ids found in exactly this spelling @param addresses found in capital and small letters */
export function createQuotes(ids: readonly string[], addresses: readonly string[]): Quotes {
  const spelled = [...new Set(addresses.flatMap(spellingsOf))];
  const choices = choicesOf(ids, spelled);
  const anyCase = spelled.flatMap((address) => [address, address.toLowerCase(), address.toUpperCase()]);
  const packed = packedForms([...ids, ...new Set(anyCase)]).map((form) => RegExp.escape(form));
  const whole = patternOf(choices && `(?<![\\p{L}\\p{N}])(?:${choices})(?![\\p{L}\\p{N}])`);
  const anywhere = patternOf(choices);
  const inPacked = patternOf(packed.join('|'));
  const [everyWhole, everyPacked] = [new RegExp(whole, 'gu'), new RegExp(inPacked, 'gu')];
  const isIn = (text: string, pattern: RegExp) => {
    if (pattern.test(text) || inPacked.test(text)) return true;
    let plain = withoutEscapes(text);
    for (let level = 1; plain !== undefined && level <= mostLevels; level += 1) {
      if (pattern.test(plain) || inPacked.test(plain)) return true;
      plain = withoutEscapes(plain);
    }
    return false;
  };
  return {
    mayStandIn: (text) => isIn(text, anywhere),
    isIn: (text) => isIn(text, whole),
    placesIn(text) {
      const found: Range[] = [];
      let placeOf = (range: Range): Range => range;
      let plain: string | undefined = text;
      for (let level = 0; plain !== undefined && level <= mostLevels; level += 1) {
        const ranges = [...rangesOf(plain, everyWhole), ...rangesOf(plain, everyPacked).map(packedRange(plain))];
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

function choicesOf(ids: readonly string[], addresses: readonly string[]): string {
  const any = (texts: readonly string[]) =>
    texts
      .toSorted((a, b) => b.length - a.length)
      .map((text) => RegExp.escape(text))
      .join('|');
  return [...(ids.length > 0 ? [any(ids)] : []), ...(addresses.length > 0 ? [`(?i:${any(addresses)})`] : [])].join('|');
}

/** @param source if empty, nothing matches */
const patternOf = (source: string) => new RegExp(source || '(?!)', 'u');

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
