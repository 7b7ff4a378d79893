import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Bench } from './bench.ts';

const measurement = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakBytes: z.number(),
  calls: z.object({ get: z.number(), head: z.number(), put: z.number(), delete: z.number(), list: z.number() }),
  read: z.number(),
  written: z.number(),
});
export type MergeMeasurement = z.infer<typeof measurement>;

const child = fileURLToPath(new URL('current-child.ts', import.meta.url));

const steps = {
  load: 'first load',
  night: '1,000 changed',
  refresh: '5 changed',
  reread: 'whole list, nothing changed',
  pair: 'first load of two tables of a quarter each, at once',
};

/** Measures merges into the current table of leads, each in its own process, with a folder in place of S3. */
export const currentBench: Bench = {
  name: 'Merging into the current table of leads',
  async run({ leads }) {
    const folder = await mkdtemp(join(tmpdir(), 'prospect-lake-current-'));
    try {
      const rows: (string | number)[][] = [];
      for (const [step, name] of Object.entries(steps)) {
        const start = (phase: string) =>
          promisify(execFile)(process.execPath, [child, phase, step, folder, String(leads)]);
        await start('prepare');
        const { stdout } = await start('merge');
        const { seconds, cpuSeconds, peakBytes, calls, read, written } = measurement.parse(JSON.parse(stdout));
        rows.push([
          name,
          seconds.toFixed(2),
          cpuSeconds.toFixed(2),
          Math.round(peakBytes / 2 ** 20),
          calls.get + calls.head,
          calls.put,
          calls.list,
          (read / 1e6).toFixed(1),
          (written / 1e6).toFixed(1),
        ]);
      }
      return {
        head: [
          `${leads} leads`,
          'seconds',
          'processor s',
          'peak MiB',
          'gets',
          'puts',
          'lists',
          'MB read',
          'MB written',
        ],
        rows,
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
