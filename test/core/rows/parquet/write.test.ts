import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnValue } from '../../../../lambdas/contract/column-types.ts';
import { tableOf } from '../../../../lambdas/contract/stream.ts';
import { pipelineTables } from '../../../../lambdas/contract/pipeline-tables.ts';
import { ColumnValueError } from '../../../../lambdas/core/errors.ts';
import { parquetSchema } from '../../../../lambdas/core/rows/parquet/schema.ts';
import { encode, writeParquet } from '../../../../lambdas/core/rows/parquet/write.ts';
import type { ParsedRow } from '../../../../lambdas/core/rows/rows.ts';
import { streams } from '../../../../lambdas/streams/registry.ts';
import { anyRows, everyType } from '../../../support/any-rows.ts';
import { DuckDbReader, readEverywhere, withNulls } from '../../../support/parquet-readers.ts';
import { tries } from '../../../support/tries.ts';

let duckDb: DuckDbReader;
beforeAll(async () => {
  duckDb = await DuckDbReader.open();
});
afterAll(() => duckDb.close());

async function expectReadEverywhere(rows: readonly ParsedRow[]): Promise<void> {
  const expected = rows.map((row) => withNulls(everyType, row));
  for (const [engine, read] of Object.entries(await readEverywhere(duckDb, everyType, rows))) {
    expect(read, engine).toEqual(expected);
  }
}

