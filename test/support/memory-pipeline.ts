import { convertMessage, extractMessage, planRequest, publishMessage } from '../../lambdas/contract/messages.ts';
import { approvalKey } from '../../lambdas/contract/object-keys.ts';
import type { Plan } from '../../lambdas/contract/run.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { childReads } from '../../lambdas/contract/pipeline-tables.ts';
import { currentTableOf, type Stream } from '../../lambdas/contract/stream.ts';
import type { WebhookMessage } from '../../lambdas/contract/webhook.ts';
import { convertInline, convertTask, failConversion } from '../../lambdas/core/convert/convert-task.ts';
import { failureOf } from '../../lambdas/core/errors.ts';
import { extractTask } from '../../lambdas/core/extract/extract-task.ts';
import type { ExtractWork } from '../../lambdas/core/extract/extract-work.ts';
import { planRun } from '../../lambdas/core/plan/plan-run.ts';
import type { Api, Deadline, ObjectStore, Queue } from '../../lambdas/core/ports.ts';
import type { QuietHour } from '../../lambdas/core/publish/quiet-hour.ts';
import { publishRun } from '../../lambdas/core/publish/publish-run.ts';
import type { PublishPorts, PublishSettings } from '../../lambdas/core/publish/publish-work.ts';
import { type ColumnMask, maskNothing } from '../../lambdas/core/rows/mask-columns.ts';
import { failTask } from '../../lambdas/core/runs/extract-receipts.ts';
import { runHere, type StepsHere } from '../../lambdas/core/runs/run-here.ts';
import { rememberImmutable } from '../../lambdas/core/store/immutable-objects.ts';
import { pingPublish } from '../../lambdas/core/runs/ping-publish.ts';
import { redeliveryDelaySeconds } from '../../lambdas/core/runs/redelivery.ts';
import { refreshRun } from '../../lambdas/core/webhooks/refresh-run.ts';
import { streamNamed, withParents } from '../../lambdas/streams/registry.ts';
import type { FixedClock } from './fixed-clock.ts';
import { currentRowsOf } from './lake-reader.ts';
import { MemoryCatalog } from './memory-catalog.ts';
import { MemoryLog, MemoryMetrics } from './memory-log.ts';
import { MemoryQueue } from './memory-queue.ts';
import { MemoryStore } from './memory-store.ts';
import { VirtualQueues, type QueuedMessage } from './virtual-queues.ts';

type WorkPorts = Omit<PublishPorts, 'announcer' | 'metrics' | 'deadline'> & { readonly convertQueue: Queue };

export interface MemoryPipelineOptions {
  readonly clock: FixedClock;
  /** Creates the API client for one task. */
  readonly api: () => Api;
  readonly streams: readonly string[];
  readonly pageSize?: number;
  readonly inFlight?: number;
  /** Maximum running time of an extract function. */
  readonly timeoutSeconds?: number;
  readonly deadlineHours?: number;
  readonly mask?: ColumnMask;
  /** Whether all functions share one cache of immutable objects, as if one warm function did everything. */
  readonly remembersImmutable?: boolean;
  /** Declaration of a stream for converting rows, for example an earlier version. @default the registry's */
  readonly declarationOf?: (name: string) => Stream;
  readonly settings?: Partial<PublishSettings> & { readonly rereadDays?: number };
  /** Whether a small refresh is done in one invocation, as in the cloud. @default false: each step is a message */
  readonly refreshesHere?: boolean;
  /** Memory of the process that publishes, as that of refreshes has it. @default none */
  readonly quietHour?: QuietHour;
}

/** These three values are those of the deployed stack. */
const maxReceives = 5;
const retryBaseSeconds = 30;
const publishCheckSeconds = 60;
const maxSteps = 50_000;

/**
 * The whole deployed core on fake ports, without AWS and HTTP. Its queues use virtual time: delays, redeliveries and
 * dead letters work as in the cloud, without real waits.
 */
export class MemoryPipeline {
  readonly store = new MemoryStore();
  readonly exportQueue = new MemoryQueue();
  readonly log = new MemoryLog();
  readonly metrics = new MemoryMetrics();
  /** Problems that a person was told of. */
  readonly problems: Readonly<Record<string, unknown>>[] = [];
  readonly announced: { event: string; detail: Readonly<Record<string, unknown>> }[] = [];
  readonly reports: RunReport[] = [];
  readonly streams: readonly Stream[];
  readonly catalog = new MemoryCatalog();
  readonly warehouse = { root: 's3://lake/' };
  readonly queues: VirtualQueues;
  readonly #options: MemoryPipelineOptions;
  readonly #functionStore: ObjectStore;
  #ids = 0;

