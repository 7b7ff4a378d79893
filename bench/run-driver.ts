import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { reportKey } from '../lambdas/contract/object-keys.ts';
import { runReport } from '../lambdas/contract/run-report.ts';
import type { Cloud } from '../local/cloud/cloud.ts';
import type { Simulator } from '../local/simulator/simulator.ts';

const planned = z.object({ runId: z.string() });
const pollMilliseconds = 200;
const longestRunMilliseconds = 15 * 60_000;

/** Starts nightly runs and backfills during a soak, each when the one before has ended. */
export class RunDriver {
  readonly #cloud: Cloud;
  readonly #out: string;
  readonly #simulator: Simulator;
  nightlies = 0;
  backfills = 0;
  /** Runs that were not complete, and how each ended. */
  readonly failed: string[] = [];

  constructor(cloud: Cloud, out: string, simulator: Simulator) {
    this.#cloud = cloud;
    this.#out = out;
    this.#simulator = simulator;
  }

  /** Starts runs until a time, and waits for the last one. @param until milliseconds since 1970 */
  async drive(until: number): Promise<void> {
    while (Date.now() < until) {
      await this.#run({ kind: 'backfill', streams: ['leads', 'lead_messages'] });
      this.backfills += 1;
      this.#simulator.advance(new Date());
      await this.nightly();
    }
  }

  async nightly(): Promise<void> {
    await this.#run({ kind: 'nightly' });
    this.nightlies += 1;
  }

  async #run(request: object): Promise<void> {
    const answer = await this.#cloud.invoke('plan', { scheduledAt: new Date().toISOString(), ...request });
    const { runId } = planned.parse(answer);
    const path = join(this.#out, reportKey(runId));
    const until = Date.now() + longestRunMilliseconds;
    while (!existsSync(path)) {
      if (Date.now() > until) {
        this.failed.push(`${runId} did not end`);
        return;
      }
      await wait(pollMilliseconds);
    }
    const { status, tables } = runReport.parse(JSON.parse(await readFile(path, 'utf8')));
    if (status === 'complete') return;
    const errors = Object.entries(tables).flatMap(([name, { error }]) => (error ? [`${name}: ${error.message}`] : []));
    this.failed.push(`${runId} ${status}: ${errors.join('; ')}`);
  }
}
