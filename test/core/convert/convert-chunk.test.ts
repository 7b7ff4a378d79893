import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnTypes, type ColumnType } from '../../../lambdas/contract/column-types.ts';
import { type Stream, tableOf } from '../../../lambdas/contract/stream.ts';
import { convertChunk } from '../../../lambdas/core/convert/convert-chunk.ts';
import { bytesOfLines } from '../../support/bytes-of-lines.ts';
import { formatRawLine, parseRawLine } from '../../../lambdas/core/rows/raw-line.ts';
import { createRowParser, type ParsedRow } from '../../../lambdas/core/rows/rows.ts';
import { maskNothing } from '../../../lambdas/core/rows/mask-columns.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { leadMessages } from '../../../lambdas/streams/messages.ts';
import { streams } from '../../../lambdas/streams/registry.ts';
import { exampleDetail, exampleRow } from '../../support/examples.ts';
import { DuckDbReader, readWithHyparquet, readWithParquetjs } from '../../support/parquet-readers.ts';

const runId = 'nightly-20261124T020000000Z';
const extractedAt = '2026-11-24T02:00:00.000Z';
const meta = { request_id: 'req_1', extracted_at: extractedAt };

function convert(stream: Stream, lines: readonly string[]) {
  const rawKey = `raw/${stream.name}/${runId}/task/000000.ndjson.gz`;
  return convertChunk({ stream, bytes: bytesOfLines(lines), runId, rawKey, mask: maskNothing });
}

function bytesOf(parquet: Uint8Array | null): Uint8Array {
  if (!parquet) throw new Error('There is no Parquet file.');
  return parquet;
}

/** Expected value of each type for the API document's examples, written here again as an independent check. */
const expectedOf: { readonly [T in ColumnType]: (value: unknown) => unknown } = {
  string: (value) => value,
  boolean: (value) => value,
  number: (value) => value,
  string_list: (value) => value,
  timestamp: (value) => new Date(String(value)),
  date: (value) => new Date(String(value)),
  integer: (value) => BigInt(Number(value)),
  json: (value) => JSON.stringify(value),
};

let duckDb: DuckDbReader;
beforeAll(async () => {
  duckDb = await DuckDbReader.open();
});
afterAll(() => duckDb.close());

describe.each(streams.map((stream) => [stream.name, stream] as const))('stream %s', (_name, stream) => {
  const example = exampleRow(stream);
  const detail = exampleDetail(stream);
  const parent = stream.parent ? { parent: 'parent_1' } : {};
  const line = formatRawLine({ ...meta, ...parent }, JSON.stringify(example), detail && JSON.stringify(detail));

  const { [stream.parent?.key ?? '']: _ownParent, ...fields } = {
    ...example,
    ...Object.fromEntries((stream.detail?.fields ?? []).map((name) => [name, detail?.[name]])),
  };
  const expected = {
    ...(stream.parent ? { [stream.parent.key]: 'parent_1' } : {}),
    ...Object.fromEntries(
      Object.entries(stream.columns).map(([name, { type }]) => [
        name,
        fields[name] === null || fields[name] === undefined ? null : expectedOf[type](fields[name]),
      ]),
    ),
    _run_id: runId,
    _extracted_at: new Date(extractedAt),
    _request_id: 'req_1',
    _deleted_at: null,
    ...(stream.numbered ? { [stream.numbered.column]: 0n } : {}),
  };

  it('reads its own example back from Parquet, in three engines', async () => {
    const { parquet, rejectedParquet, fields: seen, ...counts } = convert(stream, [line]);
    expect(seen.rows).toBe(1);
    expect({ ...counts, rejectedParquet }).toEqual({
      rowsIn: 1,
      rowsOut: 1,
      rowsRejected: 0,
      rowsKeyless: 0,
      rowsUndecoded: 0,
      rejectedParquet: null,
    });
    const parsed = createRowParser(stream, runId).parse(parseRawLine(line));
    const engines = {
      hyparquet: await readWithHyparquet(bytesOf(parquet)),
      DuckDB: await duckDb.query(bytesOf(parquet)),
      'parquetjs-lite': await readWithParquetjs(tableOf(stream), 'row' in parsed ? [parsed.row] : []),
    };
    for (const [engine, [row]] of Object.entries(engines)) expect(row, engine).toMatchObject(expected);
  });

  it('declares every field of its example', () => {
    const parsed = createRowParser(stream, runId).parse(parseRawLine(line));
    const extra = 'row' in parsed ? JSON.parse(String(parsed.row['_extra'] ?? '{}')) : undefined;
    delete extra[stream.parent?.key ?? ''];
    expect(extra).toEqual({});
  });

  it('has the columns of its table in Parquet, in order and with the types that Glue has', async () => {
    const { parquet } = convert(stream, [line]);
    const described = await duckDb.query(bytesOf(parquet), 'DESCRIBE SELECT * FROM FILE');
    const types = {
      string: 'VARCHAR',
      bigint: 'BIGINT',
      double: 'DOUBLE',
      boolean: 'BOOLEAN',
      timestamp: 'TIMESTAMP WITH TIME ZONE',
      date: 'DATE',
      'array<string>': 'VARCHAR[]',
    };
    expect(described.map((column) => [column['column_name'], column['column_type']])).toEqual(
      Object.entries(tableOf(stream).columns).map(([name, { type }]) => [name, types[columnTypes[type].glue]]),
    );
  });
});

