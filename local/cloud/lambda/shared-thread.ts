import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AnswerDirectly } from '../direct-sdk/direct-calls.ts';
import type { FunctionDefinition } from '../cloudformation/definitions.ts';
import {
  environmentOf,
  type FunctionInstance,
  type InstanceOptions,
  invocationOf,
  type Outcome,
  type StartInstance,
} from './function-process.ts';
import { commonCode, type SharedReply, type SharedRequest, sharedReply } from './shared-messages.ts';

const runtime = new URL(`./shared-runtime${extname(import.meta.url)}`, import.meta.url);

/**
 * Runs the instances of all functions in one thread of this process, which loads and compiles their common code once.
 * If the thread ends, or a function times out, all of its invocations fail; the next ones start another thread.
 * @param folder of the bundled functions: `<name>.mjs` for each
 * @param compileCacheNow folder of Node's compile cache. If it is given, the thread starts at once and loads the common
 * code, before there is a function to start. Until then it does not keep this process alive
 */
export function sharedThread(folder: string, compileCacheNow?: string): StartInstance {
  let current: SharedThread | undefined;
  if (compileCacheNow !== undefined) {
    current = new SharedThread(folder, compileCacheNow);
    current.loadCommonCode();
  }
  return (definition, id, options) => {
    if (!current?.isAlive) current = new SharedThread(folder, options.compileCache);
    return current.start(definition, id, options);
  };
}

/** A thread that does not end itself within this time is terminated. */
const answerMilliseconds = 1_000;

class SharedThread {
  readonly #folder: string;
  readonly #worker: Worker;
  #answer: AnswerDirectly | undefined;
  readonly #instances = new Map<string, SharedInstance>();
  isAlive = true;

  constructor(folder: string, compileCache: string) {
    this.#folder = folder;
    this.#worker = new Worker(runtime, { env: { NODE_COMPILE_CACHE: compileCache } });
    this.#worker.on('message', (message) => this.#take(sharedReply.parse(message)));
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => this.#end(`exit status ${code}`));
  }

  loadCommonCode(): void {
    this.#worker.unref();
    this.send({ type: 'load', file: this.#fileOf(commonCode) });
  }

  start(definition: FunctionDefinition, id: string, options: InstanceOptions): FunctionInstance {
    const instance = new SharedInstance(this, definition, id, options);
    this.#instances.set(id, instance);
    this.#answer = options.answerDirectly;
    this.#worker.ref();
    const file = this.#fileOf(definition.name);
    this.send({ type: 'start', id, file, environment: environmentOf(definition, id, options) });
    return instance;
  }

  #fileOf(name: string): string {
    return join(this.#folder, `${name}.mjs`);
  }

  send(request: SharedRequest): void {
    this.#worker.postMessage(request);
  }

  /**
   * Lets the thread end itself between two steps of its code. Node 24.21 aborts the whole process if a thread is
   * terminated while it creates a zstd stream ("close before init"). A thread that does not answer is terminated.
   */
  kill(): void {
    if (!this.isAlive) return;
    this.send({ type: 'end' });
    const timer = setTimeout(() => void this.#worker.terminate(), answerMilliseconds);
    this.#worker.once('exit', () => clearTimeout(timer));
    this.#end('it was ended');
  }

  #take(reply: SharedReply): void {
    // What a thread sent before it was ended has no effect any more, as if the functions were processes.
    if (!this.isAlive) return;
    if ('call' in reply) this.#worker.postMessage(this.#answer?.(reply));
    else this.#instances.get(reply.id)?.take(reply);
  }

  #end(reason: string): void {
    this.isAlive = false;
    for (const instance of this.#instances.values()) instance.end({ type: 'exited', reason });
  }
}

class SharedInstance implements FunctionInstance {
  readonly id: string;
  peakBytes = 0;
  readonly #thread: SharedThread;
  readonly #definition: FunctionDefinition;
  readonly #options: InstanceOptions;
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor(shared: SharedThread, definition: FunctionDefinition, id: string, options: InstanceOptions) {
    this.id = id;
    this.#thread = shared;
    this.#definition = definition;
    this.#options = options;
  }

  get isAlive(): boolean {
    return this.#thread.isAlive;
  }

  async invoke(payload: string): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#settle = resolve;
    const timer = setTimeout(() => {
      resolve({ type: 'timed out' });
      this.kill();
    }, this.#definition.timeoutSeconds * 1_000);
    this.#thread.send({ type: 'invoke', id: this.id, invocation: invocationOf(this.#definition, payload) });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  take(reply: Exclude<SharedReply, { call: number }>): void {
    if ('line' in reply) return this.#options.onLine(reply.line);
    if ('requests' in reply) return this.#options.onRequests(reply.requests);
    if ('peakBytes' in reply.answer) this.peakBytes = Math.max(this.peakBytes, reply.answer.peakBytes);
    this.end(reply.answer);
  }

  end(outcome: Outcome): void {
    this.#settle?.(outcome);
  }

  kill(): void {
    this.#thread.kill();
  }
}
