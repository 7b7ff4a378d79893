import type { Stream } from '../../lambdas/contract/stream.ts';
import { createRowParser, type ParsedRow } from '../../lambdas/core/rows/rows.ts';

export const runId = 'nightly-20261124T020000000Z';
export const meta = { request_id: 'req_1', extracted_at: '2026-11-24T02:00:00.000Z' };

function parse(stream: Stream, row: string, more: { parent?: string; position?: number; detail?: string } = {}) {
  const { detail, ...parent } = more;
  return createRowParser(stream, runId).parse({ meta: { ...meta, ...parent }, row, detail });
}

/** The typed row of a JSON text. @throws Error if it is rejected */
export function rowOf(
  stream: Stream,
  row: string,
  more: { parent?: string; position?: number; detail?: string } = {},
): ParsedRow {
  const result = parse(stream, row, more);
  if (!('row' in result)) throw new Error(`The row was rejected: ${result.rejected}`);
  return result.row;
}

/** Why the row is rejected; undefined if it is not. */
export function reasonOf(stream: Stream, row: string, more: { parent?: string } = {}): string | undefined {
  const result = parse(stream, row, more);
  return 'rejected' in result ? result.rejected : undefined;
}
