import { IntList } from './int-list.ts';
import { type CellValue, Span, Values } from './values.ts';

/** In bytes. Longer texts are seldom equal, and hashing them costs more than it saves. */
const longestShared = 64;
/** Each text has its length before it, as the encoding PLAIN prescribes. */
const lengthBytes = 4;
/** A string has at most this many bytes per UTF-16 unit. */
const maxBytesPerUnit = 3;
/** Copying fewer bytes one by one is faster than a call that copies them. */
const smallCopy = 20;

/** Texts in UTF-8. */
export class TextValues extends Values {
  storedBytes = 0;
  /** The stored texts, in the encoding PLAIN. */
  #bytes = Buffer.from(new ArrayBuffer(4_096));
  /** For each stored text: where its bytes end. */
  readonly #ends = new IntList();
  readonly #hashes = new IntList();
  /** A hash table: the number of a text plus 1, at the place that its hash chooses, or after it. */
  #places = new Int32Array(256);
  #last = 0;
  #lastString: string | undefined;
  #lastStringNumber = 0;

  get count(): number {
    return this.#ends.length;
  }

  get plainBytes(): number {
    if (this.areAllStored) return this.storedBytes;
    return this.numbers.reduce((sum, number) => (number < 0 ? sum : sum + this.sizeOf(number)), 0);
  }

  get stored(): Buffer {
    return this.#bytes.subarray(0, this.storedBytes);
  }

  sizeOf(number: number): number {
    return this.#end(number) - this.#end(number - 1);
  }

