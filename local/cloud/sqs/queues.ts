import { randomUUID } from 'node:crypto';
import { type ReceivedMessage, type SqsMessage, SqsQueue, SqsStore } from '../fauxqs-stores.ts';
import { MessageJournal } from './message-journal.ts';
import type { StateFile } from '../state-file.ts';

/**
 * Decides how a sent message is delivered, for tests of duplicates, delays and reordering. Returns an entry for each
 * copy of the message: the seconds until the copy is visible.
 */
export type Deliver = (message: { queue: string; body: string; delaySeconds: number }) => readonly number[];

export interface QueueOptions {
  /** Visibility time-outs and delays are divided by this. */
  readonly timeScale: number;
  readonly deliver?: Deliver | undefined;
}

/** A standard queue that survives a restart of the process. Its clock runs `timeScale` times faster. */
export class LocalQueue extends SqsQueue {
  readonly #journal: MessageJournal;
  readonly #options: QueueOptions;

  constructor(
    identity: { name: string; url: string; arn: string },
    attributes: Record<string, string>,
    journal: MessageJournal,
    options: QueueOptions,
  ) {
    super(identity.name, identity.url, identity.arn, attributes);
    this.#journal = journal;
    this.#options = options;
    for (const message of journal.load(identity.name)) super.enqueue(message);
  }

  override enqueue(message: SqsMessage): void {
    // A message from another queue (a dead letter) keeps its id, so one statement moves its row.
    const isNew = message.approximateReceiveCount === 0;
    const delay = Math.max(0, (message.delayUntil ?? 0) - message.sentTimestamp) / this.#options.timeScale;
    const delays = (isNew &&
      this.#options.deliver?.({ queue: this.name, body: message.body, delaySeconds: delay / 1_000 })) || [
      delay / 1_000,
    ];
    for (const [copy, seconds] of delays.entries()) {
      const { delayUntil: _, ...rest } = message;
      const delivered = {
        ...rest,
        messageId: copy === 0 ? message.messageId : randomUUID(),
        ...(seconds > 0 ? { delayUntil: message.sentTimestamp + seconds * 1_000 } : {}),
      };
      this.#journal.sent(this.name, delivered);
      super.enqueue(delivered);
    }
  }

  override dequeue(
    maxCount: number,
    visibilityTimeout?: number,
    deadLetterQueue?: (arn: string) => SqsQueue | undefined,
  ): ReceivedMessage[] {
    const seconds = visibilityTimeout ?? Number(this.attributes.VisibilityTimeout);
    const received = super.dequeue(maxCount, seconds / this.#options.timeScale, deadLetterQueue);
    for (const { ReceiptHandle } of received) {
      const entry = this.inflightMessages.get(ReceiptHandle);
      if (entry) this.#journal.received(entry.message);
    }
    return received;
  }

  override deleteMessage(receiptHandle: string): boolean {
    const entry = this.inflightMessages.get(receiptHandle);
    if (entry) this.#journal.deleted(entry.message.messageId);
    return super.deleteMessage(receiptHandle);
  }

  override changeVisibility(receiptHandle: string, timeoutSeconds: number): void {
    super.changeVisibility(receiptHandle, timeoutSeconds / this.#options.timeScale);
  }

  override purge(): void {
    this.#journal.purged(this.name);
    super.purge();
  }

  /** Counts messages: those that wait, those that a consumer holds, and those whose delay has not passed. */
  depths(): { ready: number; inFlight: number; delayed: number } {
    this.processTimers();
    const { ready, inflight, delayed } = this.inspectMessages();
    return { ready: ready.length, inFlight: inflight.length, delayed: delayed.length };
  }
}

/** The queues by name. fauxqs, the SQS emulator, reaches them only through this store. */
export class LocalQueues extends SqsStore {
  readonly #journal: MessageJournal;
  readonly #options: QueueOptions;
  readonly #queues = new Map<string, LocalQueue>();

  constructor(state: StateFile, options: QueueOptions) {
    super();
    this.#journal = new MessageJournal(state);
    this.#options = options;
  }

  /** Creates the queue, with the messages that an earlier process left in it. */
  override createQueue(name: string, url: string, arn: string, attributes: Record<string, string> = {}): LocalQueue {
    const queue = new LocalQueue({ name, url, arn }, attributes, this.#journal, this.#options);
    this.#queues.set(name, queue);
    return queue;
  }

  override getQueue(url: string): LocalQueue | undefined {
    return this.#queues.get(url.split('/').at(-1) ?? '');
  }

  override getQueueByName(name: string): LocalQueue | undefined {
    return this.#queues.get(name);
  }

  override getQueueByArn(arn: string): LocalQueue | undefined {
    return this.#queues.get(arn.split(':').at(-1) ?? '');
  }

  override allQueues(): Iterable<LocalQueue> {
    return this.#queues.values();
  }

  override listQueues(prefix = ''): { queues: LocalQueue[] } {
    return { queues: [...this.#queues.values()].filter(({ name }) => name.startsWith(prefix)) };
  }

  override shutdown(): void {
    for (const queue of this.#queues.values()) queue.cancelWaiters();
  }
}
