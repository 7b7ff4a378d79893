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
 * @param count how many texts there are
 */
export function bloomFilterOf(texts: Iterable<Uint8Array>, count: number): Uint32Array {
  let bytes = bytesPerBlock;
  while (bytes < Math.min(maxBytes, (count * bitsPerText) / 8)) bytes *= 2;
  const words = new Uint32Array(bytes / 4);
  const hash = new BigUint64Array(1);
  const halves = new Uint32Array(hash.buffer);
  for (const text of texts) {
    hash[0] = h64Raw(text);
    const [low = 0, high = 0] = halves;
    const block = Math.floor((high / 2 ** 32) * (bytes / bytesPerBlock));
    for (let at = 0; at < wordsPerBlock; at += 1) {
      const index = block * wordsPerBlock + at;
      words[index] = (words[index] ?? 0) | (1 << (Math.imul(low, salt[at] ?? 0) >>> 27));
    }
  }
  return words;
}
