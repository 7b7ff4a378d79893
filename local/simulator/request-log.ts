export interface LoggedRequest {
  /** `operationId` in the API's OpenAPI document; null if the request matches no operation. */
  readonly operation: string | null;
  readonly method: string;
  /** Path below the base path. */
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly requestId: string;
  /** When the request arrived, in milliseconds since 1970. */
  readonly at: number;
  readonly durationMilliseconds: number;
}

/** The latest requests, and the number of requests per operation. */
export class RequestLog {
  readonly #capacity: number;
  readonly #ring: LoggedRequest[] = [];
  #next = 0;
  readonly #byOperation = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(request: LoggedRequest): void {
    this.#ring[this.#next] = request;
    this.#next = (this.#next + 1) % this.#capacity;
    const operation = request.operation ?? 'none';
    this.#byOperation.set(operation, (this.#byOperation.get(operation) ?? 0) + 1);
  }

  /** The latest requests, oldest first. */
  latest(): LoggedRequest[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#byOperation);
  }

  clear(): void {
    this.#ring.length = 0;
    this.#next = 0;
    this.#byOperation.clear();
  }
}
