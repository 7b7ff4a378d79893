import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { webhookEvents } from '../../lambdas/contract/webhook.ts';
import { currentAssembly } from '../../local/run/assembly.ts';
import type { Call } from '../../local/cloud/call-hook-runner.ts';
import { type Cloud, startCloud } from '../../local/cloud/cloud.ts';
import type { Deliver } from '../../local/cloud/sqs/queues.ts';
import { localEnvironment } from '../../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { CallOrder } from './call-order.ts';
import { type CloudStage, type CloudWorkload, idleMilliseconds } from './cloud-workloads.ts';
import { readLakeFolder, restoreLake } from './lake-folder.ts';
import { MemoryStore } from './memory-store.ts';
import { type RequestWatch, watchRequests } from './request-watch.ts';

/** Identifies a step by label and occurrence: its index varies between runs, because functions run concurrently. */
export interface CloudPoint {
  readonly label: string;
  readonly occurrence: number;
  readonly when: 'before' | 'after';
}

export interface CloudTrial {
  /** Where a process is killed. If absent, none is. */
  readonly point?: CloudPoint;
  readonly deliver?: Deliver;
  /** Number of times that the schedule fires. @default 1 */
  readonly fires?: number;
  /** Whether every function starts in a new process with nothing cached. @default false */
  readonly cold?: boolean;
}

export interface CloudOutcome {
  readonly faults: string[];
  /** Number of times each step was taken. */
  readonly steps: ReadonlyMap<string, number>;
  /** Whether the run reached the point and a process was killed there. */
  readonly killed: boolean;
}

/**
 * Delays, batch windows and retry waits pass this many times faster than in the cloud. Messages of a killed
 * process become visible again at once, so no trial waits for a visibility timeout or is cut short by one.
 */
const timeScale = 100;
const firstTick = Date.parse('2026-11-24T02:00:00.000Z');
const minuteMilliseconds = 60_000;
const secret = 'whsec_of_the_trials';
const exportBucket = 'vendor-exports';
const cached = 'GetSecretValue';

/**
 * The deployed functions on the embedded cloud, over a small simulated workspace. The cloud stays up between
 * trials, so that a trial takes a second or two. Each trial starts with the same bucket and workspace, at its
 * own scheduled time.
 */
export class CloudTrials {
  readonly #out: string;
  readonly #workload: CloudWorkload;
  readonly #epoch = new Date(Date.now() - 60 * minuteMilliseconds);
  readonly #processes = new Map<string, string>();
  readonly #order = new CallOrder(() => this.#running());
  #simulator: Simulator;
  #cloud: Cloud | undefined;
  #requests: RequestWatch | undefined;
  #lake = new MemoryStore();
  /** The trial whose run is under way; undefined between trials. */
  #trial: CloudTrial | undefined;
  #steps = new Map<string, number>();
  #killed = false;
  #tick = 0;

  private constructor(out: string, workload: CloudWorkload, simulator: Simulator) {
    this.#out = out;
    this.#workload = workload;
    this.#simulator = simulator;
  }

  static async start(workload: CloudWorkload): Promise<CloudTrials> {
    const out = await mkdtemp(join(tmpdir(), 'crash-matrix-'));
    const trials = new CloudTrials(out, workload, await startSimulator({ leads: 2 }));
    await trials.#start();
    const stage = await trials.#stage();
    await workload.prepare?.(stage);
    await stage.cloud.idle(idleMilliseconds);
    trials.#lake = await readLakeFolder(out);
    return trials;
  }

  async #start(): Promise<void> {
    const requests = await watchRequests(
      () => this.#simulator.baseUrl,
      (processId, request, when) => {
        if (!this.#meets(`${this.#processes.get(processId)} ${request}`, when)) return true;
        this.#cloud?.kill(processId);
        return false;
      },
    );
    this.#requests = requests;
    const apiUrl = this.#simulator.baseUrl;
    const streams = this.#workload.streams.map(({ name }) => name);
    this.#cloud = await startCloud({
      assembly: await currentAssembly(),
      out: this.#out,
      timeScale,
      releaseSeconds: 0,
      environment: {
        ...localEnvironment({ apiUrl, streams, startDate: undefined, requestsPerMinute: 1_000_000, timeScale }),
        API_BASE_URL: ({ functionName, processId }) => {
          this.#processes.set(processId, functionName);
          return requests.baseUrlFor(processId);
        },
        // 0.3 s in real time, because the clock runs 100 times faster.
        PUBLISH_CHECK_SECONDS: '30',
        EXPORT_SOURCE: JSON.stringify({ bucket: exportBucket, prefix: '' }),
        EXPORT_FIRST_POLL_SECONDS: '5',
        // The workspace has two leads, so one deletion is half of the table.
        MAX_DELETED_SHARE: '0.5',
      },
      secrets: { apiKey: this.#simulator.apiKey, webhook: JSON.stringify(this.#secretOf('')) },
      buckets: [exportBucket],
      concurrency: { extract: 2, convert: 1, publish: 1, refresh: 1, export: 1 },
      hooks: {
        beforeCall: (call) => this.#beforeCall(call),
        afterCall: (call) => (this.#meets(labelOf(call), 'after') ? 'kill' : 'continue'),
        deliver: (message) => this.#trial?.deliver?.(message) ?? [message.delaySeconds],
      },
    });
  }