  constructor(options: MemoryPipelineOptions) {
    this.#options = options;
    const { store } = this;
    this.#functionStore = options.remembersImmutable ? rememberImmutable(store) : store;
    this.queues = new VirtualQueues(options.clock);
    this.streams = withParents(options.streams);
  }

  /** Bodies of all dead letters. */
  get deadLetters(): unknown[] {
    return Object.values(this.queues.deadLetters).flatMap(({ bodies }) => bodies);
  }

  /** Plans a run at the clock's time and works until it is over. @returns undefined if nothing was planned */
  async run(request: object = {}): Promise<RunReport | undefined> {
    const plan = await this.plan(request);
    return plan && this.finish(plan.runId);
  }

  async plan(request: object = {}): Promise<Plan | undefined> {
    const { deadlineHours = 48, declarationOf = streamNamed } = this.#options;
    const settings = {
      streams: this.streams.map(({ name }) => declarationOf(name)),
      startDate: undefined,
      runDeadlineHours: deadlineHours,
      publishCheckSeconds,
      ...this.#settings(),
    };
    const parsed = planRequest.parse({ scheduledAt: this.#now().toISOString(), ...request });
    return planRun(parsed, settings, { ...this.#ports(), api: this.#options.api() }, this.#deadline());
  }

  /** Refreshes what a batch of events names, and works until the run is over, as {@link run} does. */
  async refresh(messages: readonly WebhookMessage[]): Promise<RunReport | undefined> {
    const { lookbackHours, rereadDays } = this.#settings();
    const settings = {
      streams: this.streams,
      deadlineHours: 48,
      publishCheckSeconds,
      reading: { startDate: undefined, lookbackHours, rereadDays },
      mask: this.#options.mask ?? maskNothing,
    };
    const ports = this.#ports();
    const steps: StepsHere = {
      extract: async (message, here) => void (await this.#work('extract', message, { ...ports, ...here })),
      publish: async (message, here) => {
        const report = await this.#work('publish', message, { ...ports, ...here });
        if (report) this.reports.push(report);
        return report !== undefined;
      },
    };
    const plan = await refreshRun(messages, settings, {
      ...ports,
      exportQueue: this.exportQueue,
      ...(this.#options.refreshesHere
        ? { runHere: (planned: Plan) => runHere(planned, steps, { ...ports, deadline: this.#deadline() }) }
        : {}),
    });
    // If a batch comes again, its run is the same one, and may be over.
    const known = this.reports.find(({ runId }) => runId === plan?.runId);
    return known ?? (plan && this.finish(plan.runId));
  }

  /** Approves deletions that the guard against mass deletions stopped, as a person would. */
  async approve(runId: string): Promise<RunReport | undefined> {
    await this.store.put(approvalKey(runId), '{}');
    await pingPublish([{ runId }], this.queues.queue('publish'));
    return this.finish(runId);
  }

  /** Works until the run has a report. The clock moves only if nothing else can be done. */
  async finish(runId: string): Promise<RunReport> {
    for (let step = 0; step < maxSteps; step += 1) {
      const report = await this.step();
      if (report?.runId === runId) return report;
    }
    throw new Error(`The run was not over after ${maxSteps} steps.`);
  }

  /** Works until no message is left. Delayed messages are included, such as those that ask again for missing rows. */
  async settle(): Promise<void> {
    for (let step = 0; this.queues.length > 0; step += 1) {
      if (step >= maxSteps) throw new Error(`Messages were left after ${maxSteps} steps.`);
      await this.step();
    }
  }

  /** Rows of a current table, in key order. */
  rows(table: string): Promise<Record<string, unknown>[]> {
    return currentRowsOf(this.store, table === childReads.name ? childReads : currentTableOf(streamNamed(table)));
  }

  async announce(event: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    if (event === 'needsAttention') this.problems.push(detail);
    else this.announced.push({ event, detail });
  }

  /** Handles the next message. @returns the report if the message ended a run */
  async step(): Promise<RunReport | undefined> {
    const message = this.queues.take();
    try {
      const report = await this.#work(message.queue, message.body, this.#ports(), {
        isRedelivered: message.receives > 1,
        isLastDelivery: message.receives >= maxReceives,
      });
      if (report) this.reports.push(report);
      return report;
    } catch (error) {
      if (message.receives < maxReceives) {
        this.queues.putBack(message, redeliveryDelaySeconds(message.receives, retryBaseSeconds));
        return undefined;
      }
      this.queues.deadLetters[message.queue].add(message.body);
      await this.#giveUp(message, error);
      return undefined;
    } finally {
      if (message.queue !== 'publish') await this.#ping(message);
    }
  }

  async #work(
    queue: QueuedMessage['queue'],
    body: unknown,
    ports: WorkPorts,
    delivery: Pick<ExtractWork, 'isRedelivered' | 'isLastDelivery'> = {},
  ): Promise<RunReport | undefined> {
    if (queue === 'publish')
      return publishRun(
        publishMessage.parse(body),
        { streamNamed, publishCheckSeconds, ...this.#settings() },
        {
          ...ports,
          ...this.#memory(),
          isLastDelivery: delivery.isLastDelivery ?? false,
          announcer: this,
          metrics: this.metrics,
          deadline: this.#deadline(),
        },
      );
    if (queue === 'convert') {
      const message = convertMessage.parse(body);
      await convertTask(message, this.#conversion(message.stream), ports);
    } else {
      const { runDeadline, ...message } = await this.#extraction(body);
      const { runId, runStartedAt, task } = message;
      const work = {
        message,
        ...delivery,
        stream: streamNamed(task.stream),
        deadline: this.#deadline(this.#options.timeoutSeconds),
        runDeadline,
        pageSize: this.#options.pageSize ?? 100,
        inFlight: this.#options.inFlight ?? 1,
      };
      const convert = async (sequence: number, keepReceipt: boolean) =>
        convertInline(
          { runId, runStartedAt, taskId: task.taskId, stream: task.stream, sequence },
          this.#conversion(task.stream),
          ports,
          keepReceipt,
        );
      await extractTask(work, { ...ports, convertInline: convert, api: this.#options.api() });
    }
    return undefined;
  }

  async #extraction(body: unknown) {
    const message = extractMessage.parse(body);
    const plan = this.store.json(`runs/${message.runId}/plan.json`);
    const runDeadline = typeof plan === 'object' && plan !== null && 'deadline' in plan ? String(plan.deadline) : '';
    return { ...message, runDeadline };
  }

  async #giveUp({ queue, body }: QueuedMessage, error: unknown): Promise<void> {
    if (queue === 'extract') await failTask(extractMessage.parse(body), failureOf(error), this.#ports());
    else if (queue === 'convert') await failConversion(convertMessage.parse(body), failureOf(error), this.#ports());
    else throw error;
  }

  async #ping({ body }: QueuedMessage): Promise<void> {
    const { runId } = extractMessage.pick({ runId: true }).parse(body);
    await pingPublish([{ runId }], this.queues.queue('publish'));
  }

  #memory() {
    const { quietHour } = this.#options;
    return quietHour ? { quietHour } : {};
  }

  #conversion(stream: string) {
    const { declarationOf = streamNamed, mask = maskNothing } = this.#options;
    return { stream: declarationOf(stream), mask };
  }

  #settings() {
    return {
      lookbackHours: 24,
      rereadDays: 7,
      childRereadDays: 30,
      settledDays: 7,
      confirmAfterSeconds: 900,
      maxDeletedShare: 0.05,
      snapshotDays: 7,
      expectedHours: 27,
      ...this.#options.settings,
    };
  }

  #now(): Date {
    return this.#options.clock.now();
  }

  #deadline(timeoutSeconds = 300): Deadline {
    const ends = this.#now().getTime() + timeoutSeconds * 1_000;
    return { remainingMilliseconds: () => ends - this.#now().getTime() };
  }

  #ports() {
    return {
      store: this.#functionStore,
      catalog: this.catalog,
      warehouse: this.warehouse,
      extractQueue: this.queues.queue('extract'),
      convertQueue: this.queues.queue('convert'),
      publishQueue: this.queues.queue('publish'),
      clock: this.#options.clock,
      log: this.log,
      newId: () => {
        this.#ids += 1;
        return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
      },
    };
  }
}
