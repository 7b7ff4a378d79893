import fc from 'fast-check';
import { xxhash64 as xxhash64WithBigints } from 'hyparquet/src/xxhash.js';
import { BloomBuilder } from 'hyparquet-writer/src/bloom.js';
import { describe, expect, it } from 'vitest';
import { bloomFilterOf } from '../../../../lambdas/core/rows/parquet/bloom-filter.ts';
import { xxhash64 } from '../../../../lambdas/core/rows/parquet/xxhash64.ts';

describe('a hash', () => {
  it('is XXH64, whatever the length of the input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { high, low } = xxhash64(bytes);
        expect((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toBe(xxhash64WithBigints(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a Bloom filter', () => {
  it.each([1, 2, 100, 5_000])('of %i texts is the one that hyparquet-writer makes', (count) => {
    const texts = Array.from({ length: count }, (_, index) => new Uint8Array(Buffer.from(`text ${index}`)));
    const builder = new BloomBuilder({ name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8' });
    for (const text of texts) builder.insert(text);
    expect(bloomFilterOf([...texts, ...texts])).toEqual(builder.finalize());
  });
});
