import { describe, expect, it } from 'vitest';
import { chunkBytes } from '../../../lambdas/core/rows/chunk-file.ts';
import { packLines } from '../../../lambdas/core/rows/packed-lines.ts';
import { bytesOfLines } from '../../support/bytes-of-lines.ts';

const row = (number: number, length: number) => `{"row":${number},"text":"${'é'.repeat(length)}"}`;

describe('packed lines', () => {
  it('count rows and bytes, and keep the lines that are no rows', () => {
    const lines = [row(1, 3), '{"item":"one","pages":2}', row(2, 0)];
    const packed = packLines(lines);
    expect(packed).toMatchObject({ rows: 2, outcomes: [lines[1]], bytes: bytesOfLines(lines).length });
  });

  it('are whole while they are at most 4 MiB, and are compressed from then on', () => {
    const lines = Array.from({ length: 4_095 }, (_, number) => row(number, 500));
    expect(packLines(lines).whole).toEqual(bytesOfLines(lines));
    lines.push(row(1, 90_000));
    const packed = packLines(lines);
    expect(packed.whole).toBeUndefined();
    expect(chunkBytes('chunk', packed.gzipped())).toEqual(bytesOfLines(lines));
  });
});
