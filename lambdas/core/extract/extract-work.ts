import type { ExtractMessage } from '../../contract/messages.ts';
import type { ConvertReceipt } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import type { Api, Clock, Deadline, Log, ObjectStore, Queue } from '../ports.ts';

export interface ExtractPorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
  /**
   * Converts a small chunk of the task in this invocation. Writes the receipt as an object if `keepReceipt` is true.
   * `bytes`: the lines of the chunk, if this invocation stored it. Without them, the chunk is read from the store.
   */
  readonly convertInline: (
    sequence: number,
    keepReceipt: boolean,
    bytes: Buffer | undefined,
  ) => Promise<ConvertReceipt>;
  /** API client of this task alone: its counts go into the receipt. */
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ExtractWork {
  readonly message: ExtractMessage;
  /** True if the message was received before. @default false */
  readonly isRedelivered?: boolean;
  /** True if the message becomes a dead letter should this attempt fail. @default false */
  readonly isLastDelivery?: boolean;
  readonly stream: Stream;
  readonly deadline: Deadline;
  /** Deadline of the run. No request is sent after it. */
  readonly runDeadline: string;
  readonly pageSize: number;
  /** Most requests of a task in flight at once. */
  readonly inFlight: number;
}
