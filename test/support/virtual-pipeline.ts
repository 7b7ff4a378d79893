import { convertMessage, extractMessage, planRequest, publishMessage } from '../../lambdas/contract/messages.ts';
import type { RunReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { convertTask, failConversion } from '../../lambdas/core/convert/convert-task.ts';
import { failureOf } from '../../lambdas/core/errors.ts';
import { failTask } from '../../lambdas/core/runs/extract-receipts.ts';
import { extractTask } from '../../lambdas/core/extract/extract-task.ts';
import { planRun } from '../../lambdas/core/plan/plan-run.ts';
import type { Api, Deadline, Queue } from '../../lambdas/core/ports.ts';
import { publishRun } from '../../lambdas/core/publish/publish-run.ts';
import { redeliveryDelaySeconds } from '../../lambdas/core/runs/redelivery.ts';
import { maskNothing } from '../../lambdas/core/rows/mask-columns.ts';
import { childrenOf, compactedTables, streamNamed, withParents } from '../../lambdas/streams/registry.ts';
import type { FixedClock } from './fixed-clock.ts';
import { MemoryLog, MemoryMetrics } from './memory-log.ts';
import { MemoryStore } from './memory-store.ts';

type QueueName = 'extract' | 'convert' | 'publish';

interface Message {
  readonly queue: QueueName;
  readonly body: unknown;
  visibleAt: number;
  receives: number;
}

export interface VirtualPipelineOptions {
  readonly clock: FixedClock;
  /** For one task. */
  readonly api: () => Api;
  readonly streams: readonly string[];
  readonly pageSize: number;
  readonly sliceDays: number;
  /** How long a function may run. */
  readonly timeoutSeconds: number;
  readonly deadlineHours: number;
}

/** As the stack has them. */
const maxReceives = 5;
const retryBaseSeconds = 30;
const maxSteps = 20_000;

/** The core on queues whose time is virtual: delays, redeliveries and dead letters as in the cloud, without any wait. */
export class VirtualPipeline {
  readonly store = new MemoryStore();
  readonly log = new MemoryLog();
  readonly deadLetters: Message[] = [];
  readonly streams: readonly Stream[];
  readonly #options: VirtualPipelineOptions;
  #messages: Message[] = [];

  constructor(options: VirtualPipelineOptions) {
    this.#options = options;
    this.streams = withParents(options.streams);
  }

  /** The schedule fires; works until that run is over. */
  async night(): Promise<RunReport> {
    const { sliceDays, deadlineHours: runDeadlineHours } = this.#options;
    const settings = {
      streams: this.streams,
      startDate: undefined,
      sliceDays,
      runDeadlineHours,
      publishCheckSeconds: 60,
    };
    const request = planRequest.parse({ scheduledAt: new Date(this.#now()).toISOString() });
    const plan = await planRun(request, settings, { ...this.#ports(), api: this.#options.api() }, this.#deadline());
    if (!plan) throw new Error('Nothing was planned.');
    for (let step = 0; step < maxSteps; step += 1) {
      const report = await this.#step();
      if (report?.runId === plan.runId) return report;
    }
    throw new Error(`The run was not over after ${maxSteps} steps.`);
  }

  /** Works until no message is left. */
  async settle(): Promise<void> {
    for (let step = 0; this.#messages.length > 0; step += 1) {
      if (step >= maxSteps) throw new Error(`Messages were left after ${maxSteps} steps.`);
      await this.#step();
    }
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }

  async #step(): Promise<RunReport | undefined> {
    const message = this.#messages.reduce((first, one) => (one.visibleAt < first.visibleAt ? one : first));
    this.#messages = this.#messages.filter((one) => one !== message);
    this.#options.clock.advance(Math.max(0, message.visibleAt - this.#now()));
    message.receives += 1;
    try {
      return await this.#take(message);
    } catch (error) {
      if (message.receives < maxReceives) {
        message.visibleAt = this.#now() + redeliveryDelaySeconds(message.receives, retryBaseSeconds) * 1_000;
        this.#messages.push(message);
        return undefined;
      }
      this.deadLetters.push(message);
      await this.#giveUp(message, error);
      return undefined;
    }
  }

  async #take({ queue, body }: Message): Promise<RunReport | undefined> {
    const ports = this.#ports();
    if (queue === 'publish')
      return publishRun(
        publishMessage.parse(body),
        { streamNamed, publishCheckSeconds: 60, compacted: compactedTables },
        ports,
      );
    if (queue === 'convert') {
      const message = convertMessage.parse(body);
      await convertTask(message, { stream: streamNamed(message.stream), mask: maskNothing }, ports);
      return undefined;
    }
    const message = extractMessage.parse(body);
    const stream = streamNamed(message.task.stream);
    const children = childrenOf(stream).filter((child) => this.streams.includes(child));
    const work = { message, stream, children, deadline: this.#deadline(), pageSize: this.#options.pageSize };
    await extractTask(work, { ...ports, api: this.#options.api() });
    return undefined;
  }

  async #giveUp({ queue, body }: Message, error: unknown): Promise<void> {
    if (queue === 'extract') await failTask(extractMessage.parse(body), failureOf(error), this.#ports());
    else if (queue === 'convert') await failConversion(convertMessage.parse(body), failureOf(error), this.#ports());
    else throw error;
  }

  #deadline(): Deadline {
    const ends = this.#now() + this.#options.timeoutSeconds * 1_000;
    return { remainingMilliseconds: () => ends - this.#now() };
  }

  #ports() {
    const queue = (name: QueueName): Queue => ({
      send: async (messages) => {
        for (const { body, delaySeconds = 0 } of messages) {
          const visibleAt = this.#now() + delaySeconds * 1_000;
          this.#messages.push({ queue: name, body: JSON.parse(JSON.stringify(body)), visibleAt, receives: 0 });
        }
      },
    });
    return {
      store: this.store,
      extractQueue: queue('extract'),
      convertQueue: queue('convert'),
      publishQueue: queue('publish'),
      announcer: { announce: async () => {} },
      clock: this.#options.clock,
      log: this.log,
      metrics: new MemoryMetrics(),
    };
  }
}
