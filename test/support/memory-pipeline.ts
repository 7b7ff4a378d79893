import { convertMessage, extractMessage, planRequest, publishMessage } from '../../lambdas/contract/messages.ts';
import type { RunReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { WebhookMessage } from '../../lambdas/contract/webhook.ts';
import { convertTask, failConversion } from '../../lambdas/core/convert/convert-task.ts';
import { failureOf } from '../../lambdas/core/errors.ts';
import { failTask } from '../../lambdas/core/runs/extract-receipts.ts';
import type { History } from '../../lambdas/core/publish/expire-history.ts';
import { extractTask } from '../../lambdas/core/extract/extract-task.ts';
import { planRun, type PlanSettings } from '../../lambdas/core/plan/plan-run.ts';
import type { Api, Deadline } from '../../lambdas/core/ports.ts';
import { publishRun } from '../../lambdas/core/publish/publish-run.ts';
import { refreshRun } from '../../lambdas/core/webhooks/refresh-run.ts';
import { type ColumnMask, maskNothing } from '../../lambdas/core/rows/mask-columns.ts';
import { childrenOf, compactedTables, streamNamed, withParents } from '../../lambdas/streams/registry.ts';
import type { FixedClock } from './fixed-clock.ts';
import { ample } from './fixed-clock.ts';
import { MemoryDeadLetters } from './memory-dead-letters.ts';
import { MemoryLog, MemoryMetrics } from './memory-log.ts';
import { MemoryQueue } from './memory-queue.ts';
import { MemoryStore } from './memory-store.ts';

/** Times that a message which keeps failing is taken, as a queue with a dead-letter queue would. */
const maxReceives = 3;
const maxSteps = 10_000;

/** The whole pipeline on the fakes of its ports: the core as it deploys, without AWS and without HTTP. */
export class MemoryPipeline {
  readonly store = new MemoryStore();
  readonly extractQueue = new MemoryQueue();
  readonly convertQueue = new MemoryQueue();
  readonly publishQueue = new MemoryQueue();
  readonly exportQueue = new MemoryQueue();
  readonly log = new MemoryLog();
  readonly metrics = new MemoryMetrics();
  readonly announced: { event: string; detail: Readonly<Record<string, unknown>> }[] = [];
  readonly extractDeadLetters = new MemoryDeadLetters();
  readonly convertDeadLetters = new MemoryDeadLetters();
  readonly #clock: FixedClock;
  readonly #api: () => Api;
  readonly #mask: ColumnMask;
  readonly #history: History | undefined;
  readonly #declarationOf: (name: string) => Stream;
  readonly streams: readonly Stream[];
  deadline: Deadline = ample;
  pageSize = 100;

  constructor(options: {
    clock: FixedClock;
    api: () => Api;
    streams: readonly string[];
    mask?: ColumnMask;
    history?: History;
    /** By which rows are converted; another than the registry's is another version. */
    declarationOf?: (name: string) => Stream;
  }) {
    this.#clock = options.clock;
    this.#api = options.api;
    this.#history = options.history;
    this.#declarationOf = options.declarationOf ?? streamNamed;
    this.#mask = options.mask ?? maskNothing;
    this.streams = withParents(options.streams);
  }

  /** Bodies of every message that was given up. */
  get deadLetters(): unknown[] {
    return [...this.extractDeadLetters.bodies, ...this.convertDeadLetters.bodies];
  }

  /** Plans the run of the clock's time, works until no message is left, and gives the report. */
  async run(request: object = {}): Promise<RunReport | undefined> {
    await this.plan(request);
    return this.drain();
  }

  async plan(request: object = {}): Promise<void> {
    const settings: PlanSettings = {
      streams: this.streams,
      startDate: undefined,
      sliceDays: 90,
      runDeadlineHours: 48,
      publishCheckSeconds: 60,
    };
    const parsed = planRequest.parse({ scheduledAt: this.#clock.now().toISOString(), ...request });
    await planRun(parsed, settings, { ...this.#ports(), api: this.#api() }, ample);
  }

  /** Refreshes what a batch of events speaks of, as {@link run} does. */
  async refresh(messages: readonly WebhookMessage[]): Promise<RunReport | undefined> {
    const settings = {
      streams: this.streams,
      deadlineHours: 48,
      publishCheckSeconds: 60,
      mask: this.#mask,
    };
    await refreshRun(messages, settings, { ...this.#ports(), exportQueue: this.exportQueue });
    return this.drain();
  }

  /** Takes messages until none is left but a publish message that still waits. */
  async drain(): Promise<RunReport | undefined> {
    let report: RunReport | undefined;
    for (let step = 0; step < maxSteps; step += 1) {
      if (await this.#take(this.extractQueue, this.extractDeadLetters, (body) => this.#extract(body))) continue;
      if (await this.#take(this.convertQueue, this.convertDeadLetters, (body) => this.#convert(body))) continue;
      const publish = this.publishQueue.take();
      if (!publish) return report;
      report = await publishRun(
        publishMessage.parse(publish.body),
        { streamNamed, publishCheckSeconds: 60, history: this.#history, compacted: compactedTables },
        { ...this.#ports(), announcer: this, metrics: this.metrics },
      );
      if (!report) return undefined;
    }
    throw new Error(`The pipeline took more than ${maxSteps} steps.`);
  }

  async announce(event: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    this.announced.push({ event, detail });
  }

  async #take(
    queue: MemoryQueue,
    deadLetters: MemoryDeadLetters,
    work: (body: unknown) => Promise<void>,
  ): Promise<boolean> {
    const message = queue.take();
    if (!message) return false;
    for (let receive = 1; ; receive += 1) {
      try {
        await work(message.body);
        return true;
      } catch (error) {
        if (receive < maxReceives) continue;
        deadLetters.add(message.body);
        const asExtract = extractMessage.safeParse(message.body);
        if (asExtract.success) await failTask(asExtract.data, failureOf(error), this.#ports());
        else await failConversion(convertMessage.parse(message.body), failureOf(error), this.#ports());
        return true;
      }
    }
  }

  async #extract(body: unknown): Promise<void> {
    const message = extractMessage.parse(body);
    const stream = streamNamed(message.task.stream);
    const children = childrenOf(stream).filter((child) => this.streams.includes(child));
    await extractTask(
      { message, stream, children, deadline: this.deadline, pageSize: this.pageSize },
      { ...this.#ports(), api: this.#api() },
    );
  }

  async #convert(body: unknown): Promise<void> {
    const message = convertMessage.parse(body);
    await convertTask(message, { stream: this.#declarationOf(message.stream), mask: this.#mask }, this.#ports());
  }

  #ports() {
    const { store, extractQueue, convertQueue, publishQueue, log } = this;
    return { store, extractQueue, convertQueue, publishQueue, log, clock: this.#clock };
  }
}
