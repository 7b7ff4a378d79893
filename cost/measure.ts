/** Counts what the functions do in a first load, a night, a refresh and an export, on the embedded cloud. */

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { prefixes } from '../lambdas/contract/object-keys.ts';
import { webhookEvents } from '../lambdas/contract/webhook.ts';
import type { Cloud, CloudOptions } from '../local/cloud/cloud.ts';
import type { QueueDepth } from '../local/cloud/running-cloud.ts';
import { currentAssembly } from '../local/run/assembly.ts';
import { localEnvironment } from '../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../local/simulator/simulator.ts';
import { requestsByTable } from './requests-by-table.ts';

const amount = z.number().nonnegative();
const counts = z.object({
  /** Number of calls of AWS services, by name, such as `s3:PutObject`. */
  calls: z.record(z.string(), amount),
  invocations: z.record(z.string(), amount),
  apiRequests: amount,
  /** How many of the requests to the API read each table. The others ask whose key it is, or order an export. */
  requestsByTable: z.record(z.string(), amount),
  /** Number of events sent to the event bus. */
  events: amount,
  /** Number of the project's own CloudWatch metrics. Each combination of name and dimensions is one. */
  metrics: amount,
  logBytes: amount,
  rawBytes: amount,
  /** Growth of the history, which is kept. */
  historyBytes: amount,
  /** Growth of the current tables with their older snapshots, which expire. */
  currentBytes: amount,
  /** Bytes that a query of all rows reads from the largest current table. */
  largestTableBytes: amount,
});
export type Counts = z.infer<typeof counts>;

export const phaseNames = ['firstLoad', 'night', 'refresh', 'export'] as const;
export type PhaseName = (typeof phaseNames)[number];
export const measured = z.object({
  leads: z.int().positive(),
  phases: z.record(z.enum(phaseNames), counts),
  /** Average seconds per invocation, by function. They depend on this machine, so no test compares them. */
  seconds: z.record(z.string(), amount),
});
export type Measured = z.infer<typeof measured>;

/**
 * The embedded cloud shortens the delays between messages by this factor, and also the time-outs after which a message
 * is delivered again. With a larger factor, a busy machine would do work twice.
 */
const timeScale = 20;
const patienceMilliseconds = 3_600_000;
const day = 86_400_000;
/** Number of nights after the first load. Only the last night is counted. */
const nights = 2;
const nobodyWaits = 10_000_000;

/**
 * Measures a workspace of this many leads. Each function has one process, and publish waits until extract and convert
 * are idle, so that the counts are the same each time.
 */
export async function measure(leads: number, parts: Pick<CloudOptions, 'startInstance'> = {}): Promise<Measured> {
  const out = await mkdtemp(join(tmpdir(), 'cost-'));
  const start = Date.now();
  const simulator = await startSimulator({ leads, epochs: [new Date(start - (nights + 1) * day)], exportPolls: 1 });
  const counter = new Counter();
  let cloud: Cloud | undefined;
  try {
    // Loaded only here: `cost`, which reads what was measured, needs none.
    const { startCloud } = await import('../local/cloud/cloud.ts');
    cloud = await startCloud({
      ...parts,
      assembly: await currentAssembly(),
      out,
      timeScale,
      environment: localEnvironment({
        apiUrl: simulator.baseUrl,
        streams: undefined,
        startDate: undefined,
        requestsPerMinute: nobodyWaits,
        timeScale,
      }),
      secrets: { apiKey: simulator.apiKey },
      concurrency: { plan: 1, extract: 1, convert: 1, publish: 1, refresh: 1, export: 1 },
      hooks: {
        async beforeCall({ functionName, service, operation }) {
          if (functionName === 'publish') await untilIsAlone(() => cloud);
          counter.called(`${service}:${operation}`);
          return 'continue' as const;
        },
      },
      onLog: ({ line }) => counter.logged(line),
      onInvocation: (invocation) => counter.invoked(invocation),
    });
    const phases = await phasesOf(cloud, simulator, counter, { out, start });
    return { leads, phases, seconds: counter.secondsPerInvocation() };
  } finally {
    await cloud?.stop();
    await simulator.stop();
    await rm(out, { recursive: true, force: true });
  }
}

