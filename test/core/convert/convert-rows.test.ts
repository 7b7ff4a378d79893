import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Stream, tableOf } from '../../../lambdas/contract/stream.ts';
import { type ConvertedChunk, convertChunk } from '../../../lambdas/core/convert/convert-chunk.ts';
import { bytesOfLines } from '../../support/bytes-of-lines.ts';
import { FieldCounter } from '../../../lambdas/core/rows/field-counter.ts';
import { LineScanner } from '../../../lambdas/core/rows/line-scanner.ts';
import { createColumnMask, maskNothing } from '../../../lambdas/core/rows/mask-columns.ts';
import { TableColumns } from '../../../lambdas/core/rows/parquet/table-columns.ts';
import { formatOutcome, formatRawLine, parseRawLine } from '../../../lambdas/core/rows/raw-line.ts';
import { createRowParser } from '../../../lambdas/core/rows/rows.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { leadMessages } from '../../../lambdas/streams/messages.ts';
import { streams } from '../../../lambdas/streams/registry.ts';
import { anyRowOf } from '../../support/any-lines.ts';
import { everyType } from '../../support/any-rows.ts';
import { exampleRow } from '../../support/examples.ts';
import { expectedRow } from '../../support/expected-row.ts';
import { readWithHyparquet } from '../../support/parquet-readers.ts';
import { tries } from '../../support/tries.ts';

const runId = 'nightly-20261124T020000000Z';
const meta = { request_id: 'req_1', extracted_at: '2026-11-24T02:00:00.000Z' };
const parent = 'parent é';

/** A stream with a column of each type, a parent, and a column whose name differs from its field. */
const everyKind: Stream = {
  ...leadMessages,
  name: 'every_kind',
  columns: { ...everyType.columns, tax_id: { type: 'string', description: 'Id.', field: 'taxId' } },
};
const tables = [everyKind, ...streams].map((stream) => [stream.name, stream] as const);

const lineOf = ({ parent: hasParent }: Stream, text: string) =>
  formatRawLine({ ...meta, ...(hasParent ? { parent } : {}) }, text);

function convert(stream: Stream, lines: readonly string[], mask = maskNothing): ConvertedChunk {
  return convertChunk({ stream, bytes: bytesOfLines(lines), runId, rawKey: 'raw', mask });
}

const read = async (parquet: Uint8Array | null) => (parquet ? readWithHyparquet(parquet) : []);

describe.each(tables)('rows of %s', (_name, stream) => {
  const given = fc.array(anyRowOf(stream, parent), { minLength: 1, maxLength: 12 });
  const numRuns = stream === everyKind ? tries(100, 1_000) : tries(5, 40);

  it('become what the rules of a table say, whatever the API gives', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (rows) => {
        const { parquet, rejectedParquet } = convert(
          stream,
          rows.map(({ text }) => lineOf(stream, text)),
        );
        const expected = rows.map((row) => expectedRow(stream, row, stream.parent && parent));
        const kept = expected.filter((row) => row !== null);
        expect(await read(parquet)).toEqual(kept.map((row) => expect.objectContaining(row)));
        const rejected = rows.flatMap(({ text: raw }, line) => (expected[line] ? [] : [{ raw, line: BigInt(line) }]));
        expect(await read(rejectedParquet)).toEqual(rejected.map((row) => expect.objectContaining(row)));
      }),
      { numRuns },
    );
  });

  it('are the same, and counted the same, as when each is parsed by itself', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (rows) => {
        const lines = rows.map(({ text }) => lineOf(stream, text));
        const counter = new FieldCounter();
        const parser = createRowParser(stream, runId, counter);
        const results = lines.map((line) => parser.parse(parseRawLine(line)));
        const { parquet, rejectedParquet, fields } = convert(stream, lines);
        expect(await read(parquet)).toEqual(results.flatMap((result) => ('row' in result ? [result.row] : [])));
        expect((await read(rejectedParquet)).map(({ reason }) => reason)).toEqual(
          results.flatMap((result) => ('rejected' in result ? [result.rejected] : [])),
        );
        expect(JSON.stringify(fields)).toBe(JSON.stringify(counter.counts));
      }),
      { numRuns },
    );
  });
});

describe('the scanner of lines', () => {
  const scan = (stream: Stream, lines: readonly string[]) => {
    const bytes = bytesOfLines(lines);
    const columns = new TableColumns(tableOf(stream));
    const at = new LineScanner(bytes, stream, runId, new FieldCounter(), columns).addLines(0);
    return { rows: columns.rows, isAll: at === bytes.length };
  };

  it.each(streams.map((stream) => [stream.name, stream] as const))(
    'takes the example of %s, so that the table is converted fast',
    (_name, stream) => {
      const row = exampleRow(stream);
      const head = { ...meta, ...(stream.parent ? { parent: String(row[stream.parent.key] ?? 'p1') } : {}) };
      const lines = [0, 1].map((indent) => formatRawLine(head, JSON.stringify(row, null, indent)));
      expect(scan(stream, lines)).toEqual({ rows: 2, isAll: true });
    },
  );

  it('takes the head of every line that extract writes', () => {
    const heads = [
      meta,
      { ...meta, request_id: null },
      { ...meta, extracted_at: '2026-11-24T02:00:00Z' },
      { ...meta, parent: 'l1', position: 7 },
    ];
    const lines = heads.map((head) => formatRawLine(head, '{"id":"l1"}'));
    expect(scan(leads, lines)).toEqual({ rows: 4, isAll: true });
  });

  it('stops at a line that needs the parser, and adds nothing of it', () => {
    for (const row of ['{"id":"l2","more":1}', '{"id":"l2"', '{"id":"l2"}}', '{"id":"l2","id":"l3"}', '{"id":"\\x"}']) {
      const lines = ['{"id":"l1"}', row, '{"id":"l3"}'].map((text) => formatRawLine(meta, text));
      expect(scan(leads, lines)).toEqual({ rows: 1, isAll: false });
    }
  });
});

describe('a chunk', () => {
  it('counts its other lines, so that a rejected row names its own', async () => {
    const outcome = formatOutcome({ item: 'l9', failure: null });
    const lines = [outcome, formatRawLine(meta, '{"id":"l1"}'), outcome, formatRawLine(meta, '{"id":""}')];
    const { rejectedParquet, rowsIn } = convert(leads, lines);
    expect(rowsIn).toBe(2);
    expect(await read(rejectedParquet)).toMatchObject([{ line: 3n, table_name: 'leads' }]);
  });

  it('has its personal data masked, whether a row was scanned or parsed', async () => {
    const mask = createColumnMask({ drop: ['name'], hash: ['email'] }, 'key');
    const row = '{"id":"l1","full_name":"Ada","email":"Ada@example.com","tags":["a"]';
    const lines = [`${row}}`, `${row},"more":"Ada"}`].map((text) => formatRawLine(meta, text));
    const [scanned, parsed] = await read(convert(leads, lines, mask).parquet);
    expect(scanned).toMatchObject({ full_name: null, email: expect.stringMatching(/^[0-9a-f]{64}$/), tags: ['a'] });
    expect(parsed).toMatchObject({ full_name: null, email: scanned?.['email'], _extra: '{"more":null}' });
  });
});