describe('a chunk', () => {
  it('rejects rows without a usable key, and keeps them whole with their source', async () => {
    const bad = '{ "id": "", "body": "\\ud83d 1.10", "n": 1e400 }';
    const lines = [
      formatRawLine({ ...meta, parent: 'l1' }, '{"id":"m1"}'),
      formatRawLine({ ...meta, parent: 'l1' }, bad),
      formatRawLine({ ...meta, request_id: null, parent: 'l2' }, '[1]'),
      formatRawLine({ ...meta, parent: 'l2' }, '{"id":"m2"}'),
    ];
    const { parquet, rejectedParquet, fields: seen, ...counts } = convert(leadMessages, lines);
    expect(seen.rows).toBe(3);
    expect(counts).toEqual({ rowsIn: 4, rowsOut: 2, rowsRejected: 2, rowsKeyless: 1, rowsUndecoded: 0 });
    expect((await duckDb.query(bytesOf(parquet))).map((row) => [row['lead_id'], row['id']])).toEqual([
      ['l1', 'm1'],
      ['l2', 'm2'],
    ]);
    const where = {
      raw_key: `raw/lead_messages/${runId}/task/000000.ndjson.gz`,
      table_name: 'lead_messages',
      _run_id: runId,
      _extracted_at: new Date(extractedAt),
    };
    expect(await duckDb.query(bytesOf(rejectedParquet))).toEqual([
      { ...where, line: 1n, reason: 'The key column id is empty.', parent_id: 'l1', raw: bad, _request_id: 'req_1' },
      {
        ...where,
        line: 2n,
        reason: 'The row is a list, not an object.',
        parent_id: 'l2',
        raw: '[1]',
        _request_id: null,
      },
    ]);
  });

  it('with only rejected rows has no Parquet file in its table', () => {
    expect(convert(leads, [formatRawLine(meta, '{}')])).toMatchObject({
      rowsIn: 1,
      rowsOut: 0,
      rowsRejected: 1,
      parquet: null,
    });
  });

  it('without rows has no file at all', () => {
    expect(convert(leads, [])).toEqual({
      rowsIn: 0,
      rowsOut: 0,
      rowsRejected: 0,
      rowsKeyless: 0,
      rowsUndecoded: 0,
      fields: { rows: 0, fields: {} },
      parquet: null,
      rejectedParquet: null,
    });
  });

  it('gives the same bytes each time it is converted', () => {
    const lines = Array.from({ length: 500 }, (_, index) =>
      formatRawLine(meta, `{"id":"l${index}","tags":["a"],"n":${index}}`),
    );
    expect(Buffer.compare(bytesOf(convert(leads, lines).parquet), bytesOf(convert(leads, lines).parquet))).toBe(0);
  });

  it('of 16 MiB of text keeps every row', async () => {
    const body = 'é😀\\n'.repeat(20_000);
    const lines = Array.from({ length: 120 }, (_, index) =>
      formatRawLine({ ...meta, parent: 'l1' }, `{"id":"m${index}","body":"${index}${body}"}`),
    );
    expect(Buffer.byteLength(lines.join('\n'))).toBeGreaterThan(16 * 1024 * 1024);
    const { parquet } = convert(leadMessages, lines);
    const rows: ParsedRow[] = lines.map((_, index) => ({ id: `m${index}`, body: `${index}${'é😀\n'.repeat(20_000)}` }));
    expect(await duckDb.query(bytesOf(parquet), 'SELECT id, body FROM FILE')).toEqual(rows);
  });

  it('with a line that extract did not write is an error, because nothing in it can be trusted', () => {
    expect(() => convert(leads, ['{"id":"l1"}'])).toThrow('not a line of a raw chunk');
  });
});
