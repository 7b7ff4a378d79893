import type { FieldCounts } from '../../contract/field-counts.ts';
import { rejectedRows } from '../../contract/pipeline-tables.ts';
import { type Stream, tableOf } from '../../contract/stream.ts';
import { FieldCounter } from '../rows/field-counter.ts';
import { writeParquet } from '../rows/parquet/write.ts';
import { isRow, parseRawLine } from '../rows/raw-line.ts';
import { hasUndecodedBytes } from '../rows/row-bytes.ts';
import { createRowParser, type ParsedRow } from '../rows/rows.ts';
import type { ColumnMask } from '../rows/mask-columns.ts';

export interface ConvertedChunk {
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly rowsRejected: number;
  /** Rows with bytes that are not UTF-8. */
  readonly rowsUndecoded: number;
  readonly fields: FieldCounts;
  /** The converted rows as a Parquet file; null if there are none. */
  readonly parquet: Uint8Array | null;
  readonly rejectedParquet: Uint8Array | null;
}

/** Converts the lines of one raw chunk to two Parquet files in memory: the rows, and the rejected rows. */
export function convertChunk(chunk: {
  stream: Stream;
  lines: Iterable<string>;
  runId: string;
  rawKey: string;
  mask: ColumnMask;
}): ConvertedChunk {
  const { stream, runId, rawKey } = chunk;
  const table = tableOf(stream);
  const mask = chunk.mask(table);
  const maskRejected = chunk.mask(rejectedRows);
  const counter = new FieldCounter();
  const parser = createRowParser(stream, runId, counter);
  const rows: ParsedRow[] = [];
  const rejected: ParsedRow[] = [];
  let line = 0;
  let rowsIn = 0;
  let rowsUndecoded = 0;
  for (const text of chunk.lines) {
    line += 1;
    if (!isRow(text)) continue;
    rowsIn += 1;
    const raw = parseRawLine(text);
    if (hasUndecodedBytes(raw.row)) rowsUndecoded += 1;
    const result = parser.parse(raw);
    if ('row' in result) {
      rows.push(mask(result.row));
    } else {
      rejected.push(
        maskRejected({
          raw_key: rawKey,
          line: BigInt(line - 1),
          table_name: stream.name,
          reason: result.rejected,
          parent_id: raw.meta.parent ?? null,
          raw: raw.row,
          _run_id: runId,
          _extracted_at: new Date(raw.meta.extracted_at),
          _request_id: raw.meta.request_id,
        }),
      );
    }
  }
  return {
    rowsIn,
    rowsOut: rows.length,
    rowsRejected: rejected.length,
    rowsUndecoded,
    fields: counter.counts,
    parquet: rows.length > 0 ? writeParquet(table, rows) : null,
    rejectedParquet: rejected.length > 0 ? writeParquet(rejectedRows, rejected) : null,
  };
}
