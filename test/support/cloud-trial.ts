import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { reportKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState, runReport } from '../../lambdas/contract/run.ts';
import { runIdOf } from '../../lambdas/core/run-ids.ts';
import { withParents } from '../../lambdas/streams/registry.ts';
import { currentAssembly } from '../../local/assembly.ts';
import type { Call } from '../../local/cloud/call-watch.ts';
import { type Cloud, startCloud } from '../../local/cloud/cloud.ts';
import type { Deliver } from '../../local/cloud/queues.ts';
import { openLake } from '../../local/lake.ts';
import { localEnvironment } from '../../local/run-pipeline.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { plainRow, plainRowSql } from './lake-oracle.ts';
import { type RequestWatch, watchRequests } from './request-watch.ts';

/** A step by what it is, and how many of the same came before it: functions run beside each other, so its number would not do. */
export interface CloudPoint {
  readonly label: string;
  readonly occurrence: number;
  readonly when: 'before' | 'after';
}

export interface CloudTrial {
  /** Where a process is killed; absent: nowhere. */
  readonly point?: CloudPoint;
  readonly deliver?: Deliver;
  /** @default 1 */
  readonly fires?: number;
}

export interface CloudOutcome {
  readonly faults: string[];
  /** How often each step was taken. */
  readonly steps: ReadonlyMap<string, number>;
  /** Whether the point was reached, and a process killed there. */
  readonly killed: boolean;
}

const streams = withParents(['lead_messages', 'lead_activities', 'campaign_run_events', 'exports', 'identity']);
/** Visibility times out, and the schedule tries again, so many times faster than in the cloud. */
const timeScale = 1_000;
const firstTick = Date.parse('2026-11-24T02:00:00.000Z');
const minuteMilliseconds = 60_000;

/**
 * The functions that deploy, on the embedded cloud, over a small simulated workspace. It stays up from
 * trial to trial, so that one takes a second or two; each begins with an empty bucket, at a tick of its own.
 */
export class CloudTrials {
  readonly #out: string;
  readonly #simulator: Simulator;
  readonly #functionNames = new Map<string, string>();
  #cloud: Cloud | undefined;
  #requests: RequestWatch | undefined;
  #trial: CloudTrial = {};
  #steps = new Map<string, number>();
  #killed = false;
  #tick = 0;

  private constructor(out: string, simulator: Simulator) {
    this.#out = out;
    this.#simulator = simulator;
  }

  static async start(): Promise<CloudTrials> {
    const trials = new CloudTrials(
      await mkdtemp(join(tmpdir(), 'crash-matrix-')),
      await startSimulator({ leads: 2, epochs: [new Date(Date.now() - 60 * minuteMilliseconds)] }),
    );
    await trials.#start();
    return trials;
  }

