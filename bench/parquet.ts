import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Stream } from '../lambdas/contract/stream.ts';
import { leads } from '../lambdas/streams/leads.ts';
import { leadMessages } from '../lambdas/streams/messages.ts';
import { contenders } from './parquet-contenders.ts';
import { writeChunks } from './parquet-input.ts';
import type { Bench, BenchTable } from './bench.ts';

const measurement = z.object({ seconds: z.number(), bytes: z.number(), peakBytes: z.number() });
export type Measurement = z.infer<typeof measurement>;

const child = fileURLToPath(new URL('parquet-child.ts', import.meta.url));
/** Number of measurements of each contender; the contenders take turns. The result is each one's median. */
const rounds = 3;

const streams = [leads, leadMessages];

/**
 * NDJSON to Parquet, chunk by chunk, by this project and its peers. The time of this project includes its additional
 * work: checking every value, keeping values that do not fit, field counts, Bloom filters.
 */
export const parquetBench: Bench = {
  name: 'NDJSON → Parquet',
  async run({ leads: count }) {
    const rows: BenchTable['rows'][number][] = [];
    for (const stream of streams) {
      const folder = await mkdtemp(join(tmpdir(), 'prospect-lake-bench-'));
      try {
        rows.push(...(await race(stream, writeChunks(folder, stream, count), count)));
      } finally {
        await rm(folder, { recursive: true });
      }
    }
    return { head: [`${count} rows of`, '', 'rows/s', 'ratio', 'peak MB', 'ratio', 'Parquet MB', 'ratio'], rows };
  },
};

async function race(stream: Stream, chunks: readonly string[], count: number): Promise<BenchTable['rows']> {
  const names = Object.keys(contenders);
  const measured = new Map<string, Measurement[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) measured.get(name)?.push(await measure(name, stream, chunks));
  }
  const results = names.map((name) => {
    const all = measured.get(name) ?? [];
    return {
      name,
      rowsPerSecond: count / median(all.map(({ seconds }) => seconds)),
      peak: median(all.map(({ peakBytes }) => peakBytes)),
      bytes: median(all.map(({ bytes }) => bytes)),
    };
  });
  const ours = results[0];
  return results.map(({ name, rowsPerSecond, peak, bytes }) => [
    stream.name,
    name,
    Math.round(rowsPerSecond),
    ratio(rowsPerSecond, ours?.rowsPerSecond),
    Math.round(peak / 1_000_000),
    ratio(peak, ours?.peak),
    (bytes / 1_000_000).toFixed(1),
    ratio(bytes, ours?.bytes),
  ]);
}

async function measure(name: string, stream: Stream, chunks: readonly string[]): Promise<Measurement> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, name, stream.name, ...chunks]);
  return measurement.parse(JSON.parse(stdout));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A value as a multiple of this project's value. */
function ratio(value: number, ours = Number.NaN): string {
  return `${(value / ours).toFixed(2)}×`;
}