  plain(numbers: Int32Array): Uint8Array {
    if (this.areAllStored)
      return this.#bytes.subarray(this.#end((numbers[0] ?? 0) - 1), this.#end(numbers.at(-1) ?? -1));
    const plain = Buffer.allocUnsafeSlow(numbers.reduce((sum, number) => sum + this.sizeOf(number), 0));
    let at = 0;
    for (const number of numbers) at = copy(this.#bytes, this.#end(number - 1), this.#end(number), plain, at);
    return plain;
  }

  bounds(): { min_value: Uint8Array; max_value: Uint8Array } | undefined {
    if (this.count === 0) return undefined;
    let [least, greatest] = [0, 0];
    for (let number = 1; number < this.count; number += 1) {
      if (this.#compare(number, least) < 0) least = number;
      else if (this.#compare(number, greatest) > 0) greatest = number;
    }
    // Copies: a view would keep all texts in memory.
    return { min_value: new Uint8Array(this.#textAt(least)), max_value: new Uint8Array(this.#textAt(greatest)) };
  }

  valueOf(number: number): string {
    return this.#bytes.toString('utf8', this.#start(number), this.#end(number));
  }

  /** The UTF-8 of each stored text. */
  *texts(): Generator<Uint8Array> {
    for (let number = 0; number < this.count; number += 1) yield this.#textAt(number);
  }

  override free(): void {
    super.free();
    this.#ends.free();
    this.#hashes.free();
    this.#bytes.buffer.transfer(0);
    this.#places.buffer.transfer(0);
  }

  #textAt(number: number): Uint8Array {
    return this.#bytes.subarray(this.#start(number), this.#end(number));
  }

  protected store(text: Exclude<CellValue, null>): number {
    if (text instanceof Span) return this.#numberOf(text.bytes, text.from, text.to);
    if (typeof text !== 'string') throw new TypeError('A column of texts was given something else.');
    if (text === this.#lastString) return this.#lastStringNumber;
    // A string is written behind the stored texts. If its text is known, the next text overwrites it.
    const from = this.storedBytes + lengthBytes;
    this.#reserve(from + text.length * maxBytesPerUnit);
    this.#lastStringNumber = this.#numberOf(this.#bytes, from, from + this.#bytes.write(text, from));
    this.#lastString = text;
    return this.#lastStringNumber;
  }

  #numberOf(bytes: Buffer, from: number, to: number): number {
    if (!this.isCompared || to - from > longestShared) return this.#keep(bytes, from, to);
    // In many columns the same text comes several times in a row.
    if (this.count === 0 || !this.#isText(this.#last, bytes, from, to)) this.#last = this.#share(bytes, from, to);
    return this.#last;
  }

  #share(bytes: Buffer, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const mask = this.#places.length - 1;
    let place = hash & mask;
    for (let entry = this.#places[place] ?? 0; entry > 0; entry = this.#places[place] ?? 0) {
      if (this.#hashes.at(entry - 1) === hash && this.#isText(entry - 1, bytes, from, to)) return entry - 1;
      place = (place + 1) & mask;
    }
    const number = this.#keep(bytes, from, to, hash);
    this.#places[place] = this.count;
    if (2 * this.count > this.#places.length) this.#growTable();
    return number;
  }

  #keep(bytes: Buffer, from: number, to: number, hash = 0): number {
    const length = to - from;
    const start = this.storedBytes;
    const end = start + lengthBytes + length;
    this.#reserve(end);
    this.#bytes[start] = length;
    this.#bytes[start + 1] = length >>> 8;
    this.#bytes[start + 2] = length >>> 16;
    this.#bytes[start + 3] = length >>> 24;
    if (bytes !== this.#bytes) copy(bytes, from, to, this.#bytes, start + lengthBytes);
    if (this.isCompared) this.#hashes.push(hash);
    this.storedBytes = end;
    this.#ends.push(end);
    return this.count - 1;
  }

  #growTable(): void {
    const places = new Int32Array(4 * this.#places.length);
    const mask = places.length - 1;
    for (const entry of this.#places) {
      if (entry === 0) continue;
      let place = this.#hashes.at(entry - 1) & mask;
      while ((places[place] ?? 0) > 0) place = (place + 1) & mask;
      places[place] = entry;
    }
    this.#places = places;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    this.#bytes = Buffer.from(this.#bytes.buffer.transfer(Math.max(bytes, 2 * this.#bytes.length)));
  }

  #end(number: number): number {
    return number < 0 ? 0 : this.#ends.at(number);
  }

  #start(number: number): number {
    return this.#end(number - 1) + lengthBytes;
  }

  #isText(number: number, bytes: Buffer, from: number, to: number): boolean {
    const texts = this.#bytes;
    const start = this.#start(number);
    if (this.#end(number) - start !== to - from) return false;
    for (let at = from; at < to; at += 1) if (texts[start - from + at] !== bytes[at]) return false;
    return true;
  }

  /** Compares two texts byte by byte, which is the order of their code points. */
  #compare(one: number, other: number): number {
    const bytes = this.#bytes;
    const [start, otherStart] = [this.#start(one), this.#start(other)];
    const [length, otherLength] = [this.#end(one) - start, this.#end(other) - otherStart];
    for (let at = 0; at < length && at < otherLength; at += 1) {
      const difference = (bytes[start + at] ?? 0) - (bytes[otherStart + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  }
}

/** Copies bytes, and returns where they end in the target. */
function copy(source: Buffer, from: number, to: number, target: Buffer, at: number): number {
  if (to - from >= smallCopy) source.copy(target, at, from, to);
  else for (let offset = 0; offset < to - from; offset += 1) target[at + offset] = source[from + offset] ?? 0;
  return at + to - from;
}

/** Takes four bytes at a time. The low bits choose the place in the hash table, so the high bits are mixed into them. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const low = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8);
    hash = Math.imul(hash ^ low ^ (byteAt(bytes, at + 2) << 16) ^ (byteAt(bytes, at + 3) << 24), multiplier);
    hash ^= hash >>> 15;
  }
  for (; at < to; at += 1) hash = Math.imul(hash ^ byteAt(bytes, at), multiplier);
  return hash ^ (hash >>> 15);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** 2^32 divided by the golden ratio, which spreads the bits well. */
const multiplier = 0x9e3779b1;