  async #beforeCall(call: Call): Promise<'kill' | 'continue'> {
    this.#processes.set(call.processId, call.functionName);
    if (call.operation === 'GetObject' && call.resource.startsWith(`${exportBucket}/`))
      await this.#putExport(call.resource.slice(exportBucket.length + 1));
    if (this.#trial) await this.#order.turnOf(call);
    return this.#meets(labelOf(call), 'before') ? 'kill' : 'continue';
  }

  /** Writes the export file, as the vendor's storage flow would have done before the function asks for it. */
  async #putExport(Key: string): Promise<void> {
    const row = [...this.#simulator.expectedRows('exports')].find((each) => each['file_key'] === Key);
    const { s3 } = this.#running().clients();
    const Body = [...this.#simulator.exportFile(String(row?.['id']))].join('');
    await s3.send(new PutObjectCommand({ Bucket: exportBucket, Key, Body }));
    s3.destroy();
  }

  /** Runs the workload once and kills one process at one step. */
  async run(trial: CloudTrial): Promise<CloudOutcome> {
    const cloud = this.#running();
    await restoreLake(cloud, this.#lake);
    const stage = await this.#stage(trial.fires);
    if (trial.cold || trial.point?.label.includes(cached)) for (const id of this.#processes.keys()) cloud.kill(id);
    this.#steps = new Map();
    this.#killed = false;
    this.#trial = trial;
    try {
      await this.#workload.play(stage);
      await cloud.idle(idleMilliseconds);
    } finally {
      this.#trial = undefined;
    }
    const faults = await this.#workload.faults(stage, await readLakeFolder(this.#out));
    faults.push(...(await this.#deadLetters(cloud)));
    return { faults, steps: this.#steps, killed: this.#killed };
  }

  /** Every step of an undisturbed run. Steps that a cold start repeats count only as often as in a warm run. */
  async points(): Promise<CloudPoint[]> {
    const cold = await this.run({ cold: true });
    const warm = await this.run({});
    const faults = [...cold.faults, ...warm.faults];
    if (faults.length > 0) throw new Error(`The workload ends wrongly where nothing disturbs it: ${faults.join('; ')}`);
    return [...cold.steps].flatMap(([label, count]) =>
      Array.from({ length: Math.min(count, warm.steps.get(label) ?? count) }, (_, occurrence) => occurrence).flatMap(
        (occurrence) => [
          { label, occurrence, when: 'before' as const },
          { label, occurrence, when: 'after' as const },
        ],
      ),
    );
  }

  async stop(): Promise<void> {
    await this.#cloud?.stop();
    await this.#requests?.stop();
    await this.#simulator.stop();
    await rm(this.#out, { recursive: true, force: true });
  }

  #running(): Cloud {
    if (!this.#cloud) throw new Error('The cloud is not running.');
    return this.#cloud;
  }

  /** Resets the workspace to its initial state, with a webhook endpoint for every event. */
  async #stage(fires = 1): Promise<CloudStage> {
    const cloud = this.#running();
    await this.#simulator.stop();
    this.#simulator = await startSimulator({
      leads: 2,
      epochs: [this.#epoch],
      deliveryTimeoutMilliseconds: idleMilliseconds,
      exportPolls: 0,
      eventBody: (event, id) => ({ event, data: id === undefined ? {} : { id } }),
    });
    const webhookUrl = `${cloud.apiUrl('webhook-endpoint')}/webhooks/prospectb2b`;
    const { id } = this.#simulator.registerWebhook({ url: webhookUrl, events: webhookEvents, secret });
    const { secrets } = cloud.clients();
    const SecretString = JSON.stringify(this.#secretOf(String(id)));
    await secrets.send(new PutSecretValueCommand({ SecretId: cloud.secretArn('webhook'), SecretString }));
    secrets.destroy();
    this.#tick += 1;
    const at = new Date(firstTick + this.#tick * minuteMilliseconds);
    const ids = (table: string) => [...this.#simulator.expectedRows(table)].map((row) => String(row['id']));
    const before = { leads: ids('leads'), exports: ids('exports') };
    return { cloud, simulator: this.#simulator, webhookUrl, at, fires, eventsBefore: cloud.events.length, before };
  }

  #secretOf(endpointId: string) {
    return { endpointId, current: secret, previous: null };
  }

  async #deadLetters(cloud: Cloud): Promise<string[]> {
    const left = cloud.queues().filter(({ ready }) => ready > 0);
    const { sqs } = cloud.clients();
    for (const { name } of left) await sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.queueUrl(name) }));
    sqs.destroy();
    return left.map(({ name, ready }) => `${ready} messages are left in ${name}`);
  }

  #meets(label: string, when: CloudPoint['when']): boolean {
    if (!this.#trial) return false;
    const seen = this.#steps.get(label) ?? 0;
    if (when === 'before') this.#steps.set(label, seen + 1);
    const occurrence = when === 'before' ? seen : seen - 1;
    const { point } = this.#trial;
    const isHere = !this.#killed && point?.label === label && point.when === when && point.occurrence === occurrence;
    this.#killed ||= isHere;
    return isHere;
  }
}

function labelOf({ functionName, operation, resource }: Call): string {
  const name = resource
    .replace(/^prospect-lake[^/]*\//, '')
    .replace(/(nightly|refresh|export)-\d+T\w+Z(-\w{8})?/g, '<run>');
  return `${functionName} ${operation} ${name}`;
}
