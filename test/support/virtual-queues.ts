import type { Queue } from '../../lambdas/core/ports.ts';
import type { FixedClock } from './fixed-clock.ts';
import { MemoryDeadLetters } from './memory-dead-letters.ts';

export type QueueName = 'extract' | 'convert' | 'publish';

export interface QueuedMessage {
  readonly queue: QueueName;
  readonly body: unknown;
  /** Time at which the message is due, in milliseconds since the epoch. */
  visibleAt: number;
  receives: number;
}

/** Queues on the test's clock: taking a delayed message moves the clock to the time at which it is due. */
export class VirtualQueues {
  readonly deadLetters = {
    extract: new MemoryDeadLetters(),
    convert: new MemoryDeadLetters(),
    publish: new MemoryDeadLetters(),
  };
  readonly #clock: FixedClock;
  #messages: QueuedMessage[] = [];

  constructor(clock: FixedClock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#messages.length;
  }

  queue(name: QueueName): Queue {
    return {
      send: async (messages) => {
        for (const { body, delaySeconds = 0 } of messages) {
          const visibleAt = this.#clock.now().getTime() + delaySeconds * 1_000;
          // Bodies travel as JSON, so the test sees what a function would see.
          this.#messages.push({ queue: name, body: JSON.parse(JSON.stringify(body)), visibleAt, receives: 0 });
        }
      },
    };
  }

  /** Takes the next due message. @throws Error if there is none */
  take(): QueuedMessage {
    const [first] = this.#messages;
    if (!first) throw new Error('No message is left, and nothing will happen any more.');
    const message = this.#messages.reduce((next, one) => (one.visibleAt < next.visibleAt ? one : next), first);
    this.#messages = this.#messages.filter((one) => one !== message);
    this.#clock.advance(Math.max(0, message.visibleAt - this.#clock.now().getTime()));
    message.receives += 1;
    return message;
  }

  /** Removes all messages of a queue. @returns their bodies */
  withdraw(name: QueueName): unknown[] {
    const withdrawn = this.#messages.filter(({ queue }) => queue === name);
    this.#messages = this.#messages.filter(({ queue }) => queue !== name);
    return withdrawn.map(({ body }) => body);
  }

  /** Returns a message to its queue after a failure. */
  putBack(message: QueuedMessage, delaySeconds: number): void {
    message.visibleAt = this.#clock.now().getTime() + delaySeconds * 1_000;
    this.#messages.push(message);
  }
}
