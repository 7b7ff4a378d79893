import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { reportKey } from '../lambdas/contract/object-keys.ts';
import { runReport } from '../lambdas/contract/run.ts';
import type { Call } from '../local/cloud/call-watch.ts';
import type { Cloud } from '../local/cloud/cloud.ts';
import { type LakeSize, lakeSize } from './lake-size.ts';
import type { Phase } from './measurement.ts';

/** What the proxy's cut writes, and no night does. */
const cutMetric = 'ApiRateLimited';
const pollMilliseconds = 20;

const emf = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({ Dimensions: z.array(z.array(z.string())), Metrics: z.array(z.object({ Name: z.string() })) }),
    ),
  }),
});

const nothing = () => ({
  invocations: new Map<string, number>(),
  milliseconds: new Map<string, number>(),
  calls: new Map<string, number>(),
  metrics: new Set<string>(),
  messageBytes: 0,
  logBytes: 0,
  apiRequests: 0,
  events: 0,
});

/** Counts what the functions do between `begin` and `end`. */
export class PhaseCounter {
  readonly #out: string;
  readonly #apiRequests: () => number;
  #cloud: Cloud | undefined;
  #now = nothing();
  #before: { size: LakeSize; runs: ReadonlySet<string> } | undefined;

  constructor({ out, apiRequests }: { out: string; apiRequests: () => number }) {
    this.#out = out;
    this.#apiRequests = apiRequests;
  }

  watch(cloud: Cloud): void {
    this.#cloud = cloud;
  }

  called(call: Call): void {
    add(this.#now.calls, `${call.functionName} ${call.service}:${call.operation}`, 1);
  }

  sent(body: string): void {
    this.#now.messageBytes += Buffer.byteLength(body);
  }

  invoked({ functionName, milliseconds }: { functionName: string; milliseconds: number }): void {
    add(this.#now.invocations, functionName, 1);
    add(this.#now.milliseconds, functionName, milliseconds);
  }

  logged(line: string): void {
    this.#now.logBytes += Buffer.byteLength(line) + 1;
    if (!line.includes('"_aws"')) return;
    for (const { Dimensions, Metrics } of emf.parse(JSON.parse(line))._aws.CloudWatchMetrics) {
      for (const { Name } of Metrics) {
        if (Name !== cutMetric) this.#now.metrics.add(`${Name} by ${Dimensions.flat().toSorted().join(', ')}`);
      }
    }
  }

  /** Holds a call of publish until nothing else of its run is under way; the wait is no part of its time. */
  async holdPublish(): Promise<void> {
    const from = performance.now();
    const isBusy = () =>
      this.#cloud
        ?.queues()
        .some(
          ({ name, ready, inFlight, delayed }) =>
            /^(extract|convert)-queue$/.test(name) && ready + inFlight + delayed > 0,
        );
    while (isBusy()) await wait(pollMilliseconds);
    add(this.#now.milliseconds, 'publish', from - performance.now());
  }

  async begin(): Promise<void> {
    this.#before = { size: await lakeSize(this.#out), runs: new Set(await this.#runs()) };
    this.#now = nothing();
    this.#now.apiRequests = -this.#apiRequests();
    this.#now.events = -(this.#cloud?.events.length ?? 0);
  }

  async end(repeats: number): Promise<{ phase: Phase; seconds: Record<string, number> }> {
    const { size: before, runs } = this.#before ?? { size: await lakeSize(this.#out), runs: new Set<string>() };
    const after = await lakeSize(this.#out);
    const now = this.#now;
    const seconds = Object.fromEntries(
      [...now.milliseconds].map(([name, sum]) => [name, Math.round(sum / (now.invocations.get(name) ?? 1)) / 1_000]),
    );
    const phase: Phase = {
      repeats,
      invocations: sorted(now.invocations),
      calls: sorted(now.calls),
      messageBytes: now.messageBytes,
      logBytes: now.logBytes,
      metrics: [...now.metrics].toSorted(),
      events: now.events + (this.#cloud?.events.length ?? 0),
      apiRequests: now.apiRequests + this.#apiRequests(),
      rows: await this.#rowsOf((await this.#runs()).filter((run) => !runs.has(run))),
      stored: {
        raw: after.stored.raw - before.stored.raw,
        runs: after.stored.runs - before.stored.runs,
        lake: after.stored.lake - before.stored.lake,
      },
      largestTable: largest(before, after),
    };
    return { phase, seconds };
  }

  async #runs(): Promise<string[]> {
    return readdir(join(this.#out, 'runs')).catch(() => []);
  }

  /** @throws Error where a run did not end well: its counts would be those of something else */
  async #rowsOf(runs: readonly string[]): Promise<number> {
    let rows = 0;
    for (const run of runs) {
      const text = await readFile(join(this.#out, reportKey(run)), 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const { status, tables } = runReport.parse(JSON.parse(text));
      if (status !== 'complete') throw new Error(`The run ${run} ended ${status}: it cannot be measured.`);
      for (const { rowsWritten } of Object.values(tables)) rows += rowsWritten;
    }
    return rows;
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of the table that has grown the most. */
function largest(before: LakeSize, after: LakeSize): { bytes: number; files: number } {
  const grown = [...after.tables].map(([table, { bytes, files }]) => {
    const was = before.tables.get(table) ?? { bytes: 0, files: 0 };
    return { bytes: bytes - was.bytes, files: files - was.files };
  });
  return grown.reduce((most, one) => (one.bytes > most.bytes ? one : most), { bytes: 0, files: 0 });
}