async function phasesOf(
  cloud: Cloud,
  simulator: Simulator,
  counter: Counter,
  { out, start }: { out: string; start: number },
): Promise<Measured['phases']> {
  const during = async (work: () => Promise<unknown>): Promise<Counts> => {
    counter.begin();
    const before = { requests: simulator.requests.length, events: cloud.events.length, sizes: await sizesOf(out) };
    await work();
    await cloud.idle(patienceMilliseconds);
    const sizes = await sizesOf(out);
    const { now, metrics } = counter;
    counter.begin();
    return {
      ...now,
      metrics: metrics.size,
      apiRequests: simulator.requests.length - before.requests,
      requestsByTable: requestsByTable(simulator.requests.slice(before.requests)),
      events: cloud.events.length - before.events,
      rawBytes: sizes.raw - before.sizes.raw,
      historyBytes: sizes.history - before.sizes.history,
      currentBytes: sizes.current - before.sizes.current,
      largestTableBytes: sizes.largestTable,
    };
  };
  const night = (daysAgo: number) => during(() => cloud.fire('plan', new Date(start - daysAgo * day)));

  const firstLoad = await night(nights);
  let last = firstLoad;
  for (let daysAgo = nights - 1; daysAgo >= 0; daysAgo -= 1) {
    simulator.advance(new Date(Date.now() - 1_000));
    last = await night(daysAgo);
  }
  const url = `${cloud.apiUrl('webhook-endpoint')}/webhooks/prospectb2b`;
  await cloud.invoke('register', { action: 'rotate', url, events: [...webhookEvents] });
  const [first] = simulator.expectedRows('leads');
  const id = z.string().parse(first?.['id']);
  const refresh = await during(async () => {
    simulator.updateLead(id, { title: 'Changed for a webhook' });
    await simulator.emit('lead.updated', id);
  });
  return { firstLoad, night: last, refresh, export: await during(() => cloud.fire('exports', new Date(start))) };
}

/** Waits until extract and convert are idle. */
async function untilIsAlone(cloud: () => Cloud | undefined): Promise<void> {
  while (isAtWork(cloud()?.queues() ?? [])) await wait(10);
}

function isAtWork(queues: readonly QueueDepth[]): boolean {
  return queues.some(
    ({ name, ready, inFlight, delayed }) => /^(extract|convert)-queue$/.test(name) && ready + inFlight + delayed > 0,
  );
}

interface Sizes {
  readonly raw: number;
  readonly history: number;
  readonly current: number;
  readonly largestTable: number;
}

async function sizesOf(out: string): Promise<Sizes> {
  const sizeOf = async (prefix: string) => {
    const folder = join(out, prefix);
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    const stats = await Promise.all(names.map((name) => stat(join(folder, name))));
    return stats.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
  };
  const tables = await readdir(join(out, prefixes.current)).catch(() => []);
  const inTables = await Promise.all(tables.map((table) => sizeOf(`${prefixes.current}${table}/data`)));
  return {
    raw: await sizeOf(prefixes.raw),
    history: await sizeOf(prefixes.lake),
    current: await sizeOf(prefixes.current),
    largestTable: Math.max(0, ...inTables),
  };
}

const metricLine = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({ Dimensions: z.array(z.array(z.string())), Metrics: z.array(z.object({ Name: z.string() })) }),
    ),
  }),
});

class Counter {
  now = emptyCounts();
  metrics = new Set<string>();
  readonly #seconds = new Map<string, number[]>();

  begin(): void {
    this.now = emptyCounts();
    this.metrics = new Set();
  }

  called(call: string): void {
    addOne(this.now.calls, call);
  }

  invoked({ functionName, milliseconds }: { functionName: string; milliseconds: number }): void {
    addOne(this.now.invocations, functionName);
    this.#seconds.set(functionName, [...(this.#seconds.get(functionName) ?? []), milliseconds / 1_000]);
  }

  secondsPerInvocation(): Record<string, number> {
    const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
    return Object.fromEntries([...this.#seconds].map(([name, seconds]) => [name, mean(seconds)]));
  }

  logged(line: string): void {
    this.now.logBytes += Buffer.byteLength(line) + 1;
    if (!line.includes('"_aws"')) return;
    for (const { Dimensions, Metrics } of metricLine.parse(JSON.parse(line))._aws.CloudWatchMetrics)
      for (const { Name } of Metrics) this.metrics.add(`${Name} ${Dimensions.flat().join()}`);
  }
}

function addOne(to: Record<string, number>, key: string): void {
  to[key] = (to[key] ?? 0) + 1;
}

function emptyCounts(): Pick<Counts, 'calls' | 'invocations' | 'logBytes'> {
  return { calls: {}, invocations: {}, logBytes: 0 };
}
