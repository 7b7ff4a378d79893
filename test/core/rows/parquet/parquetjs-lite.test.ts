/**
 * Why the lake does not use parquetjs-lite (ADR 1): each test shows how parquetjs-lite distorts a value, as DuckDB
 * reads it, and that the lake's own writer does not. If a new version fixes a fault, the fault's test fails.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import parquetjs from 'parquetjs-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeParquet } from '../../../../lambdas/core/rows/parquet/write.ts';
import type { ParsedRow } from '../../../../lambdas/core/rows/rows.ts';
import { everyType } from '../../../support/any-rows.ts';
import { DuckDbReader } from '../../../support/parquet-readers.ts';

let duckDb: DuckDbReader;
let folder: string;
let files = 0;

beforeAll(async () => {
  duckDb = await DuckDbReader.open();
  folder = await mkdtemp(join(tmpdir(), 'prospect-lake-parquetjs-'));
});
afterAll(async () => {
  await duckDb.close();
  await rm(folder, { recursive: true });
});

/** Writes the values as one column with parquetjs-lite. @returns the file's path */
async function theirs(
  type: string,
  values: readonly unknown[],
  options: { rowGroupSize?: number; atOnce?: boolean; compression?: string } = {},
): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.parquet`);
  const { compression = 'SNAPPY' } = options;
  const schema = new parquetjs.ParquetSchema({ value: { type, compression } });
  const writer = await parquetjs.ParquetWriter.openFile(schema, path, options);
  if (options.atOnce) await Promise.all(values.map((value) => writer.appendRow({ value })));
  else for (const value of values) await writer.appendRow({ value });
  await writer.close();
  return path;
}

async function valuesOf(path: string, where = 'true'): Promise<unknown[]> {
  const rows = await duckDb.queryFile(path, `SELECT value FROM FILE WHERE ${where}`);
  return rows.map((row) => row['value']);
}

function ours(rows: readonly ParsedRow[], sql: string): Promise<Record<string, unknown>[]> {
  return duckDb.query(writeParquet(everyType, rows), sql);
}

describe('statistics of text', () => {
  const texts = ['\uffff', '😀'];

  it('use UTF-16 order in parquetjs-lite, so that a filter misses a row', async () => {
    const path = await theirs('UTF8', texts);
    expect(await valuesOf(path)).toEqual(texts);
    expect(await valuesOf(path, "value = '😀'")).toEqual([]);
  });

  it('use UTF-8 order in the lake, so that the filter finds it', async () => {
    const rows = texts.map((text, index) => ({ id: String(index), text }));
    expect(await ours(rows, "SELECT text FROM FILE WHERE text = '😀'")).toEqual([{ text: '😀' }]);
  });
});

describe('a time as text in a timestamp column', () => {
  it('becomes 1970 in parquetjs-lite', async () => {
    expect(await valuesOf(await theirs('TIMESTAMP_MILLIS', ['2026-11-24T02:00:00.000Z']))).toEqual([new Date(2_026)]);
  });

  it('is refused in the lake', () => {
    const row = { id: 'a', at: '2026-11-24T02:00:00.000Z' };
    expect(() => writeParquet(everyType, [row])).toThrow(
      'Column at of every_type takes null or a timestamp, and was given a string.',
    );
  });
});

describe('the text "false" in a boolean column', () => {
  it('becomes true in parquetjs-lite', async () => {
    expect(await valuesOf(await theirs('BOOLEAN', ['false']))).toEqual([true]);
  });

  it('is refused in the lake', () => {
    expect(() => writeParquet(everyType, [{ id: 'a', flag: 'false' }])).toThrow('Column flag of every_type');
  });
});

describe('an integer beyond 2^53', () => {
  const integer = 2n ** 53n + 1n;

  it('loses its last digit in parquetjs-lite, even as a bigint', async () => {
    expect(await valuesOf(await theirs('INT64', [integer]))).toEqual([integer - 1n]);
  });

  it('is exact in the lake', async () => {
    expect(await ours([{ id: 'a', count: integer }], 'SELECT count FROM FILE')).toEqual([{ count: integer }]);
  });
});

describe('rows appended without waiting for the previous one', () => {
  it('are written more than once in parquetjs-lite', async () => {
    const values = await valuesOf(await theirs('INT64', [0, 1, 2, 3, 4], { rowGroupSize: 2, atOnce: true }));
    expect(values.length).toBeGreaterThan(5);
  });

  it('cannot happen in the lake, which writes a file in one call', async () => {
    const rows = [0n, 1n, 2n, 3n, 4n].map((count) => ({ id: String(count), count }));
    expect(await ours(rows, 'SELECT count(*) AS rows FROM FILE')).toEqual([{ rows: 5n }]);
  });
});

describe('a file with timestamps', () => {
  it('cannot be read by parquetjs-lite, not even its own', async () => {
    const path = await theirs('TIMESTAMP_MILLIS', [new Date(0)]);
    await expect(parquetjs.ParquetReader.openFile(path)).rejects.toThrow('BigInt');
  });
});

describe('zstd', () => {
  it('is unknown to parquetjs-lite', async () => {
    await expect(theirs('UTF8', ['a'], { compression: 'ZSTD' })).rejects.toBe('unsupported compression method: ZSTD');
  });
});