describe('a Parquet file', () => {
  it('gives DuckDB, hyparquet and parquetjs-lite the values that were written', async () => {
    await fc.assert(fc.asyncProperty(anyRows(everyType), expectReadEverywhere), { numRuns: tries(15, 60) });
  });

  it.each([...streams.map(tableOf), ...pipelineTables].map((table) => [table.name, table] as const))(
    'of %s gives all three readers the values that were written',
    async (_name, table) => {
      await fc.assert(
        fc.asyncProperty(anyRows(table, 12), async (rows) => {
          for (const [engine, read] of Object.entries(await readEverywhere(duckDb, table, rows))) {
            expect(read, engine).toEqual(rows.map((row) => withNulls(table, row)));
          }
        }),
        { numRuns: tries(2, 5) },
      );
    },
  );

  it('gives all three readers the extremes of each type', async () => {
    await expectReadEverywhere([
      { id: 'integers', count: 2n ** 63n - 1n },
      { id: 'integers below', count: -(2n ** 63n) },
      { id: 'numbers', share: Number.MAX_VALUE },
      { id: 'small numbers', share: Number.MIN_VALUE },
      { id: 'zero', share: 0 },
      { id: 'zero below', share: -0 },
      { id: 'before 1970', at: new Date(-1) },
      { id: 'long ago', at: new Date('0001-01-01T00:00:00Z') },
      { id: 'far away', at: new Date('9999-12-31T23:59:59.999Z') },
      { id: 'first day', day: new Date('0001-01-01') },
      { id: 'last day', day: new Date('9999-12-31') },
      { id: 'empty', text: '', tags: [], free: '' },
      { id: 'lists', tags: ['', '', 'null', '😀'] },
      { id: 'text', text: `\0\u0001\uffff😀👩‍👩‍👧‍👦e\u0301`, flag: false },
      { id: 'a megabyte', text: 'ÿ'.repeat(1_000_000), free: `["${'😀'.repeat(250_000)}"]` },
      { id: 'nothing' },
    ]);
  });

  it('gives DuckDB and hyparquet ten thousand rows, with a dictionary and without', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      ...withNulls(everyType, {}),
      id: `id-${index}`,
      text: index % 3 === 0 ? null : `value ${index % 700}`,
      at: new Date(index * 1_000),
      day: index % 9 === 0 ? null : new Date(((index % 500) - 250) * 86_400_000),
      count: BigInt(index % 300) * 2n ** 54n,
      share: (index % 400) / 7,
      flag: index % 5 === 0,
      tags: Array.from({ length: index % 4 }, (_, tag) => `tag ${(index + tag) % 50}`),
      free: '{}',
    }));
    const { hyparquet, DuckDB } = await readEverywhere(duckDb, everyType, rows.slice());
    expect(hyparquet).toEqual(rows);
    expect(DuckDB).toEqual(rows);
  });

  it('gives DuckDB and hyparquet the rows of columns that take several pages', async () => {
    const long = (row: number, part: number) => `${row} ${part} `.repeat(100);
    const rows = Array.from({ length: 5_000 }, (_, row) => ({
      ...withNulls(everyType, {}),
      id: `id-${row}`,
      text: row % 7 === 0 ? null : long(row, 0),
      at: new Date(row),
      tags: row % 11 === 0 ? null : Array.from({ length: row % 4 }, (_tag, part) => long(row, part)),
    }));
    const { hyparquet, DuckDB } = await readEverywhere(duckDb, everyType, rows.slice());
    expect(hyparquet).toEqual(rows);
    expect(DuckDB).toEqual(rows);
    const [group] = parquetMetadata(writeParquet(everyType, rows).slice().buffer).row_groups;
    const pages = group?.columns.map(({ meta_data }) => meta_data?.encoding_stats?.at(-1)?.count);
    expect(pages).toEqual([1, 3, 1, 1, 1, 1, 1, 5, 1]);
  });

  it('refuses a null in a column that the schema of a file requires', () => {
    const columns = Object.keys(everyType.columns).map(() => () => [null]);
    expect(() => encode(parquetSchema(everyType), 1, columns)).toThrow('Column id has a null.');
  });

  it('writes half of a surrogate pair as U+FFFD instead of failing', async () => {
    const rows = [{ id: '\ud800', text: 'a\udfffb', tags: ['\ud83d'] }];
    for (const read of Object.values(await readEverywhere(duckDb, everyType, rows))) {
      expect(read[0]).toMatchObject({ id: '\ufffd', text: 'a\ufffdb', tags: ['\ufffd'] });
    }
  });

  it('lets a filter find every text, whatever Unicode planes its neighbors are in', async () => {
    const texts = ['\uffff', '😀', '\ue000', 'z', 'é', '\u{10ffff}'];
    const bytes = writeParquet(
      everyType,
      texts.map((text) => ({ id: text, text })),
    );
    for (const text of texts) {
      const found = await duckDb.query(bytes, `SELECT text FROM FILE WHERE text = '${text}' AND id = '${text}'`);
      expect(found).toEqual([{ text }]);
    }
  });

  it('lets a filter on the key skip files without it', async () => {
    const bytes = writeParquet(
      everyType,
      Array.from({ length: 1_000 }, (_, index) => ({ id: `id-${index * 2}` })),
    );
    const [probe] = await duckDb.query(
      bytes,
      "SELECT bloom_filter_excludes AS skips FROM parquet_bloom_probe(FILE, 'id', 'id-501')",
    );
    expect(probe).toEqual({ skips: true });
    const held = await duckDb.query(
      bytes,
      "SELECT bloom_filter_excludes AS skips FROM parquet_bloom_probe(FILE, 'id', 'id-502')",
    );
    expect(held).toEqual([{ skips: false }]);
  });

  it('has a row at least: some readers refuse a file without one, and with it the whole table', () => {
    expect(() => writeParquet(everyType, [])).toThrow('A file of every_type would have no row.');
  });

  it('is the same, byte for byte, each time the same rows are written', () => {
    fc.assert(
      fc.property(anyRows(everyType), (rows) => {
        expect(Buffer.compare(writeParquet(everyType, rows), writeParquet(everyType, structuredClone(rows)))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('states types in the old spelling and the new, keys as required, and statistics', () => {
    const { schema, row_groups, created_by } = parquetMetadata(
      writeParquet(everyType, [{ id: 'a', text: 'b' }]).slice().buffer,
    );
    expect(created_by).toMatch(/ version /);
    const spelled = schema.map(({ name, type, repetition_type, converted_type, logical_type }) => [
      name,
      type,
      repetition_type,
      converted_type,
      logical_type?.type,
    ]);
    expect(spelled).toEqual([
      ['every_type', undefined, undefined, undefined, undefined],
      ['id', 'BYTE_ARRAY', 'REQUIRED', 'UTF8', 'STRING'],
      ['text', 'BYTE_ARRAY', 'OPTIONAL', 'UTF8', 'STRING'],
      ['at', 'INT64', 'OPTIONAL', 'TIMESTAMP_MILLIS', 'TIMESTAMP'],
      ['day', 'INT32', 'OPTIONAL', 'DATE', 'DATE'],
      ['count', 'INT64', 'OPTIONAL', 'INT_64', undefined],
      ['share', 'DOUBLE', 'OPTIONAL', undefined, undefined],
      ['flag', 'BOOLEAN', 'OPTIONAL', undefined, undefined],
      ['tags', undefined, 'OPTIONAL', 'LIST', 'LIST'],
      ['list', undefined, 'REPEATED', undefined, undefined],
      ['element', 'BYTE_ARRAY', 'OPTIONAL', 'UTF8', 'STRING'],
      ['free', 'BYTE_ARRAY', 'OPTIONAL', 'UTF8', 'STRING'],
    ]);
    const text = row_groups[0]?.columns[1]?.meta_data;
    expect(text).toMatchObject({ codec: 'ZSTD', statistics: { min_value: 'b', max_value: 'b', null_count: 0n } });
  });

  it('has one row group, however many rows a chunk has', () => {
    const rows = Array.from({ length: 10_099 }, (_, index) => ({ id: String(index) }));
    expect(parquetMetadata(writeParquet(everyType, rows).slice().buffer).row_groups).toHaveLength(1);
  });
});

describe('a value that is not of its column’s type', () => {
  const wrong: [string, unknown][] = [
    ['id', null],
    ['id', undefined],
    ['id', 5],
    ['text', 5],
    ['text', ['a']],
    ['at', '2026-01-01T00:00:00Z'],
    ['at', 0],
    ['at', new Date(Number.NaN)],
    ['day', '2026-01-01'],
    ['day', new Date('2026-01-01T12:00:00Z')],
    ['count', 5],
    ['count', '5'],
    ['count', 2n ** 63n],
    ['share', 5n],
    ['share', Number.NaN],
    ['share', Number.POSITIVE_INFINITY],
    ['flag', 'false'],
    ['flag', 0],
    ['tags', 'a'],
    ['tags', ['a', null]],
    ['tags', ['a', 5]],
    ['free', { a: 1 }],
  ];

  it.each(wrong)('is refused in column %s: %o', (column, value) => {
    const row = { id: 'a', [column]: value as ColumnValue };
    expect(() => writeParquet(everyType, [row])).toThrow(ColumnValueError);
    expect(() => writeParquet(everyType, [row])).toThrow(`Column ${column} of every_type`);
  });

  it('is not shown in the error, because it may be personal data', () => {
    const secret = 'ada@example.com' as unknown as ColumnValue;
    expect(() => writeParquet(everyType, [{ id: 'a', count: secret }])).toThrow(/^(?!.*ada).*$/);
  });
});
