import xxhash from 'xxhash-wasm';

const { h64Raw } = await xxhash();

/** Share of false positives: texts that the column lacks, although the filter says that it may have them. */
const falsePositives = 0.01;
const bitsPerText = -8 / Math.log(1 - falsePositives ** (1 / 8));
const bytesPerBlock = 32;
const wordsPerBlock = bytesPerBlock / 4;
const maxBytes = 1024 * 1024;

/** One multiplier for each word of a block: it chooses the bit in that word. The format prescribes the numbers. */
const salt = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

/**
 * The Bloom filter of a column of texts (https://parquet.apache.org/docs/file-format/bloomfilter/), as 32-bit words.
 * hyparquet-writer would make the same one, but its hash is computed with bigints, which takes ten times as long.
 */
export function bloomFilterOf(texts: Iterable<Uint8Array>): Uint32Array {
  const distinct = new Set(texts);
  let bytes = bytesPerBlock;
  while (bytes < Math.min(maxBytes, (distinct.size * bitsPerText) / 8)) bytes *= 2;
  const words = new Uint32Array(bytes / 4);
  for (const text of distinct) {
    const hash = h64Raw(text);
    const low = Number(hash & 0xffffffffn);
    const block = Math.floor((Number(hash >> 32n) / 2 ** 32) * (bytes / bytesPerBlock));
    for (let at = 0; at < wordsPerBlock; at += 1) {
      const index = block * wordsPerBlock + at;
      words[index] = (words[index] ?? 0) | (1 << (Math.imul(low, salt[at] ?? 0) >>> 27));
    }
  }
  return words;
}
