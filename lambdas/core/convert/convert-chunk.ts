import type { FieldCounts } from '../../contract/field-counts.ts';
import { rejectedRows } from '../../contract/pipeline-tables.ts';
import { type Stream, tableOf } from '../../contract/stream.ts';
import { FieldCounter } from '../rows/field-counter.ts';
import { LineScanner } from '../rows/line-scanner.ts';
import { TableColumns } from '../rows/parquet/table-columns.ts';
import { isRow, parseRawLine } from '../rows/raw-line.ts';
import { hasUndecodedBytes } from '../rows/row-bytes.ts';
import { createRowParser, hasNoKey } from '../rows/rows.ts';
import type { ColumnMask } from '../rows/mask-columns.ts';

export interface ConvertedChunk {
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly rowsRejected: number;
  /** Rejected rows for which the API gives no key. */
  readonly rowsKeyless: number;
  /** Rows with bytes that are not UTF-8. */
  readonly rowsUndecoded: number;
  readonly fields: FieldCounts;
  /** The converted rows as a Parquet file; null if there are none. */
  readonly parquet: Uint8Array | null;
  readonly rejectedParquet: Uint8Array | null;
}

/**
 * Converts the lines of one raw chunk to two Parquet files in memory: the rows, and the rejected rows.
 * @param chunk.bytes the lines in UTF-8, each ended by a line feed
 */
export function convertChunk(chunk: {
  stream: Stream;
  bytes: Buffer;
  runId: string;
  rawKey: string;
  mask: ColumnMask;
}): ConvertedChunk {
  const { stream, bytes, runId, rawKey } = chunk;
  const columns = new TableColumns(tableOf(stream));
  const rejected = new TableColumns(rejectedRows);
  const masks = [columns, rejected].map(({ table }) => chunk.mask(table));
  const counter = new FieldCounter();
  const scanner = new LineScanner(bytes, stream, runId, counter, columns);
  const parser = createRowParser(stream, runId, counter);
  let rowsUndecoded = 0;
  let rowsKeyless = 0;
  let otherLines = 0;
  for (let from = scanner.addLines(0); from < bytes.length; from = scanner.addLines(from)) {
    const line = columns.rows + rejected.rows + otherLines;
    const feed = bytes.indexOf(lineFeed, from);
    const end = feed === -1 ? bytes.length : feed;
    const text = bytes.toString('utf8', from, end);
    from = end + 1;
    if (!isRow(text)) {
      otherLines += 1;
      continue;
    }
    const raw = parseRawLine(text);
    if (hasUndecodedBytes(raw.row)) rowsUndecoded += 1;
    const result = parser.parse(raw);
    if ('row' in result) columns.add(result.row);
    else {
      if (hasNoKey(result.rejected)) rowsKeyless += 1;
      rejected.add({
        raw_key: rawKey,
        line: BigInt(line),
        table_name: stream.name,
        reason: result.rejected,
        parent_id: raw.meta.parent ?? null,
        raw: raw.row,
        _run_id: runId,
        _extracted_at: new Date(raw.meta.extracted_at),
        _request_id: raw.meta.request_id,
      });
    }
  }
  for (const [at, file] of [columns, rejected].entries())
    for (const [name, change] of masks[at] ?? []) file.change(name, change);
  return {
    rowsIn: columns.rows + rejected.rows,
    rowsOut: columns.rows,
    rowsRejected: rejected.rows,
    rowsKeyless,
    rowsUndecoded,
    fields: counter.counts,
    parquet: columns.toParquet(),
    rejectedParquet: rejected.toParquet(),
  };
}

const lineFeed = 0x0a;
