/**
 * `npx prospect-lake start --watch`: keeps the embedded cloud running after the first load, receives webhooks and
 * prints what each run did.
 */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { reportKey } from '../../lambdas/contract/object-keys.ts';
import { runReport } from '../../lambdas/contract/run-report.ts';
import { webhookEvents, type WebhookSecret } from '../../lambdas/contract/webhook.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { readStored } from '../run/stored-file.ts';
import { outFlag, watchCommand } from './out-flag.ts';
import { errorLines } from './summary.ts';
import { UsageError } from './usage-error.ts';

const pollMilliseconds = 200;

/**
 * What `npx prospect-lake simulate-event` needs to know about a run with `--watch`. The file is in the output folder
 * while that run lasts.
 */
const watchFile = z.object({ webhookUrl: z.url(), secret: z.string(), apiUrl: z.url(), apiKey: z.string() });
export type WatchFile = z.infer<typeof watchFile>;

const pathOf = (out: string) => join(out, '.cloud', 'watch.json');

/** @throws UsageError if no run with `--watch` uses this folder */
export async function readWatchFile(out: string): Promise<WatchFile> {
  if (!existsSync(pathOf(out))) throw noWatch(out);
  return readStored(pathOf(out), watchFile, 'Start the watching run anew.');
}

/**
 * The error for a folder on which no run with `--watch` is under way: the file is missing, or a killed run left it
 * behind and nothing answers at its addresses.
 */
export function noWatch(out: string): UsageError {
  return new UsageError(`No run watches on ${out}. Start one: ${watchCommand(out)}`);
}

/** The webhook secret of this run: the one in the environment, or a random one. */
export function watchSecret(environment: NodeJS.ProcessEnv): string {
  return environment['PROSPECTB2B_WEBHOOK_SECRET'] ?? `whsec_local_${randomBytes(12).toString('hex')}`;
}

/** The secret in the form in which the `register` function stores it. */
export function storedSecret(secret: string): string {
  const value: WebhookSecret = { endpointId: null, current: secret, previous: null };
  return JSON.stringify(value);
}

export interface Watching {
  readonly out: string;
  readonly cloud: Cloud;
  readonly secret: string;
  readonly apiUrl: string;
  /**
   * Undefined for a real API. `npx prospect-lake simulate-event` then finds no file, because it would contain the API
   * key.
   */
  readonly simulator: Simulator | undefined;
  readonly say: (text: string) => void;
}

/** Runs until the process receives SIGINT or SIGTERM. */
export async function watch({ out, cloud, secret, apiUrl, simulator, say }: Watching): Promise<void> {
  const webhookUrl = `${cloud.apiUrl('webhook-endpoint')}/webhooks/prospectb2b`;
  if (simulator) {
    simulator.registerWebhook({ url: webhookUrl, events: webhookEvents, secret });
    const file: WatchFile = { webhookUrl, secret, apiUrl, apiKey: simulator.apiKey };
    await writeFile(pathOf(out), JSON.stringify(file), { mode: 0o600 });
  }
  say(`\nWatching: POST ${webhookUrl}   (Ctrl-C ends it)`);
  const [lead] = simulator?.expectedRows('leads') ?? [];
  const id = lead?.['id'];
  if (typeof id === 'string') say(`Send an event: npx prospect-lake simulate-event lead.updated ${id}${outFlag(out)}`);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const known = new Set(await refreshes(out));
  const told = new Set<string>();
  while (!stopping.signal.aborted) {
    for (const runId of await refreshes(out)) {
      if (!known.has(runId)) {
        known.add(runId);
        say(`${time()}  ${runId}: events came, their resources are read anew`);
      }
      const ended = told.has(runId) ? undefined : await endOf(out, runId);
      if (ended !== undefined) {
        told.add(runId);
        say(`${time()}  ${runId}: ${ended}`);
      }
    }
    await wait(pollMilliseconds);
  }
  await rm(pathOf(out), { force: true });
}

async function refreshes(out: string): Promise<string[]> {
  const names = await readdir(join(out, 'runs')).catch(() => []);
  return names.filter((name) => name.startsWith('refresh-'));
}

async function endOf(out: string, runId: string): Promise<string | undefined> {
  const text = await readFile(join(out, reportKey(runId)), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const report = runReport.parse(JSON.parse(text));
  const { status, tables } = report;
  const rows = Object.entries(tables).filter(([, { rowsChanged, rowsDeleted }]) => rowsChanged + rowsDeleted > 0);
  const counts = rows.map(
    ([name, { rowsChanged, rowsDeleted }]) =>
      `${name} ${rowsChanged}${rowsDeleted > 0 ? ` (${rowsDeleted} deleted)` : ''}`,
  );
  return [`${status}: ${counts.join(', ') || 'nothing changed'}`, ...errorLines(report)].join('\n');
}

function time(): string {
  return new Date().toISOString().slice(11, 19);
}
