/**
 * `npm run bench -- --peers`: reads the same simulated workspace with this project and each peer, one after another.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { currentAssembly } from '../../local/run/assembly.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { installPython } from '../../tools/install-python.ts';
import type { BenchTable } from '../bench.ts';
import { airbyteCdk } from './airbyte-cdk.ts';
import type { Contender, Race } from './contender.ts';
import { dlt } from './dlt.ts';
import { endpoints } from './endpoints.ts';
import { leastRequests } from './least-requests.ts';
import { prospectLake } from './prospect-lake.ts';
import { singerTap } from './singer-tap.ts';

const contenders: readonly Contender[] = [prospectLake, dlt, airbyteCdk, singerTap];
const latencies = [0, 25, 250];
const pageSize = 100;
const inFlight = 10;

const used = z.object({
  status: z.number().nullable(),
  seconds: z.number(),
  processorSeconds: z.number(),
  peakMiB: z.number(),
});

const head = [
  'leads',
  'latency, ms',
  'contender',
  'seconds',
  'ratio',
  'processor s',
  'peak MiB',
  'requests',
  'of least',
  'rows',
  'missing',
];

/**
 * Races at each size of the workspace and each latency. `ratio`: a contender's time divided by that of the first one.
 */
export async function racePeers(sizes: readonly number[]): Promise<BenchTable> {
  const programs = new Map(
    contenders.map(({ name, requirements }) => [name, requirements ? installed(requirements) : '']),
  );
  // In a checkout, the first run would build the functions. Build them here, so that no measured time includes the
  // build.
  await currentAssembly();
  const rows: (string | number)[][] = [];
  for (const leads of sizes) {
    const simulator = await startSimulator({ leads, pageSize });
    try {
      // Not counted: the first answers of a server take longer, and no contender shall pay for that.
      await time(prospectLake, simulator, '');
      for (const latencyMilliseconds of latencies) {
        simulator.configure({ latencyMilliseconds });
        let first: number | undefined;
        for (const contender of contenders) {
          const result = await time(contender, simulator, programs.get(contender.name) ?? '');
          first ??= result.seconds;
          rows.push([leads, latencyMilliseconds, ...line(contender, simulator, result, first)]);
        }
      }
    } finally {
      await simulator.stop();
    }
  }
  return { head, rows };
}

/** Each peer has its own packages, because they need different versions of the same ones. */
function installed(peer: string): string {
  const list = fileURLToPath(new URL(`requirements/${peer}.txt`, import.meta.url));
  return installPython(fileURLToPath(new URL(`../../.cache/peers/${peer}`, import.meta.url)), [list]);
}

interface Result extends z.infer<typeof used> {
  readonly requests: number;
  readonly rows: ReadonlyMap<string, number>;
}

/** Runs one contender. @throws Error if it fails */
async function time(contender: Contender, simulator: Simulator, programs: string): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'race-'));
  const race: Race = { apiUrl: simulator.baseUrl, apiKey: simulator.apiKey, pageSize, inFlight, folder };
  const read = endpoints.filter(contender.reads);
  const output = join(folder, 'output.txt');
  try {
    const command = await contender.prepare(race, read, programs);
    simulator.clearRequests();
    const measure = fileURLToPath(new URL('measured_run.py', import.meta.url));
    const child = spawn('python3', [measure, output, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [printed, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const measured = used.parse(JSON.parse(printed));
    if (measured.status !== 0)
      throw new Error(`${contender.name} failed with exit status ${measured.status}:\n${errors.slice(-2_000)}`);
    const requests = Object.values(simulator.requestCounts()).reduce((sum, count) => sum + count, 0);
    return { ...measured, requests, rows: await contender.rowsOf(race, read, output) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function line(contender: Contender, simulator: Simulator, result: Result, first: number): (string | number)[] {
  const read = endpoints.filter(contender.reads);
  const counts = simulator.counts();
  const withDetails = contender.readsDetails === true;
  const least = read.reduce((sum, one) => sum + leastRequests(simulator, one, { pageSize, withDetails }), 0);
  const found = (name: string) => result.rows.get(name) ?? 0;
  return [
    contender.name,
    result.seconds.toFixed(1),
    (result.seconds / first).toFixed(2),
    result.processorSeconds.toFixed(1),
    Math.round(result.peakMiB),
    result.requests,
    (result.requests / least).toFixed(2),
    read.reduce((sum, { name }) => sum + found(name), 0),
    read.reduce((sum, { name }) => sum + Math.max(0, (counts[name] ?? 0) - found(name)), 0),
  ];
}
