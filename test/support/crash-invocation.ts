import type { FunctionName } from '../../lambdas/contract/environment.ts';
import { UnavailableError } from '../../lambdas/core/errors.ts';
import type {
  Announcer,
  Api,
  Catalog,
  Clock,
  ExportApi,
  ExportSource,
  ObjectStore,
  Queue,
  WebhookApi,
  WebhookSecretStore,
} from '../../lambdas/core/ports.ts';

/** One call that a function makes to one of its ports. */
export interface Step {
  readonly index: number;
  readonly functionName: FunctionName;
  readonly operation: string;
  readonly resource: string;
}

/**
 * What happens to a step. `kill` ends the function before or after the step takes effect; `fail` gives it an
 * error instead of the answer. `twice` repeats the step, as an SDK does if the first answer is lost. `overtaken`
 * holds the function before the step until another invocation has worked on its redelivered message; `late`
 * holds it until no other function has work left.
 */
export type Verdict = 'go' | 'kill before' | 'kill after' | 'fail before' | 'fail after' | 'twice' | Delay;
export type Delay = 'overtaken' | 'late';

export const disturbances: readonly Verdict[] = [
  'kill before',
  'kill after',
  'fail before',
  'fail after',
  'twice',
  'overtaken',
  'late',
];

interface Surroundings {
  readonly verdictOf: (step: Omit<Step, 'index'>) => Verdict;
  /** Resolves when this function may take its next step. */
  readonly turn: () => Promise<void>;
  /** Resolves when the function may continue after the verdict `overtaken` or `late`. */
  readonly delay: (delay: Delay) => Promise<void>;
}

/** A function's process. Once it is killed, none of its steps takes effect or returns. */
export class CrashInvocation {
  readonly clock: Clock;
  readonly killed: Promise<void>;
  readonly #name: FunctionName;
  readonly #surroundings: Surroundings;
  #kill: () => void = () => {};
  #isDead = false;
  /** Whether any step was made to fail. */
  wasFailed = false;

  constructor(name: FunctionName, clock: Clock, surroundings: Surroundings) {
    this.#name = name;
    this.clock = clock;
    this.#surroundings = surroundings;
    this.killed = new Promise((resolve) => {
      this.#kill = resolve;
    });
  }

  async step<T>(operation: string, resource: string, effect: () => Promise<T>): Promise<T> {
    await this.#surroundings.turn();
    if (this.#isDead) return this.#end();
    const verdict = this.#surroundings.verdictOf({ functionName: this.#name, operation, resource });
    if (verdict === 'kill before') return this.#end();
    if (verdict.startsWith('fail')) this.wasFailed = true;
    if (verdict === 'fail before') throw failed(operation);
    if (verdict === 'overtaken' || verdict === 'late') await this.#surroundings.delay(verdict);
    const answer = await effect();
    if (verdict === 'kill after') return this.#end();
    if (verdict === 'fail after') throw failed(operation);
    return verdict === 'twice' ? effect() : answer;
  }

  #end(): Promise<never> {
    this.#isDead = true;
    this.#kill();
    return new Promise<never>(() => {});
  }

  store(store: ObjectStore): ObjectStore {
    const step = this.step.bind(this);
    return {
      get: (key) => step('get', key, () => store.get(key)),
      head: (key) => step('head', key, () => store.head(key)),
      put: (key, body, options) => step('put', key, () => store.put(key, body, options)),
      delete: (key) => step('delete', key, () => store.delete(key)),
      async *list(prefix) {
        yield* await step('list', prefix, () => collected(store.list(prefix)));
      },
    };
  }

  /** A queue to which each message is sent in its own step: a killed function may have sent any part of a batch. */
  queue(name: string, send: (body: unknown, delaySeconds: number) => void): Queue {
    return {
      send: async (messages) => {
        for (const { body, delaySeconds = 0 } of messages)
          await this.step('send', name, async () => send(body, delaySeconds));
      },
    };
  }

  api(api: Pick<Api, 'get'>): Api {
    const counts = { requests: 0, retries: 0 };
    return {
      counts,
      get: (path, parameters, context) => {
        counts.requests += 1;
        return this.step('request', path, () => api.get(path, parameters, context));
      },
    };
  }

  exportApi(api: ExportApi): ExportApi {
    return {
      create: (key) => this.step('request', 'create export', () => api.create(key)),
      read: (id) => this.step('request', 'export', () => api.read(id)),
      readiness: (id) => this.step('request', 'export download', () => api.readiness(id)),
    };
  }

  /** A source whose files open in one step. Reading them is no step: nothing is stored before a file is read. */
  source(source: ExportSource): ExportSource {
    return { open: (fileKey) => this.step('open', 'export file', () => source.open(fileKey)) };
  }

  webhookApi(api: WebhookApi): WebhookApi {
    const step = this.step.bind(this);
    return {
      endpoints: () => step('request', 'endpoints', () => api.endpoints()),
      create: (wish, key) => step('request', 'create endpoint', () => api.create(wish, key)),
      update: (id, wish) => step('request', 'update endpoint', () => api.update(id, wish)),
      delete: (id) => step('request', 'delete endpoint', () => api.delete(id)),
      async *deliveries(id) {
        yield* await step('request', 'deliveries', () => collected(api.deliveries(id)));
      },
      retry: (id, delivery) => step('request', 'retry delivery', () => api.retry(id, delivery)),
    };
  }

  secrets(secrets: WebhookSecretStore): WebhookSecretStore {
    return {
      read: (fresh) => this.step('read', 'secret', () => secrets.read(fresh)),
      write: (value) => this.step('write', 'secret', () => secrets.write(value)),
    };
  }

  catalog(catalog: Catalog): Catalog {
    return { point: (table, entry) => this.step('point', table.name, () => catalog.point(table, entry)) };
  }

  announcer(announcer: Announcer): Announcer {
    return { announce: (event, detail) => this.step('announce', event, () => announcer.announce(event, detail)) };
  }
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function failed(operation: string): Error {
  return operation === 'request'
    ? new UnavailableError('The API did not answer.')
    : new Error(`The ${operation} failed.`);
}
