import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FunctionName } from '../../lambdas/contract/environment.ts';
import type { QueueName } from '../../lambdas/contract/queue-names.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { WebhookSecret } from '../../lambdas/contract/webhook.ts';
import type { Clock, ExportApi, ExportSource, WebhookApi } from '../../lambdas/core/ports.ts';
import { withParents } from '../../lambdas/streams/registry.ts';
import { type FunctionSettings, invokeFunction, takeMessages } from './crash-functions.ts';
import { CrashInvocation, type Delay, type Step, type Verdict } from './crash-invocation.ts';
import type { FixedClock } from './fixed-clock.ts';
import { MemoryCatalog } from './memory-catalog.ts';
import { MemoryMetrics } from './memory-log.ts';
import { MemoryStore } from './memory-store.ts';
import type { SimulatedWorkspace } from './workspace-api.ts';

/** What the vendor offers in addition to its lists. */
export interface Vendor {
  readonly exports: ExportApi;
  readonly webhooks: WebhookApi;
  readonly files: ExportSource;
}

interface Message {
  readonly queue: QueueName;
  readonly body: unknown;
  /** Time at which a function can receive the message, in milliseconds since the epoch. */
  visibleAt: number;
}

interface Asked {
  readonly name: FunctionName;
  readonly event: unknown;
  readonly at: number;
}

interface Delayed {
  readonly name: FunctionName;
  readonly delay: Delay;
  readonly go: () => void;
}

const defaults: FunctionSettings = {
  pageSize: 3,
  inFlight: 1,
  runDeadlineSeconds: 48 * 3_600,
  snapshotDays: 7,
  pings: false,
};

export interface CrashCloudOptions extends Partial<FunctionSettings> {
  readonly clock: FixedClock;
  readonly api: SimulatedWorkspace;
  readonly streams: readonly string[];
  /** Milliseconds that a function has left, as its deadline port says. @default 300,000 */
  readonly remaining?: (name: FunctionName) => number;
  /** Seconds that the API takes to answer a request, by the number of earlier requests. @default 0 */
  readonly secondsOf?: (request: number) => number;
  readonly onStep?: (step: Step) => Verdict;
  /** Returns a delay for each copy of a message to deliver: the seconds until that copy becomes visible. */
  readonly deliver?: (queue: QueueName, delaySeconds: number) => readonly number[];
  /** Number of functions that run at the same time. @default 1 */
  readonly concurrency?: number;
  /** Chooses among messages and among steps: an index from 0 to `count` - 1. @default the first */
  readonly choose?: (count: number) => number;
  /** Milliseconds by which an invocation's clock is off. @default 0 */
  readonly skew?: () => number;
}

const visibilitySeconds = 30;
const retrySeconds = 60;
const stepMilliseconds = 10;
const maxTurns = 200_000;
/** Most messages of a queue that one invocation receives. @default 1 for queues that are not listed */
const batchSizes: Partial<Record<QueueName, number>> = { refresh: 100 };

/**
 * Runs the real core with queues that deliver at least once and functions that can be killed at every step.
 * Time is virtual: it advances a little with each step, and jumps ahead when everything waits.
 */
export class CrashCloud {
  readonly store = new MemoryStore();
  readonly catalog = new MemoryCatalog();
  readonly announced: { event: string; detail: Readonly<Record<string, unknown>> }[] = [];
  readonly streams: readonly Stream[];
  /** Number of steps taken while `isDisturbed`. */
  steps = 0;
  /** Whether steps are counted and passed to `onStep`. */
  isDisturbed = true;
  /** Errors of functions that failed although `onStep` made none of their steps fail. */
  readonly errors: string[] = [];
  vendor: Vendor | undefined;
  webhookSecret: WebhookSecret | undefined;
  readonly #options: CrashCloudOptions;
  readonly #messages: Message[] = [];
  readonly #asked: Asked[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #delayed: Delayed[] = [];
  /** Number of running functions, not counting those that a verdict holds back. */
  #running = 0;
  #ids = 0;
  #requests = 0;

  constructor(options: CrashCloudOptions) {
    this.#options = options;
    this.streams = withParents(options.streams);
  }

  /** Invokes without waiting, as a schedule does; retries after a minute if the function fails or is killed. */
  invoke(name: FunctionName, event: unknown): void {
    this.#asked.push({ name, event, at: this.#now() });
  }

