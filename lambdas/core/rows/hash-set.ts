import { hash } from 'node:crypto';

/**
 * A set of texts that takes 8 bytes per text, so that the keys of millions of rows fit in memory. The probability that
 * two of n texts share a hash is about n²/2⁶⁵. The set would then seem to have a text that it lacks.
 */
export class HashSet {
  #hashes: BigUint64Array;
  #size = 0;
  #isSorted = true;

  /** @param texts how many will be added: room for more is made by copying, when the old memory is needed as well */
  constructor(texts: number) {
    this.#hashes = new BigUint64Array(Math.max(1, texts));
  }

  add(text: string): void {
    if (this.#size === this.#hashes.length) {
      const larger = new BigUint64Array(2 * this.#size);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#size] = hashOf(text);
    this.#size += 1;
    this.#isSorted = false;
  }

  has(text: string): boolean {
    const hashes = this.#sorted();
    const wanted = hashOf(text);
    let from = 0;
    let to = this.#size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((hashes[middle] ?? 0n) < wanted) from = middle + 1;
      else to = middle;
    }
    return from < this.#size && hashes[from] === wanted;
  }

  #sorted(): BigUint64Array {
    if (!this.#isSorted) this.#hashes.subarray(0, this.#size).sort();
    this.#isSorted = true;
    return this.#hashes;
  }
}

const first = new BigUint64Array(1);
const firstBytes = new Uint8Array(first.buffer);

/** The first 8 bytes of the digest. Text takes half the time of a Buffer: it needs no memory outside of the heap. */
function hashOf(text: string): bigint {
  const digest = hash('sha256', text, 'binary');
  for (let at = 0; at < firstBytes.length; at += 1) firstBytes[at] = digest.charCodeAt(at);
  return first[0] ?? 0n;
}
