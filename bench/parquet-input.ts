import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stream } from '../lambdas/contract/stream.ts';
import { formatRawLine } from '../lambdas/core/rows/raw-line.ts';
import type { Row } from '../local/simulator/data/table.ts';
import { assemble } from '../local/simulator/assemble.ts';

/** Rows per chunk, as in extract. */
const chunkRows = 10_000;
const extracted_at = '2026-11-24T02:00:00.000Z';

/**
 * Writes rows of the simulator as the raw chunks that extract would write, but without gzip. Returns the files.
 * @param count most rows to write; also the number of leads in the workspace
 */
export function writeChunks(folder: string, stream: Stream, count: number): string[] {
  mkdirSync(folder, { recursive: true });
  const { oracle } = assemble({ leads: count, epochs: [new Date(extracted_at)] });
  const files: string[] = [];
  let lines: string[] = [];
  const close = () => {
    const file = join(folder, `${String(files.length).padStart(6, '0')}.ndjson`);
    writeFileSync(file, lines.join(''));
    files.push(file);
    lines = [];
  };
  for (const row of oracle.rows(stream.name).take(count)) {
    lines.push(`${rawLine(stream, row)}\n`);
    if (lines.length === chunkRows) close();
  }
  if (lines.length > 0) close();
  return files;
}

function rawLine({ name, parent }: Stream, row: Row): string {
  if (!parent) return formatRawLine({ request_id: 'req_bench', extracted_at }, JSON.stringify(row));
  const { [parent.key]: id, ...fields } = row;
  if (typeof id !== 'string') throw new TypeError(`A row of ${name} has no parent.`);
  // Each parent has a request of its own.
  return formatRawLine({ request_id: `req_${id}`, extracted_at, parent: id }, JSON.stringify(fields));
}