  /** Invokes once and waits, as API Gateway does. @returns undefined if no answer came */
  async call(name: FunctionName, event: unknown): Promise<unknown> {
    return (await this.#run(name, (invocation) => invokeFunction(name, event, this.#contextOf(name, invocation))))
      ?.answer;
  }

  send(queue: QueueName, bodies: readonly unknown[]): void {
    for (const body of bodies) this.#messages.push({ queue, body, visibleAt: this.#now() });
  }

  /** Runs until nothing is left to do. */
  async settle(): Promise<void> {
    const { concurrency = 1, choose = () => 0, clock } = this.#options;
    for (let turn = 0; turn < maxTurns; turn += 1) {
      while (this.#running < concurrency && this.#startOne()) continue;
      if (this.#running === 0) {
        const next = Math.min(...this.#messages.map(({ visibleAt }) => visibleAt), ...this.#asked.map(({ at }) => at));
        if (next === Infinity) {
          if (this.#delayed.length === 0) return;
          this.#resume(() => true);
          continue;
        }
        clock.advance(Math.max(1, next - this.#now()));
        continue;
      }
      clock.advance(stepMilliseconds);
      this.#waiting.splice(choose(this.#waiting.length), 1)[0]?.();
      await nextTurn();
    }
    throw new Error(`The run was not over after ${maxTurns} turns.`);
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }

  #startOne(): boolean {
    const index = this.#asked.findIndex(({ at }) => at <= this.#now());
    const [asked] = index < 0 ? [] : this.#asked.splice(index, 1);
    if (asked) {
      const { name, event } = asked;
      void this.call(name, event).then((answer) => {
        if (answer === undefined) this.#asked.push({ name, event, at: this.#now() + retrySeconds * 1_000 });
      });
      return true;
    }
    const visible = this.#messages.filter(({ visibleAt }) => visibleAt <= this.#now());
    const first = visible[(this.#options.choose ?? (() => 0))(visible.length)];
    if (!first) return false;
    const { queue } = first;
    const others = visible.filter((message) => message !== first && message.queue === queue);
    const batch = [first, ...others.slice(0, (batchSizes[queue] ?? 1) - 1)];
    for (const message of batch) message.visibleAt = this.#now() + visibilitySeconds * 1_000;
    void this.#run(queue, async (invocation) => {
      await invocation.step('receive', queue, async () => {});
      const bodies = batch.map(({ body }) => body);
      await takeMessages(queue, bodies, this.#contextOf(queue, invocation));
      for (const message of batch) await invocation.step('delete', queue, async () => this.#remove(message));
    });
    return true;
  }

  #remove(message: Message): void {
    const index = this.#messages.indexOf(message);
    if (index >= 0) this.#messages.splice(index, 1);
  }

  /** Runs one invocation. @returns its answer; undefined if the function failed or was killed */
  async #run<T>(
    name: FunctionName,
    work: (invocation: CrashInvocation) => Promise<T>,
  ): Promise<{ answer: T } | undefined> {
    const { onStep = () => 'go', skew = () => 0, clock } = this.#options;
    const offset = skew();
    const skewed: Clock = { now: () => new Date(clock.now().getTime() + offset) };
    const invocation = new CrashInvocation(name, skewed, {
      verdictOf: (step) => {
        if (!this.isDisturbed) return 'go';
        this.steps += 1;
        return onStep({ ...step, index: this.steps - 1 });
      },
      turn: () => new Promise<void>((go) => this.#waiting.push(go)),
      delay: (delay) => {
        this.#running -= 1;
        return new Promise<void>((go) => this.#delayed.push({ name, delay, go }));
      },
    });
    this.#running += 1;
    try {
      return await Promise.race([
        invocation.killed.then(() => undefined),
        work(invocation).then(
          (answer) => ({ answer }),
          (error: unknown) => {
            if (!invocation.wasFailed) this.errors.push(`${name}: ${String(error)}`);
            return undefined;
          },
        ),
      ]);
    } finally {
      this.#running -= 1;
      this.#resume((delayed) => delayed.name === name && delayed.delay === 'overtaken');
    }
  }

  #resume(isDue: (delayed: Delayed) => boolean): void {
    for (const delayed of this.#delayed.filter(isDue)) {
      this.#delayed.splice(this.#delayed.indexOf(delayed), 1);
      this.#running += 1;
      delayed.go();
    }
  }

  #ask(...request: Parameters<SimulatedWorkspace['get']>): ReturnType<SimulatedWorkspace['get']> {
    const { api, clock, secondsOf = () => 0 } = this.#options;
    clock.advance(secondsOf(this.#requests) * 1_000);
    this.#requests += 1;
    return api.get(...request);
  }

  /** Numbers the ids, so that they are the same in each trial. */
  #newId(): string {
    this.#ids += 1;
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
  }

  #contextOf(name: FunctionName, invocation: CrashInvocation) {
    const { remaining = () => 300_000 } = this.#options;
    const deadline = { remainingMilliseconds: () => remaining(name) };
    const settings = { ...defaults, ...this.#options };
    return { streams: this.streams, deadline, settings, ports: this.#ports(invocation) };
  }

  #ports(invocation: CrashInvocation) {
    const queue = (name: QueueName) =>
      invocation.queue(name, (body, delaySeconds) => {
        const copies = this.#options.deliver?.(name, delaySeconds) ?? [delaySeconds];
        for (const seconds of copies)
          this.#messages.push({
            queue: name,
            body: JSON.parse(JSON.stringify(body)),
            visibleAt: this.#now() + seconds * 1_000,
          });
      });
    const secrets = {
      read: async () => this.webhookSecret,
      write: async (value: WebhookSecret) => void (this.webhookSecret = value),
    };
    return {
      store: invocation.store(this.store),
      extractQueue: queue('extract'),
      convertQueue: queue('convert'),
      publishQueue: queue('publish'),
      eventQueue: queue('refresh'),
      exportQueue: queue('export'),
      api: invocation.api({ get: (path, parameters) => this.#ask(path, parameters) }),
      exports: this.vendor && invocation.exportApi(this.vendor.exports),
      source: this.vendor && invocation.source(this.vendor.files),
      webhooks: this.vendor && invocation.webhookApi(this.vendor.webhooks),
      secrets: invocation.secrets(secrets),
      announcer: invocation.announcer({
        announce: async (event, detail) => void this.announced.push({ event, detail }),
      }),
      clock: invocation.clock,
      log: { info() {}, warn() {}, error() {} },
      metrics: new MemoryMetrics(),
      catalog: invocation.catalog(this.catalog),
      warehouse: { root: 's3://lake/' },
      newId: () => this.#newId(),
    };
  }
}
