import type { OutgoingMessage, Queue } from '../../lambdas/core/ports.ts';

/** A queue in memory: messages wait until the test takes them. */
export class MemoryQueue implements Queue {
  messages: OutgoingMessage[] = [];

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    // Bodies travel as JSON, so the test sees what a function would see.
    for (const message of messages) this.messages.push({ ...message, body: JSON.parse(JSON.stringify(message.body)) });
  }

  take(): OutgoingMessage | undefined {
    return this.messages.shift();
  }
}
