import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentAssembly } from '../local/run/assembly.ts';
import { type Cloud, startCloud } from '../local/cloud/cloud.ts';
import { noProgress } from '../local/cli/progress-display.ts';
import { localEnvironment, runPipeline } from '../local/run/run-pipeline.ts';
import { startSimulator } from '../local/simulator/simulator.ts';
import type { Bench, BenchTable } from './bench.ts';

const growth = 10;
const unlimited = 1_000_000;

/**
 * Measures whole local runs and their memory: all streams of a small workspace, then only leads at two sizes. Memory is
 * the peak resident set of a function's process, as the kernel counts it.
 */
export const localRunBench: Bench = {
  name: 'The whole pipeline on this machine: API to published tables',
  async run({ leads }): Promise<BenchTable> {
    const runs = [
      { what: 'every table', leads: 2_000, streams: undefined },
      { what: 'leads', leads: Math.ceil(leads / growth), streams: ['leads'] },
      { what: 'leads', leads, streams: ['leads'] },
    ];
    const rows: (string | number)[][] = [];
    for (const run of runs) rows.push(await measure(run));
    return { head: ['tables', 'leads', 'rows', 'rows/s', 'extract MiB', 'convert MiB', 'publish MiB'], rows };
  },
};

async function measure(run: {
  what: string;
  leads: number;
  streams: readonly string[] | undefined;
}): Promise<(string | number)[]> {
  const out = await mkdtemp(join(tmpdir(), 'prospect-lake-bench-'));
  const assembly = await currentAssembly();
  const simulator = await startSimulator({ leads: run.leads });
  const environment = {
    ...localEnvironment({
      apiUrl: simulator.baseUrl,
      streams: run.streams,
      startDate: undefined,
      requestsPerMinute: unlimited,
    }),
  };
  let cloud: Cloud | undefined;
  try {
    const running = await startCloud({ assembly, out, environment, secrets: { apiKey: simulator.apiKey } });
    cloud = running;
    const startedAt = new Date();
    const quiet = { display: noProgress, onResume() {} };
    const { report } = await runPipeline(running, { out, now: startedAt, fullRefresh: false, ...quiet });
    const seconds = (Date.now() - startedAt.getTime()) / 1_000;
    const written = Object.values(report.tables).reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
    const peak = (name: string) => {
      const bytes =
        running
          .memory()
          .find(({ functionName }) => functionName === name)
          ?.processes.map(({ peakBytes }) => peakBytes) ?? [];
      return Math.round(Math.max(0, ...bytes) / 2 ** 20);
    };
    return [
      run.what,
      run.leads,
      written,
      Math.round(written / seconds),
      peak('extract'),
      peak('convert'),
      peak('publish'),
    ];
  } finally {
    await cloud?.stop();
    await simulator.stop();
    await rm(out, { recursive: true, force: true });
  }
}
