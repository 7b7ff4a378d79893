import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { parseWorkspace } from '../lib/config/config.ts';
import type { Cloud } from '../local/cloud/cloud.ts';
import { noProgress } from '../local/cli/progress-display.ts';
import { openLake } from '../local/run/lake.ts';
import { runPipeline } from '../local/run/run-pipeline.ts';
import { startSimulator } from '../local/simulator/simulator.ts';
import type { Bench, BenchTable } from './bench.ts';
import { registerWebhook, startWebhookCloud } from './webhook-cloud.ts';

const webhooks = 4;
const { windowSeconds } = parseWorkspace({ name: 'main' }).webhooks;
const pollMilliseconds = 50;
const patienceMilliseconds = 120_000;

/**
 * Sends one webhook after the other, and measures how long after it DuckDB reads the changed lead. The first one also
 * starts the processes of the functions.
 */
export const webhookBench: Bench = {
  name: 'From a webhook to the changed row',
  async run({ leads }): Promise<BenchTable> {
    const out = await mkdtemp(join(tmpdir(), 'prospect-lake-bench-'));
    const simulator = await startSimulator({ leads });
    let cloud: Cloud | undefined;
    try {
      cloud = await startWebhookCloud(simulator, out);
      const quiet = { display: noProgress, onResume() {} };
      await runPipeline(cloud, { out, now: new Date(), fullRefresh: false, ...quiet });
      registerWebhook(simulator, cloud);
      const ids = [...simulator.expectedRows('leads')].slice(0, webhooks).map((row) => z.string().parse(row['id']));
      const rows: (string | number)[][] = [];
      for (const id of ids) {
        simulator.updateLead(id, { title: 'Changed for the bench' });
        const sentAt = performance.now();
        await simulator.emit('lead.updated', id);
        while (!(await isChanged(out, id))) {
          if (performance.now() - sentAt > patienceMilliseconds) throw new Error('The lead is still as it was.');
          await wait(pollMilliseconds);
        }
        const seconds = (performance.now() - sentAt) / 1_000;
        rows.push([rows.length + 1, seconds.toFixed(1), (seconds - windowSeconds).toFixed(1)]);
        await cloud.idle(patienceMilliseconds);
      }
      return { head: ['webhook', 's until queryable', 's beyond the window'], rows };
    } finally {
      await cloud?.stop();
      await simulator.stop();
      await rm(out, { recursive: true, force: true });
    }
  },
};

async function isChanged(out: string, id: string): Promise<boolean> {
  const lake = await openLake(out, ['leads']);
  try {
    const found = await lake.runAndReadAll(`SELECT title FROM leads WHERE id = '${id}'`);
    return found.getRows()[0]?.[0] === 'Changed for the bench';
  } finally {
    lake.closeSync();
  }
}
