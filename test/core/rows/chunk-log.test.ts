import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chunkBytes, linesOf } from '../../../lambdas/core/rows/chunk-file.ts';
import { ChunkLog } from '../../../lambdas/core/rows/chunk-log.ts';
import { packLines } from '../../../lambdas/core/rows/packed-lines.ts';
import { bytesOfLines } from '../../support/bytes-of-lines.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const mark = (cursor: string | null) => ({
  item: 0,
  cursor,
  pages: 1,
  askedAt: '2026-11-24T03:00:00.000Z',
  requests: 1,
  retries: 0,
});
const logIn = (store: MemoryStore) => new ChunkLog(store, 'leads', 'nightly-20261124T020000000Z', 'leads.0');

describe('the mark of a chunk', () => {
  it.each([
    ['short', 'two'],
    ['of special characters', 'a+b/c==&d?e#f%20 g ü🚀"\\'],
    ['of 2.5 kB', `1:${'Q'.repeat(2_500)}`],
    ['of 2.5 kB and special characters', `1:${'ü🚀"'.repeat(800)}`],
    ['of 50 kB', 'x'.repeat(50_000)],
  ])('keeps a cursor that is %s, within the limits of object metadata', async (_, cursor) => {
    const store = new MemoryStore();
    await logIn(store).append(0, packLines(['{}']), mark(cursor));
    await logIn(store).append(1, packLines(['{}']), mark(null));
    expect((await logIn(store).chunks()).map(({ mark: { cursor: kept } }) => kept)).toEqual([cursor, null]);
    for (const { metadata } of store.objects.values())
      expect(JSON.stringify(metadata ?? {})).toMatch(/^[ -~]{0,2000}$/);
  });

  it('returns the cursor of the faster writer', async () => {
    const store = new MemoryStore();
    const [ours, theirs] = ['a'.repeat(3_000), 'b'.repeat(3_000)];
    await logIn(store).append(0, packLines(['{}']), mark(theirs));
    const { chunk, ours: isOurs } = await logIn(store).append(0, packLines(['{"x":1}']), mark(ours));
    expect([isOurs, chunk.mark.cursor]).toEqual([false, theirs]);
  });
});

describe('the lines of a chunk', () => {
  it('are unchanged, however many and long they are', async () => {
    const store = new MemoryStore();
    const lines = [
      'é'.repeat(5_000_000),
      ...Array.from({ length: 9_000 }, (_, index) => `${index}:${'日'.repeat(300)}`),
      '',
    ];
    await logIn(store).append(0, packLines(lines), mark(null));
    expect(await logIn(store).lines(0)).toEqual(lines);
    expect(await Readable.from(logIn(store).eachLine(0)).toArray()).toEqual(lines);
    await logIn(store).append(1, packLines([]), mark(null));
    expect(await logIn(store).lines(1)).toEqual([]);
    expect(await Readable.from(logIn(store).eachLine(1)).toArray()).toEqual([]);
  });

  it('are not given as complete if the chunk is cut', async () => {
    const store = new MemoryStore();
    await logIn(store).append(0, packLines(['{"a":1}', '{"b":2}']), mark(null));
    for (const [key, { body }] of store.objects) await store.put(key, body.subarray(0, -4));
    await expect(Readable.from(logIn(store).eachLine(0)).toArray()).rejects.toThrow('is not a complete gzip file');
  });
});

describe('the outcomes of a chunk', () => {
  const lines = ['{"row":1}', '{"item":"one","pages":2}'];

  it('are kept by the process that stored it', async () => {
    const store = new MemoryStore();
    const { chunk } = await logIn(store).append(0, packLines(lines), mark(null));
    store.objects.clear();
    expect(await logIn(store).outcomeLines(chunk)).toEqual([lines[1]]);
  });

  it('are read by any other', async () => {
    const store = new MemoryStore();
    await logIn(store).append(0, packLines(lines), mark(null));
    const [chunk] = await logIn(store).chunks();
    expect(chunk && (await logIn(store).outcomeLines(chunk))).toEqual([lines[1]]);
  });
});

describe('the bytes of a chunk', () => {
  it('are its lines, stored or not', () => {
    const lines = ['{"a":"é"}', '', '{"b":"😀"}'];
    expect(chunkBytes('chunk', packLines(lines).gzipped())).toEqual(bytesOfLines(lines));
    expect(packLines(lines).whole).toEqual(bytesOfLines(lines));
    expect(packLines([]).whole).toHaveLength(0);
  });

  it('are always UTF-8, as the lines are', () => {
    const damaged = gzipSync(Buffer.from('{"a":"\xff"}\n', 'latin1'));
    expect(chunkBytes('chunk', damaged).toString()).toBe(`${linesOf(chunkBytes('chunk', damaged)).join('\n')}\n`);
    expect(chunkBytes('chunk', damaged).toString()).toBe('{"a":"\ufffd"}\n');
  });
});