  async #start(): Promise<void> {
    const simulator = this.#simulator;
    const requests = await watchRequests(simulator.baseUrl, (processId, path, when) => {
      if (!this.#meets(`${this.#functionNames.get(processId)} GET ${path}`, when)) return true;
      this.#cloud?.kill(processId);
      return false;
    });
    this.#requests = requests;
    const hook = (when: CloudPoint['when']) => (call: Call) => (this.#meets(labelOf(call), when) ? 'kill' : 'continue');
    const names = streams.map(({ name }) => name);
    const local = { apiUrl: simulator.baseUrl, streams: names, startDate: undefined, requestsPerMinute: 1_000_000 };
    this.#cloud = await startCloud({
      assembly: await currentAssembly(),
      out: this.#out,
      timeScale,
      environment: {
        ...localEnvironment(local),
        API_BASE_URL: ({ functionName, processId }) => {
          this.#functionNames.set(processId, functionName);
          return requests.baseUrlFor(processId);
        },
        // A third of a second.
        PUBLISH_CHECK_SECONDS: '300',
        SLICE_DAYS: '400',
      },
      secrets: { apiKey: simulator.apiKey },
      concurrency: { extract: 2, convert: 1, publish: 1 },
      hooks: {
        beforeCall: hook('before'),
        afterCall: hook('after'),
        deliver: (message) => this.#trial.deliver?.(message) ?? [message.delaySeconds],
      },
    });
  }

  /** One nightly run, with one process killed at one step. */
  async run(trial: CloudTrial): Promise<CloudOutcome> {
    const cloud = this.#cloud;
    if (!cloud) throw new Error('The cloud is not running.');
    await this.#emptyBucket(cloud);
    this.#trial = trial;
    this.#steps = new Map();
    this.#killed = false;
    this.#tick += 1;
    const scheduledAt = new Date(firstTick + this.#tick * minuteMilliseconds);
    const eventsBefore = cloud.events.length;
    for (let fire = 0; fire < (trial.fires ?? 1); fire += 1) await cloud.fire('plan', scheduledAt);
    await cloud.idle();
    const runId = runIdOf('nightly', scheduledAt);
    const faults = await faultsIn(this.#out, runId, (table) => this.#simulator.expectedRows(table));
    if (cloud.events.length === eventsBefore) faults.push('the run was not announced');
    for (const { name, ready } of cloud.queues()) if (ready > 0) faults.push(`${ready} messages are left in ${name}`);
    return { faults, steps: this.#steps, killed: this.#killed };
  }

  /** Every step of a run that nothing disturbs. */
  async points(): Promise<CloudPoint[]> {
    const { steps } = await this.run({});
    return [...steps].flatMap(([label, count]) =>
      Array.from({ length: count }, (_, occurrence) => occurrence).flatMap((occurrence) => [
        { label, occurrence, when: 'before' as const },
        { label, occurrence, when: 'after' as const },
      ]),
    );
  }

  async stop(): Promise<void> {
    await this.#cloud?.stop();
    await this.#requests?.stop();
    await this.#simulator.stop();
    await rm(this.#out, { recursive: true, force: true });
  }

  #meets(label: string, when: CloudPoint['when']): boolean {
    const seen = this.#steps.get(label) ?? 0;
    if (when === 'before') this.#steps.set(label, seen + 1);
    const occurrence = when === 'before' ? seen : seen - 1;
    const { point } = this.#trial;
    const isHere = !this.#killed && point?.label === label && point.when === when && point.occurrence === occurrence;
    this.#killed ||= isHere;
    return isHere;
  }

  async #emptyBucket(cloud: Cloud): Promise<void> {
    const { s3 } = cloud.clients();
    const Bucket = cloud.bucketName('lake');
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
      const Objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
      if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    }
    s3.destroy();
  }
}

function labelOf({ functionName, operation, resource }: Call): string {
  const name = resource.replace(/^prospect-lake[^/]*\//, '').replace(/nightly-[0-9TZ]+/g, '<run>');
  return `${functionName} ${operation} ${name}`;
}

async function faultsIn(
  out: string,
  runId: string,
  expected: (table: string) => Iterable<Readonly<Record<string, unknown>>>,
) {
  const faults: string[] = [];
  const json = async (key: string): Promise<unknown> =>
    JSON.parse(await readFile(join(out, key), 'utf8').catch(() => 'null'));
  const report = runReport.safeParse(await json(reportKey(runId))).data;
  if (report?.status !== 'complete') faults.push(`the run is ${report?.status ?? 'without a report'}`);
  const state = pipelineState.safeParse(await json('state/pipeline.json')).data;
  if (Object.keys(state?.underWay ?? {}).length > 0) faults.push('the run is still marked as under way');
  const lake = await openLake(out);
  for (const stream of streams) {
    const { name } = stream;
    const rows = async (table: string) =>
      (await lake.runAndReadAll(`SELECT ${plainRowSql(stream)} FROM "${table}"`))
        .getRows()
        .map((row) => JSON.stringify(row))
        .toSorted();
    const wanted = [...expected(name)].map((row) => plainRow(stream, row)).toSorted();
    const current = await rows(name);
    const history = await rows(`${name}_history`);
    if (current.join('\n') !== wanted.join('\n'))
      faults.push(`${name}: ${current.length} current rows, ${wanted.length} expected, or not the same`);
    if (history.join('\n') !== wanted.join('\n'))
      faults.push(`${name}: ${history.length} rows in its files, ${wanted.length} expected, or not the same`);
    const told = report?.tables[name];
    if (told?.rowsWritten !== wanted.length || told.rowsExtracted !== wanted.length)
      faults.push(`${name}: ${told?.rowsWritten} rows reported`);
    if (state?.watermarks[name]?.at !== report?.startedAt) faults.push(`${name}: its watermark is not the run's start`);
  }
  lake.closeSync();
  return faults;
}
