import { readFileSync, writeFileSync } from 'node:fs';
import type { ColumnType } from '../lambdas/contract/column-types.ts';
import { type Stream, tableOf } from '../lambdas/contract/stream.ts';
import { digestOf } from '../lambdas/core/rows/rows.ts';

/** Converts one chunk of raw lines to one Parquet file. */
type Convert = (chunk: string, parquet: string) => Promise<void>;

const rowStart = ',"row":';
const runId = 'bench-20261124T020000000Z';

/**
 * The compared libraries, this project among them. Each makes the same table from the same chunks, in the way its
 * library documents. Only `DuckDB, no digests` does less: it leaves out `_digest`, for which DuckDB has to parse each
 * row a second time. A library is loaded only in its own process, so that it counts in that process's peak memory only.
 */
export const contenders: Readonly<Record<string, (stream: Stream) => Promise<Convert>>> = {
  'prospect-lake': async (stream) => {
    const { convertChunk } = await import('../lambdas/core/convert/convert-chunk.ts');
    const { maskNothing } = await import('../lambdas/core/rows/mask-columns.ts');
    return async (chunk, parquet) => {
      const bytes = readFileSync(chunk);
      const converted = convertChunk({ stream, bytes, runId, rawKey: chunk, mask: maskNothing });
      if (!converted.parquet || converted.rowsRejected > 0) throw new Error(`${chunk} was not converted whole.`);
      writeFileSync(parquet, converted.parquet);
    };
  },

  'parquetjs-lite': async (stream) => {
    const { default: parquetjs } = await import('parquetjs-lite');
    const { columns } = tableOf(stream);
    const fields = Object.entries(columns).map(([name, { type }]) => [
      name,
      { ...parquetjsTypes[type], optional: true },
    ]);
    const schema = new parquetjs.ParquetSchema(Object.fromEntries(fields));
    const namesOf = (wanted: ColumnType) =>
      Object.entries(columns).flatMap(([name, { type }]) => (type === wanted ? [name] : []));
    const [times, lists] = [namesOf('timestamp'), namesOf('string_list')];
    const parentKey = stream.parent?.key;
    return async (chunk, parquet) => {
      const writer = await parquetjs.ParquetWriter.openFile(schema, parquet);
      for (const line of readFileSync(chunk, 'utf8').trimEnd().split('\n')) {
        const { row, request_id, extracted_at, parent } = JSON.parse(line);
        const _digest = digestOf(line.slice(line.indexOf(rowStart) + rowStart.length, -1));
        const record = { ...row, _run_id: runId, _extracted_at: extracted_at, _request_id: request_id, _digest };
        for (const name of times) if (record[name]) record[name] = new Date(record[name]);
        for (const name of lists) record[name] = { list: record[name].map((element: string) => ({ element })) };
        if (parentKey !== undefined) record[parentKey] = parent;
        await writer.appendRow(record);
      }
      await writer.close();
    };
  },

  DuckDB: (stream) => duckDb(stream, true),
  'DuckDB, no digests': (stream) => duckDb(stream, false),
};

async function duckDb(stream: Stream, hasDigests: boolean): Promise<Convert> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  const fields = Object.entries(stream.columns).map(([name, { type }]) => [name, duckdbTypes[type]] as const);
  const struct = `STRUCT(${fields.map(([name, type]) => `${name} ${type}`).join(', ')})`;
  const structure = JSON.stringify(
    Object.fromEntries(fields.map(([name, type]) => [name, type.endsWith('[]') ? [type.slice(0, -2)] : type])),
  );
  const [parent, ofParent] = stream.parent ? ["parent: 'VARCHAR', ", `parent AS ${stream.parent.key}, `] : ['', ''];
  const rowType = hasDigests ? 'JSON' : struct;
  const row = hasDigests ? `unnest(from_json(row, '${structure}'))` : 'row.*';
  // Base64 in the alphabet for URLs, cut off at 132 bits, as in rows.ts.
  const base64 = 'to_base64(unhex(sha256(row::VARCHAR)))';
  const digest = hasDigests ? `, left(translate(${base64}, '+/', '-_'), 22) AS _digest` : '';
  return async (chunk, parquet) => {
    await connection.run(
      `COPY (SELECT ${ofParent}${row}, '${runId}' AS _run_id, extracted_at AS _extracted_at, request_id AS _request_id,
               NULL::TIMESTAMPTZ AS _deleted_at, NULL::VARCHAR AS _extra${digest}
             FROM read_json('${chunk}', format = 'newline_delimited',
               columns = {request_id: 'VARCHAR', extracted_at: 'TIMESTAMPTZ', ${parent}row: '${rowType}'}))
       TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`,
    );
  };
}

/** parquetjs-lite does not support zstd. */
const text = { type: 'UTF8', compression: 'SNAPPY' };
const parquetjsTypes: Record<ColumnType, object> = {
  string: text,
  json: text,
  timestamp: { type: 'TIMESTAMP_MILLIS', compression: 'SNAPPY' },
  date: { type: 'DATE', compression: 'SNAPPY' },
  integer: { type: 'INT64', compression: 'SNAPPY' },
  number: { type: 'DOUBLE', compression: 'SNAPPY' },
  boolean: { type: 'BOOLEAN', compression: 'SNAPPY' },
  string_list: { type: 'LIST', fields: { list: { repeated: true, fields: { element: text } } } },
};

const duckdbTypes: Record<ColumnType, string> = {
  string: 'VARCHAR',
  json: 'VARCHAR',
  timestamp: 'TIMESTAMPTZ',
  date: 'DATE',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  string_list: 'VARCHAR[]',
};
