import type { EventName } from '../contract/environment.ts';
import type { Table } from '../contract/stream.ts';
import type { WebhookSecret } from '../contract/webhook.ts';
import type { ByteText } from './rows/charsets.ts';
import type { TableSchema } from './iceberg/metadata.ts';

/** What the core needs of the outside world. Adapters implement these; tests have one fake for each. */

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PutOptions {
  /** Write only where nothing is stored under the key. */
  readonly ifAbsent?: boolean;
  /** Write only where the stored object still has this ETag. */
  readonly ifMatch?: string;
  /** ASCII only, 2 KB in all. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

export interface ObjectStore {
  /** The object, or undefined where there is none. */
  get(key: string): Promise<StoredObject | undefined>;
  /** The object's ETag and metadata without its body. */
  head(key: string): Promise<Omit<StoredObject, 'body'> | undefined>;
  /** @returns false where `ifAbsent` or `ifMatch` did not hold, and nothing was written */
  put(key: string, body: Uint8Array | string, options?: PutOptions): Promise<boolean>;
  /** Deletes the object; where there is none, nothing happens. */
  delete(key: string): Promise<void>;
  /** Every key with this prefix, in the order of UTF-8 bytes, all pages of it. */
  list(prefix: string): AsyncIterable<{ key: string; etag: string; size: number }>;
}

/** What only reads needs no more. */
export type ReadableStore = Pick<ObjectStore, 'get' | 'list'>;

export interface OutgoingMessage {
  readonly body: unknown;
  /** 0 to 900. */
  readonly delaySeconds?: number;
}

export interface Queue {
  /**
   * Sends every message, in batches that fit the queue's limits; entries that fail are tried again.
   * @throws Error where one could not be sent: the caller must then not say that its work is done
   */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}

/** A message as it lies in a dead-letter queue. */
export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  /** Of this receipt of it. */
  readonly handle: string;
}

export interface DeadLetters {
  /** Letters that nobody else is given for a quarter of an hour; none where none is left. @param most 1 to 10 */
  receive(most: number): Promise<readonly DeadLetter[]>;
  /** @throws Error where one could not be deleted: it comes again */
  delete(letters: readonly Pick<DeadLetter, 'handle'>[]): Promise<void>;
  /** Gives letters back now; one that could not be comes back by itself. */
  release(letters: readonly Pick<DeadLetter, 'handle'>[]): Promise<void>;
}

export interface QueueDepth {
  /** Messages that a consumer would be given now. About: SQS counts no closer. */
  waiting(): Promise<number>;
}

export interface Clock {
  now(): Date;
}

/** How much longer this invocation may run. */
export interface Deadline {
  remainingMilliseconds(): number;
}

/** Structured log lines: never a key, never a person's data. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** An answer of the API, unparsed. */
export interface ApiAnswer {
  /** The whole body, as it came but in UTF-8. Valid JSON of an object. */
  readonly body: ByteText;
  /** From the body, else from a header; null where the vendor gave none. */
  readonly requestId: string | null;
  /** When the request that succeeded was sent: what this answer says was true at some moment after it. */
  readonly askedAt: Date;
  readonly receivedAt: Date;
}

export interface Api {
  /**
   * GET below the base URL, with the retries of the policy.
   * @param path as the contract spells it, such as `/leads/{lead_id}/messages`
   * @param parameters values of the path's parameters, and of the query
   * @throws PipelineError of the class that the status table names
   */
  get(
    path: string,
    parameters: { path?: Readonly<Record<string, string>>; query?: Readonly<Record<string, string | number>> },
    context: {
      stream: string;
      scope: string;
      deadline: Deadline;
      /** A larger answer is refused, if this is less than what the function can hold at all. */
      maxBytes?: number | undefined;
    },
  ): Promise<ApiAnswer>;
  /** Requests and retries made so far, for the receipt. */
  readonly counts: { requests: number; retries: number };
}

/** A committed version of a current table, as a catalog names it. */
export interface CatalogEntry {
  readonly version: number;
  readonly metadataUri: string;
  /** URI of the folder that the table lies in. */
  readonly location: string;
  readonly schema: TableSchema;
}

/** Where engines look up the newest version of a current table. It follows the commits: what it says is never read. */
export interface Catalog {
  /**
   * Makes the catalog name this version of the table, unless it names this one or a newer one already.
   * @returns the version that the catalog named, if the pipeline did not write it: somebody else did, and what they
   * changed is lost; else undefined
   */
  point(table: Pick<Table, 'name' | 'description'>, entry: CatalogEntry): Promise<string | undefined>;
}

export interface Metrics {
  count(name: string, value: number, dimensions?: Record<string, string>): void;
}

export interface Announcer {
  /** Tells the outside what happened, as an event: at least once. */
  announce(event: EventName, detail: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Export jobs of the API. Errors are those of {@link Api}. */
export interface ExportApi {
  /** Starts an export of every lead, suppressed ones included. The same key never starts a second. */
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
  /** The file as a stream of bytes, and the ETag of what is read; undefined where there is none. */
  open(fileKey: string): Promise<{ body: AsyncIterable<Uint8Array>; etag: string } | undefined>;
}

export interface WebhookSecretStore {
  /** Undefined before the endpoint is registered. @param fresh past the cache */
  read(fresh?: boolean): Promise<WebhookSecret | undefined>;
  write(value: WebhookSecret): Promise<void>;
}

export interface Delivery {
  readonly id: string;
  readonly createdAt: Date | undefined;
  readonly failed: boolean;
  /** Our endpoint has answered it with a refusal (4xx), which sending it again rarely changes. */
  readonly isRefused: boolean;
  /** Whether the vendor will try it again by itself. */
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
  /** Every endpoint of the workspace, those of others too. */
  endpoints(): Promise<readonly RegisteredEndpoint[]>;
  create(
    wish: { readonly url: string; readonly events: readonly string[] },
    idempotencyKey: string,
  ): Promise<{ id: string; signingSecret: string | undefined }>;
  update(id: string, wish: { readonly url: string; readonly events: readonly string[] }): Promise<void>;
  delete(id: string): Promise<void>;
  /** Newest pages first or last, as the API lists them; every one of them. */
  deliveries(endpointId: string): AsyncIterable<Delivery>;
  retry(endpointId: string, deliveryId: string): Promise<void>;
}
