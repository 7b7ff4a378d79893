/**
 * `npm run soak -- --rate 20 --minutes 5`: sends webhook events at a steady rate during nightly runs and backfills,
 * then compares the accepted events with the tables. Exit status 1 if anything is lost.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Cloud } from '../local/cloud/cloud.ts';
import { openLake } from '../local/run/lake.ts';
import { wholeNumber } from '../local/cli/flag-values.ts';
import { command, runCommand } from '../local/cli/run-command.ts';
import { type Simulator, startSimulator } from '../local/simulator/simulator.ts';
import { textTable } from '../local/cli/text-table.ts';
import { EventDriver } from './event-driver.ts';
import { RunDriver } from './run-driver.ts';
import { registerWebhook, startWebhookCloud } from './webhook-cloud.ts';

const leads = 1_000;
const streams = ['leads', 'lead_activities', 'lead_messages', 'campaigns', 'campaign_runs'];
const idleMilliseconds = 15 * 60_000;
const memoryMarks = [0.25, 0.5, 0.75, 1];

const input = z.strictObject({
  rate: wholeNumber('--rate', { least: 1, most: 1_000 }).default(20),
  minutes: wholeNumber('--minutes', { least: 1, most: 1_440 }).default(5),
});

export const soak = command({
  command: 'npm run soak',
  summary: 'Holds the webhook endpoint at a rate beside nightly runs and backfills, and counts what is lost.',
  flags: {
    rate: { value: '<n>', help: 'events a second; default: 20' },
    minutes: { value: '<n>', help: 'how long; default: 5' },
  },
  input,
  run,
});

async function run({ rate, minutes }: z.infer<typeof input>): Promise<number> {
  const out = await mkdtemp(join(tmpdir(), 'prospect-lake-soak-'));
  const simulator = await startSimulator({ leads });
  let cloud: Cloud | undefined;
  try {
    cloud = await startWebhookCloud(simulator, out, streams);
    return await hold({ out, simulator, cloud, rate, milliseconds: minutes * 60_000 });
  } finally {
    await cloud?.stop();
    await simulator.stop();
    await rm(out, { recursive: true, force: true });
  }
}

interface Soaked {
  readonly out: string;
  readonly simulator: Simulator;
  readonly cloud: Cloud;
  readonly rate: number;
  readonly milliseconds: number;
}

async function hold({ out, simulator, cloud, rate, milliseconds }: Soaked): Promise<number> {
  const runs = new RunDriver(cloud, out, simulator);
  await runs.nightly();
  registerWebhook(simulator, cloud);
  say(`${rate} events/s for ${milliseconds / 60_000} min, beside nightly runs and backfills, one after the other …`);
  const events = new EventDriver(simulator, rate);
  const memory: (readonly [string, ReadonlyMap<string, number>])[] = [];
  const until = Date.now() + milliseconds;
  const marks = memoryMarks.map((share) =>
    setTimeout(() => memory.push([`${share * 100} %`, peaks(cloud)]), milliseconds * share),
  );
  await Promise.all([events.drive(until), runs.drive(until)]);
  for (const mark of marks) clearTimeout(mark);
  await cloud.idle(idleMilliseconds);
  memory.push(['after', peaks(cloud)]);

  const { sent, accepted, refused, seconds, percentile } = events.result();
  say(
    `\n${textTable(
      ['events sent', 'accepted', 'refused', 'events/s', 'answer p50 ms', 'p99 ms', 'nightly runs', 'backfills'],
      [
        [
          sent,
          accepted.size,
          refused,
          round(sent / seconds),
          percentile(0.5),
          percentile(0.99),
          runs.nightlies,
          runs.backfills,
        ],
      ],
    )}`,
  );
  const functions = [...(memory[0]?.[1].keys() ?? [])];
  say(
    `\nPeak resident set of a process so far, MiB\n\n${textTable(
      ['at', ...functions],
      memory.map(([at, of]) => [at, ...functions.map((name) => of.get(name) ?? 0)]),
    )}`,
  );
  const lost = await compare(out, simulator, accepted);
  say(
    `\nAccepted events that are in no table: ${lost.events}. Leads that are not as the workspace has them: ${lost.leads}. Runs not complete: ${runs.failed.length}.`,
  );
  for (const run of runs.failed) say(`  ${run}`);
  return lost.events + lost.leads + runs.failed.length === 0 ? 0 : 1;
}

function peaks(cloud: Cloud): ReadonlyMap<string, number> {
  return new Map(cloud.memory().map(({ functionName, peakBytes }) => [functionName, Math.round(peakBytes / 2 ** 20)]));
}

async function compare(out: string, simulator: Simulator, accepted: ReadonlySet<string>) {
  const lake = await openLake(out);
  try {
    const stored = new Set(
      (await lake.runAndReadAll('SELECT DISTINCT delivery_id FROM webhook_events')).getRows().map(([id]) => id),
    );
    const current = new Map<unknown, unknown>(
      (await lake.runAndReadAll('SELECT id, title FROM leads')).getRows().map(([id, title]) => [id, title]),
    );
    const rows = [...simulator.expectedRows('leads')];
    const differing = rows.filter(({ id, title }) => current.get(id) !== title).length;
    return {
      events: [...accepted].filter((id) => !stored.has(id)).length,
      leads: differing + Math.abs(current.size - rows.length),
    };
  } finally {
    lake.closeSync();
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) await runCommand(soak);
