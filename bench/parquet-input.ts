import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRawLine } from '../lambdas/core/rows/raw-line.ts';
import { assemble } from '../local/simulator/assemble.ts';

/** Rows per chunk, as in extract. */
const chunkRows = 10_000;

/** Writes the simulator's leads as the raw chunks that extract would write, but without gzip. Returns the files. */
export function writeLeadChunks(folder: string, leads: number): string[] {
  mkdirSync(folder, { recursive: true });
  const { oracle } = assemble({ leads, epochs: [new Date('2026-11-24T02:00:00.000Z')] });
  const meta = { request_id: 'req_bench', extracted_at: '2026-11-24T02:00:00.000Z' };
  const rows = [...oracle.rows('leads')];
  const files: string[] = [];
  for (let first = 0; first < rows.length; first += chunkRows) {
    const lines = rows.slice(first, first + chunkRows).map((row) => formatRawLine(meta, JSON.stringify(row)));
    const file = join(folder, `${String(files.length).padStart(6, '0')}.ndjson`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    files.push(file);
  }
  return files;
}
