import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRawLine } from '../lambdas/core/rows/raw-line.ts';
import { Dataset } from '../local/simulator/data/dataset.ts';

/** Rows of a chunk, as extract lands them. */
const chunkRows = 10_000;

/** Writes the simulator's leads as the chunks that extract would land, without their gzip. Gives the files. */
export function writeLeadChunks(folder: string, leads: number): string[] {
  mkdirSync(folder, { recursive: true });
  const dataset = new Dataset(1, leads, [new Date('2026-11-24T02:00:00.000Z')]);
  const meta = { request_id: 'req_bench', extracted_at: '2026-11-24T02:00:00.000Z' };
  const files: string[] = [];
  for (let first = 0; first < leads; first += chunkRows) {
    const count = Math.min(chunkRows, leads - first);
    const lines = Array.from({ length: count }, (_, index) => JSON.stringify(dataset.leads.row(0, first + index)));
    const file = join(folder, `${String(files.length).padStart(6, '0')}.ndjson`);
    writeFileSync(file, lines.map((row) => `${formatRawLine(meta, row)}\n`).join(''));
    files.push(file);
  }
  return files;
}
