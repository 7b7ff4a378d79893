import { setImmediate as nextTurn } from 'node:timers/promises';
import { convertMessage, extractMessage, planRequest, publishMessage } from '../../lambdas/contract/messages.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { convertTask } from '../../lambdas/core/convert-task.ts';
import type { History } from '../../lambdas/core/expire-history.ts';
import { extractTask } from '../../lambdas/core/extract-task.ts';
import { planRun } from '../../lambdas/core/plan-run.ts';
import type { Clock, Deadline } from '../../lambdas/core/ports.ts';
import { publishRun } from '../../lambdas/core/publish-run.ts';
import { withholdNothing } from '../../lambdas/core/withhold.ts';
import { childrenOf, streamNamed, withParents } from '../../lambdas/streams/registry.ts';
import { CrashInvocation, type FunctionName, type Step, type Verdict } from './crash-invocation.ts';
import { MemoryMetrics } from './memory-log.ts';
import { MemoryStore } from './memory-store.ts';
import type { SimulatedWorkspace } from './workspace-api.ts';
import type { FixedClock } from './fixed-clock.ts';

export type QueueName = 'extract' | 'convert' | 'publish';

interface Message {
  readonly queue: QueueName;
  readonly body: unknown;
  /** Milliseconds since the epoch. */
  visibleAt: number;
}

export interface CrashCloudOptions {
  readonly clock: FixedClock;
  readonly api: SimulatedWorkspace;
  readonly streams: readonly string[];
  readonly pageSize: number;
  readonly deadline: Deadline;
  readonly onStep?: (step: Step) => Verdict;
  /** Seconds until each copy of a message is visible. */
  readonly deliver?: (queue: QueueName, delaySeconds: number) => readonly number[];
  /** Functions that run beside each other. @default 1 */
  readonly concurrency?: number;
  /** Chooses among messages and among steps: 0 to below `count`. @default the first */
  readonly choose?: (count: number) => number;
  /** How far the clock of an invocation is off, in milliseconds. @default 0 */
  readonly skew?: () => number;
  /** @default for ever */
  readonly history?: History;
}

const visibilitySeconds = 30;
const scheduleRetrySeconds = 60;
const stepMilliseconds = 10;
const maxTurns = 200_000;

/**
 * The real core on queues that deliver at least once and functions that can be killed at every step. Time
 * is virtual: it goes on by a little with each step, and leaps when everything waits.
 */
export class CrashCloud {
  readonly store = new MemoryStore();
  readonly announced: Readonly<Record<string, unknown>>[] = [];
  readonly streams: readonly Stream[];
  steps = 0;
  /** Errors that a function met although nothing had been done to it. */
  readonly errors: string[] = [];
  readonly #options: CrashCloudOptions;
  readonly #messages: Message[] = [];
  readonly #ticks: { request: object; at: number }[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: CrashCloudOptions) {
    this.#options = options;
    this.streams = withParents(options.streams);
  }

  /** The schedule fires: plan is invoked, and again a minute later where it failed or was killed. */
  fire(request: object): void {
    this.#ticks.push({ request, at: this.#now() });
  }

  /** Runs until nothing is left to do. */
  async settle(): Promise<void> {
    const { concurrency = 1, choose = () => 0, clock } = this.#options;
    for (let turn = 0; turn < maxTurns; turn += 1) {
      while (this.#running < concurrency && this.#startOne()) continue;
      if (this.#running === 0) {
        const next = Math.min(...this.#messages.map(({ visibleAt }) => visibleAt), ...this.#ticks.map(({ at }) => at));
        if (next === Infinity) return;
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
    const tick = this.#ticks.findIndex(({ at }) => at <= this.#now());
    if (tick >= 0) {
      const [{ request } = { request: {} }] = this.#ticks.splice(tick, 1);
      void this.#run('plan', (invocation) => this.#plan(invocation, request)).then((done) => {
        if (!done) this.#ticks.push({ request, at: this.#now() + scheduleRetrySeconds * 1_000 });
      });
      return true;
    }
    const visible = this.#messages.filter(({ visibleAt }) => visibleAt <= this.#now());
    const message = visible[(this.#options.choose ?? (() => 0))(visible.length)];
    if (!message) return false;
    message.visibleAt = this.#now() + visibilitySeconds * 1_000;
    const remove = async () => {
      const index = this.#messages.indexOf(message);
      if (index >= 0) this.#messages.splice(index, 1);
    };
    void this.#run(message.queue, async (invocation) => {
      await invocation.step('receive', message.queue, async () => {});
      await this.#take(invocation, message);
      await invocation.step('delete', message.queue, remove);
    });
    return true;
  }

  /** @returns whether the function came to its end */
  async #run(name: FunctionName, work: (invocation: CrashInvocation) => Promise<void>): Promise<boolean> {
    const { onStep = () => 'go', skew = () => 0, clock } = this.#options;
    const offset = skew();
    const skewed: Clock = { now: () => new Date(clock.now().getTime() + offset) };
    const invocation = new CrashInvocation(name, skewed, {
      verdictOf: (step) => {
        this.steps += 1;
        return onStep({ ...step, index: this.steps - 1 });
      },
      turn: () => new Promise<void>((go) => this.#waiting.push(go)),
    });
    this.#running += 1;
    try {
      return await Promise.race([
        invocation.killed.then(() => false),
        work(invocation).then(
          () => true,
          (error: unknown) => {
            if (!invocation.wasFailed) this.errors.push(`${name}: ${String(error)}`);
            return false;
          },
        ),
      ]);
    } finally {
      this.#running -= 1;
    }
  }

  async #plan(invocation: CrashInvocation, request: object): Promise<void> {
    const settings = {
      streams: this.streams,
      startDate: undefined,
      sliceDays: 300,
      runDeadlineHours: 48,
      publishCheckSeconds: 60,
    };
    await planRun(planRequest.parse(request), settings, this.#ports(invocation), this.#options.deadline);
  }

  async #take(invocation: CrashInvocation, { queue, body }: Message): Promise<void> {
    const ports = this.#ports(invocation);
    const { deadline, pageSize } = this.#options;
    if (queue === 'extract') {
      const message = extractMessage.parse(body);
      const stream = streamNamed(message.task.stream);
      const children = childrenOf(stream).filter((child) => this.streams.includes(child));
      await extractTask({ message, stream, children, deadline, pageSize }, ports);
    } else if (queue === 'convert') {
      const message = convertMessage.parse(body);
      await convertTask(message, { stream: streamNamed(message.stream), withhold: withholdNothing }, ports);
    } else {
      const settings = { streamNamed, publishCheckSeconds: 60, history: this.#options.history };
      await publishRun(publishMessage.parse(body), settings, ports);
    }
  }

  #ports(invocation: CrashInvocation) {
    const send = (queue: QueueName) => (body: unknown, delaySeconds: number) => {
      for (const seconds of this.#options.deliver?.(queue, delaySeconds) ?? [delaySeconds]) {
        this.#messages.push({
          queue,
          body: JSON.parse(JSON.stringify(body)),
          visibleAt: this.#now() + seconds * 1_000,
        });
      }
    };
    return {
      store: invocation.store(this.store),
      extractQueue: invocation.queue('extract', send('extract')),
      convertQueue: invocation.queue('convert', send('convert')),
      publishQueue: invocation.queue('publish', send('publish')),
      api: invocation.api(this.#options.api),
      announcer: invocation.announcer((detail) => this.announced.push(detail)),
      clock: invocation.clock,
      log: { info() {}, warn() {}, error() {} },
      metrics: new MemoryMetrics(),
    };
  }
}
