import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readPrices } from '../cost/prices.ts';
import type { Bench } from './bench.ts';
import { tables } from './forget-lake.ts';

const counts = z.object({ objects: z.number(), removed: z.number(), changed: z.number() });
const measurement = z.object({
  seconds: z.object({ find: z.number(), survey: z.number(), rewrite: z.number() }),
  peakBytes: z.number(),
  touched: z.record(z.string(), counts),
  calls: z.object({ get: z.number(), head: z.number(), put: z.number(), delete: z.number(), list: z.number() }),
  read: z.number(),
  written: z.number(),
});
export type ForgetMeasurement = z.infer<typeof measurement>;

const child = fileURLToPath(new URL('forget-child.ts', import.meta.url));
/** Most objects that one LIST request of S3 returns. */
const listPage = 1_000;

/** Measures `ops forget` of one lead after a year of nights, with a folder in place of S3. */
export const forgetBench: Bench = {
  name: 'Forgetting one lead after a year of nights',
  async run({ leads }) {
    const folder = await mkdtemp(join(tmpdir(), 'prospect-lake-forget-'));
    try {
      const start = (phase: string) => promisify(execFile)(process.execPath, [child, phase, folder, String(leads)]);
      await Promise.all([...tables.map(({ name }) => name), 'runs'].map(start));
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const objects = entries.filter((one) => one.isFile()).length;
      const { stdout } = await start('forget');
      const { seconds, peakBytes, touched, calls, read, written } = measurement.parse(JSON.parse(stdout));
      const all = Object.values(touched);
      const sum = (name: 'objects' | 'removed') => all.reduce((total, one) => total + one[name], 0);
      const prices = readPrices();
      const unit = (id: 's3.reads' | 's3.writes') => prices[id].usd / prices[id].per;
      // An upper bound: each listing counts as if it listed every object.
      const lists = calls.list * Math.ceil(objects / listPage);
      const dollars = (calls.get + calls.head) * unit('s3.reads') + (calls.put + lists) * unit('s3.writes');
      return {
        head: [
          'leads',
          'objects',
          'rewritten',
          'rows removed',
          's find',
          's look',
          's rewrite',
          'peak MiB',
          'gets',
          'puts',
          'MB read',
          'MB written',
          'requests, $',
        ],
        rows: [
          [
            leads,
            objects,
            sum('objects'),
            sum('removed'),
            seconds.find.toFixed(1),
            seconds.survey.toFixed(1),
            seconds.rewrite.toFixed(1),
            Math.round(peakBytes / 2 ** 20),
            calls.get + calls.head,
            calls.put,
            (read / 1e6).toFixed(1),
            (written / 1e6).toFixed(1),
            dollars.toFixed(4),
          ],
        ],
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
