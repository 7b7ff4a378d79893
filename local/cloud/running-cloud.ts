import { setTimeout as wait } from 'node:timers/promises';
import { type Clients, createClients } from './clients.ts';
import type { Definitions, QueueDefinition } from './cloudformation/definitions.ts';
import type { EventSourceMapping } from './sqs/event-source-mappings.ts';
import type { BusEvent, EventBus } from './eventbridge/events.ts';
import { FunctionError, type FunctionMemory, type LocalFunction } from './lambda/functions.ts';
import { findNamed } from './cloudformation/names.ts';
import type { LocalQueues } from './sqs/queues.ts';
import { invokeAsynchronously, scheduledInput } from './eventbridge/schedules.ts';
import type { Switches } from './switches.ts';

/** Messages of a queue: visible, held by a consumer, and not visible yet. */
export interface QueueDepth {
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface Parts {
  readonly endpoint: string;
  readonly definitions: Definitions;
  /** By ARN. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly mappings: readonly EventSourceMapping[];
  /** By the id of the API. */
  readonly apis: ReadonlyMap<string, { readonly url: string }>;
  readonly queues: LocalQueues;
  readonly bus: EventBus;
  readonly switches: Switches;
  readonly timeScale: number;
  readonly stop: () => Promise<void>;
}

const idlePollMilliseconds = 10;
const defaultIdleMilliseconds = 60_000;

/**
 * The embedded cloud while it runs. A resource is named by its readable name (`plan`, `extract-queue`,
 * `extract-queue/dead-letters`, `apiKey`), its logical id or its own name; one that is not there is an
 * error that tells what is.
 */
export class Cloud {
  /** The one address of all services, such as `http://127.0.0.1:40001`. */
  readonly endpoint: string;
  readonly #parts: Parts;
  #stopped: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.endpoint = parts.endpoint;
    this.#parts = parts;
  }

  /** Events put on event buses since the start, in order. */
  get events(): readonly BusEvent[] {
    return this.#parts.bus.events;
  }

  /**
   * Invokes a function and waits for its answer.
   * @throws FunctionError
   */
  async invoke(functionName: string, event: unknown = {}): Promise<unknown> {
    return (await this.#function(functionName).invoke(event)).answer;
  }

  /**
   * Fires a schedule now, named by itself or by its target, and waits for what comes of it: nothing, where
   * it is switched off.
   * @param at the time that the schedule says it is
   * @throws FunctionError of the last attempt
   */
  async fire(name: string, at: Date = new Date()): Promise<unknown> {
    const { definitions, functions, queues, timeScale, switches } = this.#parts;
    const targetName = (arn: string) => functions.get(arn)?.definition.name ?? arn;
    const schedule = findNamed('schedule', name, definitions.schedules, ({ targetArn }) => [targetName(targetArn)]);
    if (!switches.isOn(schedule.scheduleName)) return undefined;
    const target = functions.get(schedule.targetArn);
    if (!target)
      throw new Error(
        `The schedule ${schedule.name} invokes ${schedule.targetArn}, which is no function of the assembly.`,
      );
    return invokeAsynchronously(target, scheduledInput(schedule, at), { queues, timeScale });
  }

  queues(): QueueDepth[] {
    return this.#parts.definitions.queues.flatMap(({ name, queueName }) => {
      const queue = this.#parts.queues.getQueueByName(queueName);
      return queue ? [{ name, ...queue.depths() }] : [];
    });
  }

  queueUrl(name: string): string {
    return this.#queue(name).url;
  }

  bucketName(name: string): string {
    return findNamed('bucket', name, this.#parts.definitions.buckets, ({ bucketName }) => [bucketName]).bucketName;
  }

  secretArn(name: string): string {
    return findNamed('secret', name, this.#parts.definitions.secrets, ({ secretName }) => [secretName]).arn;
  }

  /** Where an HTTP API is served, such as `http://127.0.0.1:8787`. */
  apiUrl(name: string): string {
    const { apiId } = findNamed('HTTP API', name, this.#parts.definitions.apis, (api) => [api.apiId]);
    return this.#parts.apis.get(apiId)?.url ?? '';
  }

  /**
   * Until no message waits in a queue that a function reads, and no function runs.
   * @throws Error where that is not so in time, telling what is still there
   */
  async idle(timeoutMilliseconds: number = defaultIdleMilliseconds): Promise<void> {
    const until = Date.now() + timeoutMilliseconds;
    for (;;) {
      const busy = this.#busy();
      if (busy.length === 0) return;
      if (Date.now() > until) throw new Error(`After ${timeoutMilliseconds} ms there still is ${busy.join(', ')}.`);
      await wait(idlePollMilliseconds);
    }
  }

  /** Whether `ops pause` has switched the pipeline off. */
  get isPaused(): boolean {
    return this.#parts.mappings.some(({ isOn }) => !isOn);
  }

  /** The most memory that each function has held, and each of its processes. */
  memory(): FunctionMemory[] {
    return [...this.#parts.functions.values()].map((each) => each.memory());
  }

  /** Clients of the SDK, pointed here. */
  clients(): Clients {
    return createClients(this.endpoint);
  }

  /** Ends a function's process with SIGKILL, by the id that hooks and environment overrides are given. */
  kill(processId: string): void {
    for (const each of this.#parts.functions.values()) each.kill(processId);
  }

  /** Ends the functions at once; what they had not finished comes again at the next start. */
  stop(): Promise<void> {
    this.#stopped ??= this.#parts.stop();
    return this.#stopped;
  }

  #busy(): string[] {
    const running = [...this.#parts.functions.values()]
      .filter((each) => each.running > 0)
      .map((each) => `${each.definition.name} running`);
    const waiting = this.#parts.mappings.flatMap(({ queue, isOn }) => {
      if (!isOn) return [];
      const { ready, inFlight, delayed } = queue.depths();
      return ready + inFlight + delayed === 0
        ? []
        : [`${queue.name} with ${ready} ready, ${inFlight} in flight, ${delayed} delayed`];
    });
    return [...running, ...waiting];
  }

  #function(name: string): LocalFunction {
    const { definitions, functions } = this.#parts;
    const { arn } = findNamed('function', name, definitions.functions, ({ functionName, arn: functionArn }) => [
      functionName,
      functionArn,
    ]);
    const found = functions.get(arn);
    if (!found) throw new FunctionError(name, 'Local.NotRunnable', 'The function was not started.');
    return found;
  }

  #queue(name: string): QueueDefinition {
    return findNamed('queue', name, this.#parts.definitions.queues, ({ queueName, arn, url }) => [queueName, arn, url]);
  }
}
