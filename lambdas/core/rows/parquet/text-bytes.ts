/** After this many texts of a column, it is decided whether they repeat often enough to be worth comparing. */
const sampleSize = 1_000;
/** In bytes. Longer texts are seldom equal, and hashing them costs more than it saves. */
const longestShared = 64;
const slabBytes = 64 * 1024;
/** A string has at most this many bytes per UTF-16 unit. */
const maxBytesPerUnit = 3;

/**
 * Gives the texts of one column as UTF-8. Equal short texts share one array, because the writer then finds repeated
 * values by identity. A column whose first texts nearly all differ is no longer searched for equal ones.
 */
export class TextBytes {
  #slab = Buffer.alloc(0);
  #used = 0;
  /** Undefined if texts are not compared. */
  #shared: SharedTexts | undefined = new SharedTexts();
  #last: Uint8Array = new Uint8Array();
  #seen = 0;

  /** The bytes of a text: a view of the given memory, or the bytes of an equal text that was given before. */
  ofBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
    return to - from > longestShared ? view(bytes, from, to) : this.#share(bytes, from, to);
  }

  ofString(text: string): Uint8Array {
    const most = text.length * maxBytesPerUnit;
    if (most > slabBytes) return new Uint8Array(Buffer.from(text));
    if (this.#used + most > this.#slab.byteLength) {
      this.#slab = Buffer.allocUnsafeSlow(slabBytes);
      this.#used = 0;
    }
    const from = this.#used;
    const to = from + this.#slab.write(text, from);
    const bytes = this.ofBytes(this.#slab, from, to);
    if (bytes.buffer === this.#slab.buffer && bytes.byteOffset === this.#slab.byteOffset + from) this.#used = to;
    return bytes;
  }

  #share(bytes: Uint8Array, from: number, to: number): Uint8Array {
    const shared = this.#shared;
    if (!shared) return view(bytes, from, to);
    this.#seen += 1;
    if (this.#seen === sampleSize && shared.size > 0.9 * sampleSize) this.#shared = undefined;
    // In many columns the same text comes several times in a row.
    if (!isEqual(this.#last, bytes, from, to)) this.#last = shared.of(bytes, from, to);
    return this.#last;
  }
}

/** A hash table of texts. */
class SharedTexts {
  readonly #texts: Uint8Array[] = [];
  readonly #hashes: number[] = [];
  /** Number of a text, from 1, at the place that its hash chooses, or after it. The length is a power of two. */
  #places = new Int32Array(256);

  get size(): number {
    return this.#texts.length;
  }

  of(bytes: Uint8Array, from: number, to: number): Uint8Array {
    const hash = hashOf(bytes, from, to);
    const last = this.#places.length - 1;
    let at = hash & last;
    for (let number = this.#places[at] ?? 0; number > 0; number = this.#places[at] ?? 0) {
      const known = this.#texts[number - 1];
      if (known && this.#hashes[number - 1] === hash && isEqual(known, bytes, from, to)) return known;
      at = (at + 1) & last;
    }
    const text = view(bytes, from, to);
    this.#texts.push(text);
    this.#hashes.push(hash);
    this.#places[at] = this.size;
    if (2 * this.size > this.#places.length) this.#grow();
    return text;
  }

  #grow(): void {
    const places = new Int32Array(2 * this.#places.length);
    const last = places.length - 1;
    for (let index = 0; index < this.size; index += 1) {
      let at = (this.#hashes[index] ?? 0) & last;
      while ((places[at] ?? 0) > 0) at = (at + 1) & last;
      places[at] = index + 1;
    }
    this.#places = places;
  }
}

function view(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);
}

/** FNV-1a. The low bits choose the place in the hash table, so the high bits are mixed into them. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isEqual(text: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let at = 0; at < text.length; at += 1) if (text[at] !== bytes[from + at]) return false;
  return true;
}
