import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { planKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { plan, type Plan } from '../../lambdas/contract/run.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { webhookHeaders } from '../../lambdas/contract/webhook.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { currentAssembly } from '../../local/run/assembly.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../local/cloud/cloud.ts';
import { openLake } from '../../local/run/lake.ts';
import { localEnvironment } from '../../local/run/run-pipeline.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';
import { storedSecret } from '../../local/cli/watch.ts';
import { inProcess } from './in-process.ts';

/** Secret that signs the test deliveries. */
export const testSecret = 'whsec_of_the_tests';
/** Long enough for a busy machine, on which a night of every stream takes a minute. */
const patience = { timeout: 90_000, interval: 50 };

export interface DeliveryOptions {
  readonly event?: string;
  readonly id?: string;
  readonly secret?: string;
  /** Time of the signature, in Unix seconds. @default now */
  readonly signedAt?: number;
  readonly contentType?: string;
  /** Headers that replace the delivery's own; undefined omits a header. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Body to send instead of the signed one. */
  readonly sent?: string | Buffer;
}

/** The deployed pipeline on the embedded cloud, connected to a simulator, with helpers for events and exports. */
export class EventWorld {
  readonly out: string;
  readonly cloud: Cloud;
  /** Every log line of every function. */
  readonly lines: { functionName: string; line: string }[];

  private constructor(out: string, cloud: Cloud, lines: { functionName: string; line: string }[]) {
    this.out = out;
    this.cloud = cloud;
    this.lines = lines;
  }

  static async start(
    simulator: Simulator,
    options: {
      streams: readonly string[];
      apiUrl?: string;
      webhookSecret?: string | null;
      /** Whether the functions run as processes, which can be killed. @default false: inside this process */
      processes?: boolean;
      /** Folder of the cloud assembly. @default the assembly of prospect-lake.config.ts */
      assembly?: string;
    } & Pick<CloudOptions, 'timeScale' | 'environment' | 'buckets' | 'concurrency' | 'hooks' | 'releaseSeconds'>,
  ): Promise<EventWorld> {
    const out = await mkdtemp(join(tmpdir(), 'event-world-'));
    const lines: { functionName: string; line: string }[] = [];
    const {
      webhookSecret = storedSecret(testSecret),
      streams,
      apiUrl = simulator.baseUrl,
      environment,
      processes = false,
      assembly,
      ...rest
    } = options;
    const cloud = await startCloud({
      ...rest,
      ...(processes ? {} : { startInstance: inProcess }),
      assembly: assembly ?? (await currentAssembly()),
      out,
      environment: {
        ...localEnvironment({
          apiUrl,
          streams,
          startDate: undefined,
          requestsPerMinute: 1_000_000,
          timeScale: rest.timeScale ?? 1,
        }),
        ...environment,
      },
      secrets: { apiKey: simulator.apiKey, ...(webhookSecret === null ? {} : { webhook: webhookSecret }) },
      onLog: ({ functionName, line }) => lines.push({ functionName, line }),
    });
    return new EventWorld(out, cloud, lines);
  }

  async end(): Promise<void> {
    await this.cloud.stop();
    // A function that runs in this process cannot be killed, and may write a last line to its log meanwhile.
    await rm(this.out, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  get webhookUrl(): string {
    return `${this.cloud.apiUrl('webhook-endpoint')}/webhooks/prospectb2b`;
  }

  /** Runs a nightly run. @returns its report */
  async load(at = new Date()): Promise<RunReport> {
    await this.cloud.invoke('plan', { scheduledAt: at.toISOString() });
    return this.report(runIdOf('nightly', at));
  }

  report(runId: string): Promise<RunReport> {
    return vi.waitFor(() => runReport.parse(this.json(reportKey(runId))), patience);
  }

  json(key: string): unknown {
    return JSON.parse(readFileSync(join(this.out, key), 'utf8'));
  }

  text(key: string): string {
    return readFileSync(join(this.out, key), 'utf8');
  }

  /** Names of a table's Parquet files. */
  files(table: string): string[] {
    const folder = join(this.out, 'lake', table);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'));
  }

  /** Plans of all refreshes so far. */
  refreshes(): Plan[] {
    const folder = join(this.out, 'runs');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.startsWith('refresh-') && existsSync(join(this.out, planKey(name))))
      .toSorted()
      .map((name) => plan.parse(this.json(planKey(name))));
  }

  /** Runs something that causes refreshes, and waits until they are published. */
  async refreshesOf(cause: () => Promise<unknown>): Promise<{ plans: Plan[]; reports: RunReport[] }> {
    const before = new Set(this.refreshes().map(({ runId }) => runId));
    await cause();
    await this.cloud.idle();
    const plans = this.refreshes().filter(({ runId }) => !before.has(runId));
    return { plans, reports: await Promise.all(plans.map(({ runId }) => this.report(runId))) };
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    const lake = await openLake(this.out);
    try {
      return (await lake.runAndReadAll(sql)).getRowObjectsJson();
    } finally {
      lake.closeSync();
    }
  }

  /** Sends a signed delivery to the webhook endpoint, as any client could. */
  deliver(body: string, options: DeliveryOptions = {}): Promise<Response> {
    const { event = 'lead.updated', id = `del_${randomUUID()}`, secret = testSecret, contentType } = options;
    const timestamp = String(options.signedAt ?? Math.floor(Date.now() / 1_000));
    const all = {
      'content-type': contentType ?? 'application/json',
      [webhookHeaders.event]: event,
      [webhookHeaders.delivery]: id,
      [webhookHeaders.timestamp]: timestamp,
      [webhookHeaders.signature]: `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
      ...options.headers,
    };
    const headers = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(this.webhookUrl, { method: 'POST', headers, body: options.sent ?? body });
  }
}
