/** What the core needs from the outside world. Adapters implement these ports; tests have one fake for each. */

import type { EventName } from '../contract/events.ts';
import type { SentRequests } from '../contract/run.ts';
import type { Table } from '../contract/stream.ts';
import type { WebhookSecret } from '../contract/webhook.ts';
import type { ByteText } from './rows/charsets.ts';
import type { TableSchema } from './iceberg/metadata.ts';

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PutOptions {
  /** Write only if nothing is stored under the key. */
  readonly ifAbsent?: boolean;
  /** Write only if the stored object still has this ETag. */
  readonly ifMatch?: string;
  /** ASCII only, 2 KB in all. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

export interface ObjectStore {
  /** The object, or undefined if there is none. */
  get(key: string): Promise<StoredObject | undefined>;
  /** The object's ETag and metadata without its body. */
  head(key: string): Promise<Omit<StoredObject, 'body'> | undefined>;
  /** Stores an object. @returns false if `ifAbsent` or `ifMatch` did not hold and nothing was written */
  put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<boolean>;
  /** Deletes the object. Does nothing if there is none. */
  delete(key: string): Promise<void>;
  /** All keys with this prefix, in the order of their UTF-8 bytes, across all result pages. */
  list(prefix: string): AsyncIterable<{ key: string; etag: string; size: number }>;
}

/** The part of the store that code needs if it only reads. */
export type ReadableStore = Pick<ObjectStore, 'get' | 'list'>;

export interface OutgoingMessage {
  readonly body: unknown;
  /** 0 to 900. */
  readonly delaySeconds?: number;
}

export interface Queue {
  /**
   * Sends all messages, in batches that fit the queue's limits. Entries that fail are retried.
   * @throws Error if a message could not be sent: the caller must then not record its work as done
   */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}

/** A message in a dead-letter queue. */
export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  /** Identifies this one receive of the message. */
  readonly handle: string;
}

export interface DeadLetters {
  /**
   * Receives dead letters. No other consumer can receive them for 15 minutes. Empty if none are left. @param most 1 to
   * 10
   */
  receive(most: number): Promise<readonly DeadLetter[]>;
  /** Deletes dead letters. @throws Error if one could not be deleted: the queue will deliver that one again */
  delete(letters: readonly Pick<DeadLetter, 'handle'>[]): Promise<void>;
  /**
   * Makes dead letters available to all consumers now. If that fails for one, it becomes available 15 minutes after it
   * was received.
   */
  release(letters: readonly Pick<DeadLetter, 'handle'>[]): Promise<void>;
}

export interface QueueDepth {
  /** Number of messages that a consumer could receive now. Approximate, because SQS is. */
  waiting(): Promise<number>;
}

export interface Clock {
  now(): Date;
}

/** How much longer this invocation may run. */
export interface Deadline {
  remainingMilliseconds(): number;
}

/** Structured log lines. They never contain a key or personal data. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** An answer of the API, unparsed. */
export interface ApiAnswer {
  /** The whole body as it came, converted to UTF-8. Valid JSON of an object. */
  readonly body: ByteText;
  /** The vendor's id of the request: from the body, otherwise from a header; null if the vendor sent none. */
  readonly requestId: string | null;
  /** When the request that succeeded was sent. The answer was true at some moment after that. */
  readonly askedAt: Date;
  readonly receivedAt: Date;
}

export interface Api {
  /**
   * Sends a GET request, with retries as `answer-rules.ts` and `retry-policy.ts` decide.
   * @param path relative to the base URL, as in the API's OpenAPI document, such as `/leads/{lead_id}/messages`
   * @param parameters values of the path's parameters, and of the query
   * @throws PipelineError of the class that `answer-rules.ts` names for the status
   */
  get(
    path: string,
    parameters: { path?: Readonly<Record<string, string>>; query?: Readonly<Record<string, string | number>> },
    context: {
      stream: string;
      scope: string;
      deadline: Deadline;
      /** A larger answer is refused. So is any answer that does not fit into the function's memory. */
      maxBytes?: number | undefined;
    },
  ): Promise<ApiAnswer>;
  /** Requests and retries made so far, for the receipt. */
  readonly counts: SentRequests;
  /** Enough requests under way to use the whole rate limit; any more would only wait. Absent: unknown. */
  readonly inFlight?: number;
}

/** A committed version of a current table, as a catalog names it. */
export interface CatalogEntry {
  readonly version: number;
  readonly metadataUri: string;
  /** URI of the table's folder. */
  readonly location: string;
  readonly schema: TableSchema;
}

/**
 * Where query engines look up the newest version of a current table. It is updated after each commit; the pipeline
 * never relies on it.
 */
export interface Catalog {
  /**
   * Points the catalog at this version of the table, unless it already names this version or a newer one.
   * @returns the version that the catalog named, if another program wrote it: the changes of that program are lost.
   * Otherwise undefined.
   */
  point(table: Pick<Table, 'name' | 'description'>, entry: CatalogEntry): Promise<string | undefined>;
}

export interface Metrics {
  count(name: string, value: number, dimensions?: Record<string, string>): void;
}

export interface Announcer {
  /** Publishes an event about what happened, at least once. */
  announce(event: EventName, detail: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Export jobs of the API. Errors are those of {@link Api}. */
export interface ExportApi {
  /** Starts an export of all leads, including suppressed ones. The same key never starts a second export. */
  create(idempotencyKey: string): Promise<{ id: string }>;
  read(id: string): Promise<{
    readonly status: string | null;
    readonly rowCount: number | null;
    readonly fileKey: string | null;
    readonly errorMessage: string | null;
    readonly requestId: string | null;
  }>;
  readiness(id: string): Promise<{ readonly ready: boolean; readonly fileKey: string | null }>;
}

/** The bucket that holds the vendor's export files. */
export interface ExportSource {
  /** The file as a stream of bytes, and the ETag of what is read; undefined if there is none. */
  open(fileKey: string): Promise<{ body: AsyncIterable<Uint8Array>; etag: string } | undefined>;
}

export interface WebhookSecretStore {
  /** The secret; undefined before the endpoint is registered. @param fresh bypasses the cache */
  read(fresh?: boolean): Promise<WebhookSecret | undefined>;
  write(value: WebhookSecret): Promise<void>;
}

export interface Delivery {
  readonly id: string;
  readonly createdAt: Date | undefined;
  readonly failed: boolean;
  /** True if our endpoint refused the delivery (4xx). Sending it again rarely changes that. */
  readonly isRefused: boolean;
  /** True if the vendor will retry the delivery by itself. */
  readonly willRetry: boolean;
}

/** A webhook endpoint as the vendor lists it. */
export interface RegisteredEndpoint {
  readonly id: string;
  readonly url: string;
  /** The first characters of its signing secret. */
  readonly secretPrefix: string | null;
  readonly isDisabled: boolean;
}

/** Webhook endpoints of the API. Errors are those of {@link Api}. */
export interface WebhookApi {
  /** All endpoints of the workspace, including those that others registered. */
  endpoints(): Promise<readonly RegisteredEndpoint[]>;
  create(
    wish: { readonly url: string; readonly events: readonly string[] },
    idempotencyKey: string,
  ): Promise<{ id: string; signingSecret: string | undefined }>;
  update(id: string, wish: { readonly url: string; readonly events: readonly string[] }): Promise<void>;
  delete(id: string): Promise<void>;
  /** All deliveries. Pages come newest first or oldest first, as the API lists them. */
  deliveries(endpointId: string): AsyncIterable<Delivery>;
  retry(endpointId: string, deliveryId: string): Promise<void>;
}
