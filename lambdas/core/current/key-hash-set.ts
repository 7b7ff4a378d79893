import { hash } from 'node:crypto';

/**
 * A set of keys that takes 8 bytes per key, so that the keys of a list of millions fit in memory. The probability that
 * two of a table's n keys share a hash is about n²/2⁶⁵. A missing row would then seem to be present.
 */
export class KeyHashSet {
  #hashes = new BigUint64Array(1024);
  #size = 0;
  #isSorted = true;

  add(keyJson: string): void {
    if (this.#size === this.#hashes.length) {
      const larger = new BigUint64Array(2 * this.#size);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#size] = hashOf(keyJson);
    this.#size += 1;
    this.#isSorted = false;
  }

  has(keyJson: string): boolean {
    const hashes = this.#sorted();
    const wanted = hashOf(keyJson);
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

function hashOf(keyJson: string): bigint {
  return hash('sha256', keyJson, 'buffer').readBigUInt64LE();
}
