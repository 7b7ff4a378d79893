import { z } from 'zod';
import type { SqsMessage } from '../fauxqs-stores.ts';
import type { StateFile } from '../state-file.ts';

const storedMessage = z.object({
  messageId: z.string(),
  body: z.string(),
  md5OfBody: z.string(),
  messageAttributes: z.record(
    z.string(),
    z.object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
  ),
  md5OfMessageAttributes: z.string(),
  sentTimestamp: z.number(),
  delayUntil: z.number().optional(),
  messageGroupId: z.string().optional(),
  messageDeduplicationId: z.string().optional(),
  sequenceNumber: z.string().optional(),
});
const messageRow = z.object({ message: z.string(), receives: z.number(), first_received: z.number().nullable() });

/**
 * Keeps the messages of the queues on disk, but not their receipts: after a restart no consumer holds a message. It
 * replaces the journal of fauxqs, the SQS emulator, which loses two kinds of messages: those whose visibility is set to
 * 0 (it writes a NULL that the schema forbids), and those that are moving to a dead-letter queue when the process is
 * killed (two statements without a transaction).
 */
export class MessageJournal {
  readonly #state: StateFile;
  readonly #insert;
  readonly #receive;
  readonly #delete;
  readonly #purge;
  readonly #load;

  constructor(state: StateFile) {
    this.#state = state;
    this.#insert = state.prepare(
      'INSERT OR REPLACE INTO messages (id, queue, message, receives, first_received) VALUES (?, ?, ?, ?, ?)',
    );
    this.#receive = state.prepare('UPDATE messages SET receives = ?, first_received = ? WHERE id = ?');
    this.#delete = state.prepare('DELETE FROM messages WHERE id = ?');
    this.#purge = state.prepare('DELETE FROM messages WHERE queue = ?');
    this.#load = state.prepare('SELECT message, receives, first_received FROM messages WHERE queue = ? ORDER BY rowid');
  }

  sent(queue: string, message: SqsMessage): void {
    this.#state.join();
    const { approximateReceiveCount, approximateFirstReceiveTimestamp, ...kept } = message;
    this.#insert.run(
      message.messageId,
      queue,
      JSON.stringify(kept),
      approximateReceiveCount,
      approximateFirstReceiveTimestamp ?? null,
    );
  }

  received(message: SqsMessage): void {
    this.#state.join();
    this.#receive.run(
      message.approximateReceiveCount,
      message.approximateFirstReceiveTimestamp ?? null,
      message.messageId,
    );
  }

  deleted(messageId: string): void {
    this.#state.join();
    this.#delete.run(messageId);
  }

  purged(queue: string): void {
    this.#state.join();
    this.#purge.run(queue);
  }

  load(queue: string): SqsMessage[] {
    return this.#load.all(queue).map((row) => {
      const { message, receives, first_received } = messageRow.parse(row);
      const stored = storedMessage.parse(JSON.parse(message));
      const { sentTimestamp, delayUntil } = stored;
      // If the clock was set back meanwhile, the message waits no longer than it was to wait when it was sent.
      const latest = Date.now() + Math.max(0, (delayUntil ?? 0) - sentTimestamp);
      return {
        ...stored,
        ...(delayUntil === undefined ? {} : { delayUntil: Math.min(delayUntil, latest) }),
        approximateReceiveCount: receives,
        ...(first_received === null ? {} : { approximateFirstReceiveTimestamp: first_received }),
      };
    });
  }
}
