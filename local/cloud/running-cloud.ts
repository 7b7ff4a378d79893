import { setTimeout as wait } from 'node:timers/promises';
import { type Clients, createClients } from './clients.ts';
import type { Definitions, QueueDefinition } from './cloudformation/definitions.ts';
import type { EventSourceMapping } from './sqs/event-source-mappings.ts';
import type { BusEvent, EventBus } from './eventbridge/events.ts';
import type { ApiTraffic } from './lambda/api-traffic.ts';
import { FunctionError, type FunctionMemory, type LocalFunction } from './lambda/functions.ts';
import { findNamed } from './cloudformation/names.ts';
import type { LocalQueues } from './sqs/queues.ts';
import { invokeAsynchronously, scheduledInput } from './eventbridge/schedules.ts';
import type { Switches } from './switches.ts';

/** Number of messages in a queue: visible, in flight (held by a consumer), and delayed (not visible yet). */
export interface QueueDepth {
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface Parts {
  readonly endpoint: string;
  readonly definitions: Definitions;
  /** Functions by ARN. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly mappings: readonly EventSourceMapping[];
  /** HTTP APIs by id. */
  readonly apis: ReadonlyMap<string, { readonly url: string }>;
  readonly queues: LocalQueues;
  readonly bus: EventBus;
  readonly switches: Switches;
  readonly timeScale: number;
  readonly traffic: ApiTraffic;
  readonly stop: () => Promise<void>;
}

const idlePollMilliseconds = 10;
const defaultIdleMilliseconds = 60_000;

/**
 * The running embedded cloud. Its methods take a resource's readable name (`plan`, `extract-queue`,
 * `extract-queue/dead-letters`, `apiKey`), logical id or physical name. An unknown name is an error that lists the
 * known ones.
 */
export class Cloud {
  /** The address of all emulated AWS services, such as `http://127.0.0.1:40001`. */
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
   * Fires a schedule now and waits for the answer of its target. Does nothing if the schedule is switched off.
   * @param name name of the schedule or of the function that it invokes
   * @param at the scheduled time that the function is given
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

  /** The requests that the functions have sent to the API since the start. */
  get traffic(): ApiTraffic {
    return this.#parts.traffic;
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

  /** Address of an HTTP API, such as `http://127.0.0.1:8787`. */
  apiUrl(name: string): string {
    const { apiId } = findNamed('HTTP API', name, this.#parts.definitions.apis, (api) => [api.apiId]);
    return this.#parts.apis.get(apiId)?.url ?? '';
  }

  /**
   * Waits until no message is in a queue that a function reads, and no function runs.
   * @throws Error if that takes longer than the timeout; it lists the remaining messages and running functions
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

  /** Whether `ops pause` has switched off a part of the pipeline. */
  get isPaused(): boolean {
    return this.#parts.mappings.some(({ isOn }) => !isOn);
  }

  /** The peak memory of each function and of each of its processes. */
  memory(): FunctionMemory[] {
    return [...this.#parts.functions.values()].map((each) => each.memory());
  }

  /** SDK clients pointed at this cloud. */
  clients(): Clients {
    return createClients(this.endpoint);
  }

  /** Ends a function's process with SIGKILL, by the id that hooks and environment overrides receive. */
  kill(processId: string): void {
    for (const each of this.#parts.functions.values()) each.kill(processId);
  }

  /** Ends the functions at once. Their unfinished messages are delivered again after the next start. */
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
