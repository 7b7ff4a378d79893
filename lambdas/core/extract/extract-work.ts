import type { ExtractMessage } from '../../contract/messages.ts';
import type { ConvertReceipt } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import type { Api, Clock, Deadline, Log, ObjectStore, Queue } from '../ports.ts';

export interface ExtractPorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
  /** Converts a small chunk of the task where it was read, and leaves its receipt if that is wanted. */
  readonly convertHere: (sequence: number, keepReceipt: boolean) => Promise<ConvertReceipt>;
  /** For this task alone: its counts go into the receipt. */
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ExtractWork {
  readonly message: ExtractMessage;
  readonly stream: Stream;
  readonly deadline: Deadline;
  /** Deadline of the run: after it, nothing more is asked for. */
  readonly runDeadline: string;
  readonly pageSize: number;
  /** Requests that a task may have under way at once. */
  readonly inFlight: number;
}
