import { BloomBuilder } from 'hyparquet-writer/src/bloom.js';
import { describe, expect, it } from 'vitest';
import { bloomFilterOf } from '../../../../lambdas/core/rows/parquet/bloom-filter.ts';

describe('a Bloom filter', () => {
  it.each([1, 2, 100, 5_000])('of %i texts is the one that hyparquet-writer makes', (count) => {
    const texts = Array.from({ length: count }, (_, index) => new Uint8Array(Buffer.from(`text ${index}`)));
    const builder = new BloomBuilder({ name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8' });
    for (const text of texts) builder.insert(text);
    expect(bloomFilterOf(texts, count)).toEqual(builder.finalize());
  });
});
