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
  size = 0;
  /** Each text at the index that its hash chooses, or after it. The length is a power of two. */
  #texts: (Uint8Array | undefined)[] = emptyTable(256);
  #hashes = new Int32Array(256);

  of(bytes: Uint8Array, from: number, to: number): Uint8Array {
    const hash = hashOf(bytes, from, to);
    const last = this.#hashes.length - 1;
    let at = hash & last;
    for (let known = this.#texts[at]; known; known = this.#texts[at]) {
      if (this.#hashes[at] === hash && isEqual(known, bytes, from, to)) return known;
      at = (at + 1) & last;
    }
    const text = view(bytes, from, to);
    this.#texts[at] = text;
    this.#hashes[at] = hash;
    this.size += 1;
    if (2 * this.size > this.#hashes.length) this.#grow();
    return text;
  }

  #grow(): void {
    const [texts, hashes] = [this.#texts, this.#hashes];
    const last = 2 * hashes.length - 1;
    this.#texts = emptyTable(last + 1);
    this.#hashes = new Int32Array(last + 1);
    for (let index = 0; index < hashes.length; index += 1) {
      const hash = hashes[index] ?? 0;
      if (!texts[index]) continue;
      let at = hash & last;
      while (this.#texts[at]) at = (at + 1) & last;
      this.#texts[at] = texts[index];
      this.#hashes[at] = hash;
    }
  }
}

function emptyTable(length: number): (Uint8Array | undefined)[] {
  return Array.from<Uint8Array | undefined>({ length }).fill(undefined);
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
