import { type ChildProcess, spawn } from 'node:child_process';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionDefinition } from '../cloudformation/definitions.ts';
import {
  environmentOf,
  type FunctionInstance,
  type InstanceOptions,
  invocationOf,
  type Outcome,
  type StartInstance,
} from './function-process.ts';
import { networkEnvironment } from './network-environment.ts';
import { type SharedReply, type SharedRequest, sharedReply } from './shared-messages.ts';

const runtime = fileURLToPath(new URL(`./shared-runtime${extname(import.meta.url)}`, import.meta.url));

/**
 * Runs the instances of all functions in one process, which loads and compiles their common code once. If the process
 * ends, or a function times out, all of its invocations fail; the next ones start another process.
 * @param folder of the bundled functions: `<name>.mjs` for each
 */
export function sharedProcess(folder: string): StartInstance {
  let current: SharedProcess | undefined;
  return (definition, id, options) => {
    if (!current?.isAlive) current = new SharedProcess(folder, options);
    return current.start(definition, id, options);
  };
}

class SharedProcess {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #instances = new Map<string, SharedInstance>();
  isAlive = true;

  constructor(folder: string, { compileCache }: InstanceOptions) {
    this.#folder = folder;
    this.#child = spawn(process.execPath, [runtime], {
      // Node reads these only when a process starts.
      env: { NODE_COMPILE_CACHE: compileCache, ...networkEnvironment(process.env) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      const reply = sharedReply.parse(message);
      this.#instances.get(reply.id)?.take(reply);
    });
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(signal ? `signal: ${signal}` : `exit status ${code}`));
  }

  start(definition: FunctionDefinition, id: string, options: InstanceOptions): FunctionInstance {
    const instance = new SharedInstance(this, definition, id, options);
    this.#instances.set(id, instance);
    const file = join(this.#folder, `${definition.name}.mjs`);
    this.send({ type: 'start', id, file, environment: environmentOf(definition, id, options) });
    return instance;
  }

  send(request: SharedRequest): void {
    this.#child.send(request, (error) => {
      if (error) this.#end(error.message);
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#end('signal: SIGKILL');
  }

  #end(reason: string): void {
    this.isAlive = false;
    for (const instance of this.#instances.values()) instance.end({ type: 'exited', reason });
  }
}

class SharedInstance implements FunctionInstance {
  readonly id: string;
  peakBytes = 0;
  readonly #process: SharedProcess;
  readonly #definition: FunctionDefinition;
  readonly #options: InstanceOptions;
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor(shared: SharedProcess, definition: FunctionDefinition, id: string, options: InstanceOptions) {
    this.id = id;
    this.#process = shared;
    this.#definition = definition;
    this.#options = options;
  }

  get isAlive(): boolean {
    return this.#process.isAlive;
  }

  async invoke(payload: string): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#settle = resolve;
    const timer = setTimeout(() => {
      resolve({ type: 'timed out' });
      this.kill();
    }, this.#definition.timeoutSeconds * 1_000);
    this.#process.send({ type: 'invoke', id: this.id, invocation: invocationOf(this.#definition, payload) });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  take(reply: SharedReply): void {
    if ('line' in reply) return this.#options.onLine(reply.line);
    if ('requests' in reply) return this.#options.onRequests(reply.requests);
    if ('peakBytes' in reply.answer) this.peakBytes = Math.max(this.peakBytes, reply.answer.peakBytes);
    this.end(reply.answer);
  }

  end(outcome: Outcome): void {
    this.#settle?.(outcome);
  }

  kill(): void {
    this.#process.kill();
  }
}
