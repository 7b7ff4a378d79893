/** After this many texts of a column it is decided whether its texts repeat, and are worth comparing. */
const sampleSize = 1_000;
/** Bytes. Longer texts are seldom equal, and hashing them costs more than it saves. */
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
  /** Hash table of the shared arrays; its size is a power of two. Undefined if texts are not compared. */
  #shared: (Uint8Array | undefined)[] | undefined = tableOf(256, []);
  #distinct = 0;
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
    const table = this.#shared;
    if (!table) return view(bytes, from, to);
    this.#seen += 1;
    if (this.#seen === sampleSize && this.#distinct > 0.9 * sampleSize) {
      this.#shared = undefined;
      return view(bytes, from, to);
    }
    let at = hashOf(bytes, from, to) & (table.length - 1);
    for (let known = table[at]; known; known = table[at]) {
      if (isEqual(known, bytes, from, to)) return known;
      at = (at + 1) & (table.length - 1);
    }
    const added = view(bytes, from, to);
    table[at] = added;
    this.#distinct += 1;
    if (2 * this.#distinct > table.length) this.#shared = tableOf(2 * table.length, table);
    return added;
  }
}

function view(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);
}

function tableOf(size: number, texts: readonly (Uint8Array | undefined)[]): (Uint8Array | undefined)[] {
  const table = Array.from<Uint8Array | undefined>({ length: size }).fill(undefined);
  for (const text of texts) {
    if (!text) continue;
    let at = hashOf(text, 0, text.length) & (size - 1);
    while (table[at]) at = (at + 1) & (size - 1);
    table[at] = text;
  }
  return table;
}

/** FNV-1a. The low bits choose the place in the hash table, so the high bits are mixed into them. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isEqual(text: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let at = 0; at < text.length; at += 1) if (text[at] !== bytes[from + at]) return false;
  return true;
}
